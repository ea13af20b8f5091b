"""ptv_torchcodec: the decoder ``torchcodec``."""

from ptv_torchcodec.availability import require_torchcodec
from ptv_torchcodec.decoder import DecodedByPyAVWarning, TorchCodecVideo

__all__ = ["DecodedByPyAVWarning", "TorchCodecVideo", "require_torchcodec"]
