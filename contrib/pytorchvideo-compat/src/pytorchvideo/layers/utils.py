"""Rounding of widths and depths."""

from ptv_x3d import round_repeats, round_width

__all__ = ["round_repeats", "round_width"]
