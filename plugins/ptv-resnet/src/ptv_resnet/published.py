"""The published models that are ResNets: each is its builder with a row of arguments, each of which can be overridden."""

from __future__ import annotations

from typing import Final

from torch import nn

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_resnet.model import create_resnet
from ptv_resnet.roi_model import create_resnet_with_roi_head

TABLE: Final = published_models("ptv_resnet")

slow_r50: Final = variant(
    "slow_r50",
    create_resnet,
    """Build the slow pathway of SlowFast as a network of its own, 8 frames x stride 8 (https://arxiv.org/abs/1812.03982).

    Published for clips (B, 3, 8, 256, 256).""",
    table=TABLE,
    row={"model_depth": 50, "stem_conv_kernel_size": (1, 7, 7), "head_pool_kernel_size": (8, 7, 7)},
)

c2d_r50: Final = variant(
    "c2d_r50",
    create_resnet,
    """Build C2D, convolutions over space only, 8 frames x stride 8 (https://arxiv.org/abs/1711.07971).

    Published for clips (B, 3, 8, 256, 256).""",
    table=TABLE,
    row={
        "model_depth": 50,
        "stem_conv_kernel_size": (1, 7, 7),
        "stage1_pool": nn.MaxPool3d,
        "stage_conv_a_kernel_size": ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        "head_pool_kernel_size": (4, 7, 7),
    },
)

i3d_r50: Final = variant(
    "i3d_r50",
    create_resnet,
    """Build I3D, an inflated ResNet-50, 8 frames x stride 8 (https://arxiv.org/abs/1705.07750).

    Published for clips (B, 3, 8, 256, 256).""",
    table=TABLE,
    row={
        "model_depth": 50,
        "stem_conv_kernel_size": (5, 7, 7),
        "stage1_pool": nn.MaxPool3d,
        "stage_conv_a_kernel_size": (
            (3, 1, 1),
            ((3, 1, 1), (1, 1, 1)),
            ((3, 1, 1), (1, 1, 1)),
            ((1, 1, 1), (3, 1, 1)),
        ),
        "head_pool_kernel_size": (4, 7, 7),
    },
)

slow_r50_detection: Final = variant(
    "slow_r50_detection",
    create_resnet_with_roi_head,
    """Build the slow pathway with a detection head, 4 frames x stride 16, for AVA (https://arxiv.org/abs/1812.03982).

    Published for clips (B, 3, 4, 256, 256).""",
    table=TABLE,
    row={"model_depth": 50, "model_num_class": 80, "head_pool_kernel_size": (4, 1, 1)},
)
