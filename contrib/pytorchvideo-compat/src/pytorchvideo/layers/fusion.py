"""Fusion of features."""

from ptv_layers import ConcatFusion, ReduceFusion, TemporalConcatFusion, make_fusion_layer

__all__ = ["ConcatFusion", "ReduceFusion", "TemporalConcatFusion", "make_fusion_layer"]
