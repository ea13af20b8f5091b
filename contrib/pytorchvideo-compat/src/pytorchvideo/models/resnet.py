"""Building blocks of residual networks."""

import operator

from ptv_resnet import (
    BottleneckBlock,
    DetectionBBoxNetwork,
    Net,
    ResBlock,
    ResStage,
    SeparableBottleneckBlock,
    create_acoustic_bottleneck_block,
    create_acoustic_res_basic_stem,
    create_acoustic_resnet,
    create_bottleneck_block,
    create_res_basic_stem,
    create_res_block,
    create_res_roi_pooling_head,
    create_res_stage,
    create_resnet,
    create_resnet_with_roi_head,
)
from ptv_resnet.model import STAGE_DEPTHS
from pytorchvideo.layers.utils import set_attributes
from pytorchvideo.models.head import create_res_basic_head

__all__ = [
    "BottleneckBlock",
    "DetectionBBoxNetwork",
    "Net",
    "ResBlock",
    "ResStage",
    "SeparableBottleneckBlock",
    "create_acoustic_bottleneck_block",
    "create_acoustic_res_basic_stem",
    "create_acoustic_resnet",
    "create_bottleneck_block",
    "create_res_basic_head",
    "create_res_basic_stem",
    "create_res_block",
    "create_res_roi_pooling_head",
    "create_res_stage",
    "create_resnet",
    "create_resnet_with_roi_head",
    "set_attributes",
]

_MODEL_STAGE_DEPTH = {depth: blocks for depth, blocks in STAGE_DEPTHS.items() if depth in (50, 101, 152)}
_trivial_sum = operator.add
