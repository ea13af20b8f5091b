"""Heads."""

from ptv_mvit import SequencePool, VisionTransformerBasicHead, create_vit_basic_head
from ptv_resnet import ResNetBasicHead, ResNetRoIHead, create_res_basic_head, create_res_roi_pooling_head

__all__ = [
    "ResNetBasicHead",
    "ResNetRoIHead",
    "SequencePool",
    "VisionTransformerBasicHead",
    "create_res_basic_head",
    "create_res_roi_pooling_head",
    "create_vit_basic_head",
]
