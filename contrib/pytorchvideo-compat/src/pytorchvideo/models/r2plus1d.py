"""R(2+1)D."""

from ptv_layers import create_conv_2plus1d
from ptv_r2plus1d import create_2plus1d_bottleneck_block, create_r2plus1d
from ptv_resnet import Net, create_bottleneck_block, create_res_basic_stem, create_res_stage
from pytorchvideo.models.head import create_res_basic_head

__all__ = [
    "Net",
    "create_2plus1d_bottleneck_block",
    "create_bottleneck_block",
    "create_conv_2plus1d",
    "create_r2plus1d",
    "create_res_basic_head",
    "create_res_basic_stem",
    "create_res_stage",
]
