"""Stems."""

from ptv_resnet import (
    PatchEmbed,
    ResNetBasicStem,
    create_acoustic_res_basic_stem,
    create_conv_patch_embed,
    create_res_basic_stem,
)

__all__ = [
    "PatchEmbed",
    "ResNetBasicStem",
    "create_acoustic_res_basic_stem",
    "create_conv_patch_embed",
    "create_res_basic_stem",
]
