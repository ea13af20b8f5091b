"""The fully connected layer as an efficient block."""

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert
from pytorchvideo.accelerator.efficient_blocks.no_op_convert_block import NoOpConvertBlock

__all__ = ["FullyConnected", "NoOpConvertBlock"]


class FullyConnected(DocumentedConvert, ptv_mobile.FullyConnected):
    """As :class:`ptv_mobile.FullyConnected`, with the documented arguments of ``convert``."""
