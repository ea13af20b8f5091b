"""Multiscale vision transformers."""

from ptv_layers import SpatioTemporalClsPositionalEncoding
from ptv_mvit import (
    MultiScaleBlock,
    MultiscaleVisionTransformers,
    create_multiscale_vision_transformers,
    create_vit_basic_head,
)
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
