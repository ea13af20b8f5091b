"""The efficient block of a module that is as good for the device as it is."""

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase

__all__ = ["EfficientBlockBase", "NoOpConvertBlock"]


class NoOpConvertBlock(DocumentedConvert, ptv_mobile.NoOpConvertBlock):
    """As :class:`ptv_mobile.NoOpConvertBlock`, with the documented arguments of ``convert``."""
