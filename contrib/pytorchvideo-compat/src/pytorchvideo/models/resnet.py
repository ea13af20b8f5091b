"""Building blocks of residual networks."""

from ptv_resnet import (
    BottleneckBlock,
    ResBlock,
    ResStage,
    SeparableBottleneckBlock,
    create_acoustic_bottleneck_block,
    create_acoustic_resnet,
    create_bottleneck_block,
    create_res_block,
    create_res_stage,
    create_resnet,
    create_resnet_with_roi_head,
)

__all__ = [
    "BottleneckBlock",
    "ResBlock",
    "ResStage",
    "SeparableBottleneckBlock",
    "create_acoustic_bottleneck_block",
    "create_acoustic_resnet",
    "create_bottleneck_block",
    "create_res_block",
    "create_res_stage",
    "create_resnet",
    "create_resnet_with_roi_head",
]
