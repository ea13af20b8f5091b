"""X3D."""

from ptv_layers import Conv2plus1d, Swish
from ptv_resnet import BottleneckBlock, Net, ResBlock, ResNetBasicHead, ResNetBasicStem, ResStage
from ptv_x3d import (
    ProjectedPool,
    create_x3d,
    create_x3d_bottleneck_block,
    create_x3d_head,
    create_x3d_res_block,
    create_x3d_res_stage,
    create_x3d_stem,
    round_repeats,
    round_width,
)
from pytorchvideo.layers.utils import set_attributes

__all__ = [
    "BottleneckBlock",
    "Conv2plus1d",
    "Net",
    "ProjectedPool",
    "ResBlock",
    "ResNetBasicHead",
    "ResNetBasicStem",
    "ResStage",
    "Swish",
    "create_x3d",
    "create_x3d_bottleneck_block",
    "create_x3d_head",
    "create_x3d_res_block",
    "create_x3d_res_stage",
    "create_x3d_stem",
    "round_repeats",
    "round_width",
    "set_attributes",
]
