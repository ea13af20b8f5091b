"""Convolutions."""

from ptv_layers import Conv2plus1d, ConvReduce3D, create_conv_2plus1d
from pytorchvideo.layers.utils import set_attributes

__all__ = ["Conv2plus1d", "ConvReduce3D", "create_conv_2plus1d", "set_attributes"]
