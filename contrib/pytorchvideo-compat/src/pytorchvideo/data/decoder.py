"""The decoders by name."""

from enum import Enum

__all__ = ["DecoderType"]


class DecoderType(Enum):
    """The original's decoders."""

    PYAV = "pyav"
    TORCHVISION = "torchvision"
    DECORD = "decord"
