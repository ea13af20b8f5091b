"""Positional encodings."""

from ptv_layers import PositionalEncoding, SpatioTemporalClsPositionalEncoding

__all__ = ["PositionalEncoding", "SpatioTemporalClsPositionalEncoding"]
