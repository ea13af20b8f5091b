"""The published SlowFast networks (https://arxiv.org/abs/1812.03982): each is its builder with a row of arguments, all of
which may be given anew."""

from __future__ import annotations

from typing import Final

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_slowfast.model import create_slowfast
from ptv_slowfast.roi_model import create_slowfast_with_roi_head

TABLE: Final = published_models("ptv_slowfast")
_SIX_OF_23: Final = ((3, 1, 1),) * 6 + ((1, 1, 1),) * 17

slowfast_r50: Final = variant(
    "slowfast_r50",
    create_slowfast,
    """Build SlowFast 8x8 with 50 layers.

    Published for clips (1, 3, 8, 256, 256) and (1, 3, 32, 256, 256).""",
    table=TABLE,
    row={"model_depth": 50, "slowfast_fusion_conv_kernel_size": (7, 1, 1)},
)

slowfast_r101: Final = variant(
    "slowfast_r101",
    create_slowfast,
    """Build SlowFast 8x8 with 101 layers.

    Published for clips (1, 3, 8, 256, 256) and (1, 3, 32, 256, 256).""",
    table=TABLE,
    row={"model_depth": 101, "slowfast_fusion_conv_kernel_size": (5, 1, 1)},
)

slowfast_16x8_r101_50_50: Final = variant(
    "slowfast_16x8_r101_50_50",
    create_slowfast,
    """Build SlowFast 16x8 with 101 layers, of which the third stage filters over time in its first six blocks only.

    Published for clips (1, 3, 16, 256, 256) and (1, 3, 64, 256, 256).""",
    table=TABLE,
    row={
        "model_depth": 101,
        "slowfast_fusion_conv_kernel_size": (5, 1, 1),
        "stage_conv_a_kernel_sizes": (
            ((1, 1, 1), (1, 1, 1), _SIX_OF_23, (3, 1, 1)),
            ((3, 1, 1), (3, 1, 1), _SIX_OF_23, (3, 1, 1)),
        ),
        "head_pool_kernel_sizes": ((16, 7, 7), (64, 7, 7)),
    },
)

slowfast_r50_detection: Final = variant(
    "slowfast_r50_detection",
    create_slowfast_with_roi_head,
    """Build SlowFast 8x8 with 50 layers and a detection head, for AVA.

    Published for clips (1, 3, 8, 256, 256) and (1, 3, 32, 256, 256).""",
    table=TABLE,
    row={
        "model_depth": 50,
        "model_num_class": 80,
        "slowfast_fusion_conv_kernel_size": (7, 1, 1),
        "head_pool_kernel_sizes": ((8, 1, 1), (32, 1, 1)),
    },
)
