"""Positional encodings."""

from ptv_layers import PositionalEncoding
from ptv_mvit import SpatioTemporalClsPositionalEncoding

__all__ = ["PositionalEncoding", "SpatioTemporalClsPositionalEncoding"]
