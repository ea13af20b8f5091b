"""The fully connected layer as an efficient block."""

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert

__all__ = ["FullyConnected"]


class FullyConnected(DocumentedConvert, ptv_mobile.FullyConnected):
    """As :class:`ptv_mobile.FullyConnected`, with the documented arguments of ``convert``."""
