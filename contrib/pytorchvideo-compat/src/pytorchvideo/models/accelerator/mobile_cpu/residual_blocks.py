"""The residual block of EfficientX3D."""

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert

__all__ = ["X3dBottleneckBlock"]


class X3dBottleneckBlock(DocumentedConvert, ptv_mobile.X3dBottleneckBlock):
    """As :class:`ptv_mobile.X3dBottleneckBlock`, with the documented arguments of ``convert``."""
