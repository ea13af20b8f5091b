"""ptv_torchcodec: the decoder ``torchcodec``."""

from ptv_torchcodec.availability import require_torchcodec
from ptv_torchcodec.decoder import TorchCodecVideo

__all__ = ["TorchCodecVideo", "require_torchcodec"]
