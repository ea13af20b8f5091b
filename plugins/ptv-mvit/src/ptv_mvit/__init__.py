"""Multiscale vision transformers, see https://arxiv.org/abs/2104.11227."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_layers import SpatioTemporalClsPositionalEncoding
    from ptv_mvit.attention import AttentionPool, MultiScaleAttention
    from ptv_mvit.block import MultiScaleBlock
    from ptv_mvit.head import SequencePool, VisionTransformerBasicHead, create_vit_basic_head
    from ptv_mvit.mlp import Mlp
    from ptv_mvit.model import MultiscaleVisionTransformers, create_multiscale_vision_transformers
    from ptv_mvit.norm import TokenLayerNorm
    from ptv_mvit.published import mvit_base_16, mvit_base_16x4, mvit_base_32x3, mvit_v2_base_32x3, mvit_v2_small_16x4
    from ptv_resnet.stem import PatchEmbed, create_conv_patch_embed

__all__ = [
    "AttentionPool",
    "Mlp",
    "MultiScaleAttention",
    "MultiScaleBlock",
    "MultiscaleVisionTransformers",
    "PatchEmbed",
    "SequencePool",
    "SpatioTemporalClsPositionalEncoding",
    "TokenLayerNorm",
    "VisionTransformerBasicHead",
    "create_conv_patch_embed",
    "create_multiscale_vision_transformers",
    "create_vit_basic_head",
    "mvit_base_16",
    "mvit_base_16x4",
    "mvit_base_32x3",
    "mvit_v2_base_32x3",
    "mvit_v2_small_16x4",
]

__getattr__, __dir__ = lazy_package(__name__)
