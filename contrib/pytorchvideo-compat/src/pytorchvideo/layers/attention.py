"""Multiscale attention."""

from ptv_layers import DropPath
from ptv_mvit import Mlp, MultiScaleAttention, MultiScaleBlock

__all__ = ["DropPath", "Mlp", "MultiScaleAttention", "MultiScaleBlock"]
