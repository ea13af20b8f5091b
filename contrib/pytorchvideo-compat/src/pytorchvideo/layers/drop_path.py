"""Stochastic depth."""

from ptv_layers.drop_path import DropPath, drop_path

__all__ = ["DropPath", "drop_path"]
