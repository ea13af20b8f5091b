"""The residual block of EfficientX3D."""

import ptv_mobile
from ptv_x3d import round_width
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase
from pytorchvideo.layers.accelerator.mobile_cpu.activation_functions import supported_act_functions
from pytorchvideo.layers.accelerator.mobile_cpu.attention import SqueezeExcitation
from pytorchvideo.layers.accelerator.mobile_cpu.convolutions import (
    Conv3d3x3x3DwBnAct,
    Conv3dPwBnAct,
    Conv3dTemporalKernel1BnAct,
)

__all__ = [
    "Conv3d3x3x3DwBnAct",
    "Conv3dPwBnAct",
    "Conv3dTemporalKernel1BnAct",
    "EfficientBlockBase",
    "SqueezeExcitation",
    "X3dBottleneckBlock",
    "round_width",
    "supported_act_functions",
]


class X3dBottleneckBlock(DocumentedConvert, ptv_mobile.X3dBottleneckBlock):
    """As :class:`ptv_mobile.X3dBottleneckBlock`, with the documented arguments of ``convert``."""
