"""Multiscale vision transformers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch import nn

import ptv_mvit
from ptv_layers import SpatioTemporalClsPositionalEncoding
from ptv_mvit import MultiScaleBlock, MultiscaleVisionTransformers, create_vit_basic_head
from ptv_resnet import create_conv_patch_embed
from ptv_x3d import round_width
from pytorchvideo.layers.utils import set_attributes
from pytorchvideo.models.weight_init import init_net_weights

__all__ = [
    "MultiScaleBlock",
    "MultiscaleVisionTransformers",
    "SpatioTemporalClsPositionalEncoding",
    "create_conv_patch_embed",
    "create_multiscale_vision_transformers",
    "create_vit_basic_head",
    "init_net_weights",
    "round_width",
    "set_attributes",
]


@functools.wraps(ptv_mvit.create_multiscale_vision_transformers)
def create_multiscale_vision_transformers(
    *,
    create_scriptable_model: bool = False,
    multiscale_vit_class: Callable[..., nn.Module] = MultiscaleVisionTransformers,
    **settings: Any,
) -> nn.Module:
    """As :func:`ptv_mvit.create_multiscale_vision_transformers`, with the original's choice of a class for the parts.

    Every model can be scripted, so ``create_scriptable_model`` changes nothing.
    """
    model: Any = ptv_mvit.create_multiscale_vision_transformers(**settings)
    if multiscale_vit_class is MultiscaleVisionTransformers:
        return model
    parts = ("patch_embed", "cls_positional_encoding", "pos_drop", "norm_patch_embed", "blocks", "norm_embed", "head")
    return multiscale_vit_class(**{part: getattr(model, part) for part in parts})
