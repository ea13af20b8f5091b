"""Heads."""

from __future__ import annotations

import functools
from typing import Any

from torch import nn

import ptv_resnet
from ptv_mvit import SequencePool, VisionTransformerBasicHead, create_vit_basic_head
from ptv_resnet import ResNetBasicHead, ResNetRoIHead, create_res_roi_pooling_head
from pytorchvideo.layers.utils import set_attributes

__all__ = [
    "ResNetBasicHead",
    "ResNetRoIHead",
    "SequencePool",
    "VisionTransformerBasicHead",
    "create_res_basic_head",
    "create_res_roi_pooling_head",
    "create_vit_basic_head",
    "set_attributes",
]


@functools.wraps(ptv_resnet.create_res_basic_head)
def create_res_basic_head(in_features: int, out_features: int, **settings: Any) -> nn.Module:
    """As :func:`ptv_resnet.create_res_basic_head`, with both sizes by position too, as the documentation's example has."""
    return ptv_resnet.create_res_basic_head(in_features=in_features, out_features=out_features, **settings)
