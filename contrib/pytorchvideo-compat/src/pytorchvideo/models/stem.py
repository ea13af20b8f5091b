"""Stems."""

from ptv_layers import ConvReduce3D
from ptv_resnet import (
    PatchEmbed,
    ResNetBasicStem,
    create_acoustic_res_basic_stem,
    create_conv_patch_embed,
    create_res_basic_stem,
)
from pytorchvideo.layers.utils import set_attributes

__all__ = [
    "ConvReduce3D",
    "PatchEmbed",
    "ResNetBasicStem",
    "create_acoustic_res_basic_stem",
    "create_conv_patch_embed",
    "create_res_basic_stem",
    "set_attributes",
]
