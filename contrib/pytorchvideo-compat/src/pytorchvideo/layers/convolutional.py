"""Convolutions, under the name that the manual gives this module in places."""

from ptv_layers import Conv2plus1d, ConvReduce3D, create_conv_2plus1d

__all__ = ["Conv2plus1d", "ConvReduce3D", "create_conv_2plus1d"]
