"""Positional encodings."""

from ptv_layers import PositionalEncoding, SpatioTemporalClsPositionalEncoding
from ptv_layers.sincos_positions import (
    get_1d_sincos_pos_embed_from_grid,
    get_2d_sincos_pos_embed,
    get_2d_sincos_pos_embed_from_grid,
    get_3d_sincos_pos_embed,
)

__all__ = [
    "PositionalEncoding",
    "SpatioTemporalClsPositionalEncoding",
    "get_1d_sincos_pos_embed_from_grid",
    "get_2d_sincos_pos_embed",
    "get_2d_sincos_pos_embed_from_grid",
    "get_3d_sincos_pos_embed",
]
