"""The published models of MViTv2, rows of the builder's arguments.

Li et al. 2022, https://arxiv.org/abs/2112.01526: the attention adds pooled queries to its output and knows distances, so
that tokens need no encoding of their places.
"""

from __future__ import annotations

from typing import Any, Final

from ptv_layers.variant import variant
from ptv_mvit.model import create_multiscale_vision_transformers
from ptv_mvit.weights import CLIPS_16X4, CLIPS_32X3, MVIT_V2_BASE_32X3, MVIT_V2_SMALL_16X4

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
}


def _doubling(depth: int, blocks: tuple[int, ...]) -> dict[str, Any]:
    """Channels and heads double, and the grid halves, at these blocks; the queries of all are pooled."""
    return {
        "depth": depth,
        "embed_dim_mul": tuple((block, 2.0) for block in blocks),
        "atten_head_mul": tuple((block, 2.0) for block in blocks),
        "pool_q_stride_size": tuple((i, 1, 2, 2) if i in blocks else (i, 1, 1, 1) for i in range(depth)),
    }


mvit_v2_small_16x4 = variant(
    "mvit_v2_small_16x4",
    create_multiscale_vision_transformers,
    "MViTv2-S 16x4: 16 frames, every fourth of the video, 224 x 224 pixels; Kinetics-400.",
    clips=CLIPS_16X4,
    weights=MVIT_V2_SMALL_16X4,
    row={**_VERSION_2, **_doubling(16, (1, 3, 14)), "temporal_size": 16},
)

mvit_v2_base_32x3 = variant(
    "mvit_v2_base_32x3",
    create_multiscale_vision_transformers,
    "MViTv2-B 32x3: 32 frames, every third of the video, 224 x 224 pixels; Kinetics-400.",
    clips=CLIPS_32X3,
    weights=MVIT_V2_BASE_32X3,
    row={**_VERSION_2, **_doubling(24, (2, 5, 21)), "temporal_size": 32},
)
