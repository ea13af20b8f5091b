"""The base of efficient blocks."""

from ptv_mobile import EfficientBlock as EfficientBlockBase

__all__ = ["EfficientBlockBase"]
