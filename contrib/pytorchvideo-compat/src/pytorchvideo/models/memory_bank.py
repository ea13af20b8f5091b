"""Non-parametric instance discrimination with a memory bank."""

from ptv_ssl import MemoryBank
from pytorchvideo.layers.utils import set_attributes

__all__ = ["MemoryBank", "set_attributes"]
