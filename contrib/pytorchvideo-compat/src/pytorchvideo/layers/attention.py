"""Multiscale attention."""

from ptv_mvit import Mlp, MultiScaleAttention, MultiScaleBlock

__all__ = ["Mlp", "MultiScaleAttention", "MultiScaleBlock"]
