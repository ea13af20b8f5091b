"""Non-local blocks."""

from ptv_layers import NonLocal, create_nonlocal
from pytorchvideo.layers.utils import set_attributes

__all__ = ["NonLocal", "create_nonlocal", "set_attributes"]
