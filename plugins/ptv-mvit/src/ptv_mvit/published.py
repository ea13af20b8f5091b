"""The published multiscale vision transformers: each is its builder with a row of arguments, each of which can be overridden.

Fan et al. 2021, https://arxiv.org/abs/2104.11227.
"""

from __future__ import annotations

from typing import Any, Final

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_mvit.model import create_multiscale_vision_transformers

TABLE: Final = published_models("ptv_mvit")

_DOUBLED: Final = ((1, 2.0), (3, 2.0), (14, 2.0))
_BASE: Final[dict[str, Any]] = {
    "spatial_size": 224,
    "embed_dim_mul": _DOUBLED,
    "atten_head_mul": _DOUBLED,
    "pool_q_stride_size": ((1, 1, 2, 2), (3, 1, 2, 2), (14, 1, 2, 2)),
    "head_num_classes": 400,
}

mvit_base_16x4: Final = variant(
    "mvit_base_16x4",
    create_multiscale_vision_transformers,
    "MViT-B 16x4: 16 frames, every fourth of the video, 224 x 224 pixels; Kinetics-400.",
    table=TABLE,
    row={**_BASE, "temporal_size": 16, "pool_kv_stride_adaptive": (1, 8, 8), "pool_kvq_kernel": (3, 3, 3)},
)

mvit_base_32x3: Final = variant(
    "mvit_base_32x3",
    create_multiscale_vision_transformers,
    "MViT-B 32x3: 32 frames, every third of the video, 224 x 224 pixels; Kinetics-400.",
    table=TABLE,
    row={**_BASE, "temporal_size": 32, "pool_kv_stride_adaptive": (1, 8, 8), "pool_kvq_kernel": (3, 3, 3)},
)

mvit_base_16: Final = variant(
    "mvit_base_16",
    create_multiscale_vision_transformers,
    "MViT-B 16 for images (B, C, H, W) of 224 x 224 pixels; ImageNet, whose checkpoint has 1000 classes.",
    table=TABLE,
    row={
        **_BASE,
        "temporal_size": 1,
        "use_2d_patch": True,
        "conv_patch_embed_kernel": (7, 7),
        "conv_patch_embed_stride": (4, 4),
        "conv_patch_embed_padding": (3, 3),
        "pool_kv_stride_adaptive": (1, 4, 4),
        "pool_kvq_kernel": (1, 3, 3),
    },
)

# Li et al. 2022, https://arxiv.org/abs/2112.01526: queries that are pooled in every block are added to the attention's
# output, and the attention knows distances, so that tokens need no encoding of their places.
_VERSION_2: Final[dict[str, Any]] = {
    "spatial_size": 224,
    "positional_encoding": None,
    "rel_pos_spatial": True,
    "rel_pos_temporal": True,
    "residual_pool": True,
    "residual_pool_cls": False,
    "separate_qkv": False,
    "dim_mul_in_att": True,
    "pool_kv_stride_adaptive": (1, 8, 8),
    "pool_kvq_kernel": (3, 3, 3),
    "head_num_classes": 400,
}

mvit_v2_small_16x4: Final = variant(
    "mvit_v2_small_16x4",
    create_multiscale_vision_transformers,
    "MViTv2-S 16x4: 16 frames, every fourth of the video, 224 x 224 pixels; Kinetics-400.",
    table=TABLE,
    row={
        **_VERSION_2,
        "temporal_size": 16,
        "embed_dim_mul": _DOUBLED,
        "atten_head_mul": _DOUBLED,
        "pool_q_stride_size": tuple((i, 1, 2, 2) if i in (1, 3, 14) else (i, 1, 1, 1) for i in range(16)),
    },
)

mvit_v2_base_32x3: Final = variant(
    "mvit_v2_base_32x3",
    create_multiscale_vision_transformers,
    "MViTv2-B 32x3: 32 frames, every third of the video, 224 x 224 pixels; Kinetics-400.",
    table=TABLE,
    row={
        **_VERSION_2,
        "temporal_size": 32,
        "depth": 24,
        "embed_dim_mul": ((2, 2.0), (5, 2.0), (21, 2.0)),
        "atten_head_mul": ((2, 2.0), (5, 2.0), (21, 2.0)),
        "pool_q_stride_size": tuple((i, 1, 2, 2) if i in (2, 5, 21) else (i, 1, 1, 1) for i in range(24)),
    },
)
