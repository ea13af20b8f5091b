"""EfficientX3D."""

from ptv_mobile import EfficientX3d
from pytorchvideo.layers.accelerator.mobile_cpu.activation_functions import supported_act_functions
from pytorchvideo.layers.accelerator.mobile_cpu.convolutions import (
    Conv3d5x1x1BnAct,
    Conv3dPwBnAct,
    Conv3dTemporalKernel1BnAct,
)
from pytorchvideo.layers.accelerator.mobile_cpu.fully_connected import FullyConnected
from pytorchvideo.layers.accelerator.mobile_cpu.pool import AdaptiveAvgPool3dOutSize1
from pytorchvideo.models.accelerator.mobile_cpu.residual_blocks import X3dBottleneckBlock

__all__ = [
    "AdaptiveAvgPool3dOutSize1",
    "Conv3d5x1x1BnAct",
    "Conv3dPwBnAct",
    "Conv3dTemporalKernel1BnAct",
    "EfficientX3d",
    "FullyConnected",
    "X3dBottleneckBlock",
    "create_x3d",
    "supported_act_functions",
]

create_x3d = EfficientX3d
