"""The published multiscale vision transformers; the arguments of each function are its row of the table.

Fan et al. 2021, https://arxiv.org/abs/2104.11227.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_cards.clip_input import takes_clips
from ptv_cards.published_weights import has_weights
from ptv_cards.roles import Classes, Frames, PixelSizes
from ptv_layers.slots import Model
from ptv_mvit.model import create_multiscale_vision_transformers
from ptv_mvit.weights import CLIPS_16X4, CLIPS_32X3, MVIT_BASE_16, MVIT_BASE_16X4, MVIT_BASE_32X3

BASE_FACTORS = ((1, 2.0), (3, 2.0), (14, 2.0))
BASE_STRIDES_Q = ((1, 1, 2, 2), (3, 1, 2, 2), (14, 1, 2, 2))


@has_weights(*MVIT_BASE_16X4)
@takes_clips(CLIPS_16X4)
def mvit_base_16x4(
    *,
    spatial_size: PixelSizes = 224,
    temporal_size: Frames = 16,
    embed_dim_mul: Sequence[Sequence[float]] = BASE_FACTORS,
    atten_head_mul: Sequence[Sequence[float]] = BASE_FACTORS,
    pool_q_stride_size: Sequence[Sequence[int]] = BASE_STRIDES_Q,
    pool_kv_stride_adaptive: Sequence[int] = (1, 8, 8),
    pool_kvq_kernel: Sequence[int] = (3, 3, 3),
    head_num_classes: Classes = 400,
    model: Model = create_multiscale_vision_transformers,
) -> nn.Module:
    """MViT-B 16x4: 16 frames, every fourth of the video, 224 x 224 pixels; Kinetics-400.

    The arguments are those of :func:`create_multiscale_vision_transformers`, which ``model`` stands for; others are set
    on it, as in ``mvit_base_16x4(model=mvit(droppath_rate_block=0.2))``.
    """
    return model(
        spatial_size=spatial_size,
        temporal_size=temporal_size,
        embed_dim_mul=embed_dim_mul,
        atten_head_mul=atten_head_mul,
        pool_q_stride_size=pool_q_stride_size,
        pool_kv_stride_adaptive=pool_kv_stride_adaptive,
        pool_kvq_kernel=pool_kvq_kernel,
        head_num_classes=head_num_classes,
    )


@has_weights(*MVIT_BASE_32X3)
@takes_clips(CLIPS_32X3)
def mvit_base_32x3(
    *,
    spatial_size: PixelSizes = 224,
    temporal_size: Frames = 32,
    embed_dim_mul: Sequence[Sequence[float]] = BASE_FACTORS,
    atten_head_mul: Sequence[Sequence[float]] = BASE_FACTORS,
    pool_q_stride_size: Sequence[Sequence[int]] = BASE_STRIDES_Q,
    pool_kv_stride_adaptive: Sequence[int] = (1, 8, 8),
    pool_kvq_kernel: Sequence[int] = (3, 3, 3),
    head_num_classes: Classes = 400,
    model: Model = create_multiscale_vision_transformers,
) -> nn.Module:
    """MViT-B 32x3: 32 frames, every third of the video, 224 x 224 pixels; Kinetics-400.

    The arguments are those of :func:`mvit_base_16x4`.
    """
    return model(
        spatial_size=spatial_size,
        temporal_size=temporal_size,
        embed_dim_mul=embed_dim_mul,
        atten_head_mul=atten_head_mul,
        pool_q_stride_size=pool_q_stride_size,
        pool_kv_stride_adaptive=pool_kv_stride_adaptive,
        pool_kvq_kernel=pool_kvq_kernel,
        head_num_classes=head_num_classes,
    )


@has_weights(*MVIT_BASE_16)
def mvit_base_16(
    *,
    spatial_size: PixelSizes = 224,
    conv_patch_embed_kernel: Sequence[int] = (7, 7),
    conv_patch_embed_stride: Sequence[int] = (4, 4),
    conv_patch_embed_padding: Sequence[int] = (3, 3),
    embed_dim_mul: Sequence[Sequence[float]] = BASE_FACTORS,
    atten_head_mul: Sequence[Sequence[float]] = BASE_FACTORS,
    pool_q_stride_size: Sequence[Sequence[int]] = BASE_STRIDES_Q,
    pool_kv_stride_adaptive: Sequence[int] = (1, 4, 4),
    pool_kvq_kernel: Sequence[int] = (1, 3, 3),
    head_num_classes: Classes = 400,
    model: Model = create_multiscale_vision_transformers,
) -> nn.Module:
    """MViT-B 16 for images (B, C, H, W) of 224 x 224 pixels; ImageNet, whose checkpoint has 1000 classes.

    The arguments are those of :func:`mvit_base_16x4`.
    """
    return model(
        spatial_size=spatial_size,
        temporal_size=1,
        use_2d_patch=True,
        conv_patch_embed_kernel=conv_patch_embed_kernel,
        conv_patch_embed_stride=conv_patch_embed_stride,
        conv_patch_embed_padding=conv_patch_embed_padding,
        embed_dim_mul=embed_dim_mul,
        atten_head_mul=atten_head_mul,
        pool_q_stride_size=pool_q_stride_size,
        pool_kv_stride_adaptive=pool_kv_stride_adaptive,
        pool_kvq_kernel=pool_kvq_kernel,
        head_num_classes=head_num_classes,
    )
