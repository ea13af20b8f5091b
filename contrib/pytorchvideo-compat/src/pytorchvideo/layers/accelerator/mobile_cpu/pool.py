"""Adaptive pools as efficient blocks."""

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase
from pytorchvideo.accelerator.efficient_blocks.no_op_convert_block import NoOpConvertBlock

__all__ = [
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool2dOutSize1",
    "AdaptiveAvgPool3d",
    "AdaptiveAvgPool3dOutSize1",
    "EfficientBlockBase",
    "NoOpConvertBlock",
]


class AdaptiveAvgPool2d(DocumentedConvert, ptv_mobile.AdaptiveAvgPool2d):
    """As :class:`ptv_mobile.AdaptiveAvgPool2d`, with the documented arguments of ``convert``."""


class AdaptiveAvgPool2dOutSize1(DocumentedConvert, ptv_mobile.AdaptiveAvgPool2dOutSize1):
    """As :class:`ptv_mobile.AdaptiveAvgPool2dOutSize1`, with the documented arguments of ``convert``."""


class AdaptiveAvgPool3d(DocumentedConvert, ptv_mobile.AdaptiveAvgPool3d):
    """As :class:`ptv_mobile.AdaptiveAvgPool3d`, with the documented arguments of ``convert``."""


class AdaptiveAvgPool3dOutSize1(DocumentedConvert, ptv_mobile.AdaptiveAvgPool3dOutSize1):
    """As :class:`ptv_mobile.AdaptiveAvgPool3dOutSize1`, with the documented arguments of ``convert``."""
