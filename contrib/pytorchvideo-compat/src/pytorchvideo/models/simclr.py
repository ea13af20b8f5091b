"""SimCLR."""

from ptv_ssl import SimCLR
from pytorchvideo.layers.utils import set_attributes

__all__ = ["SimCLR", "set_attributes"]
