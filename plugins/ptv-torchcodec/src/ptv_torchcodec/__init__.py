"""ptv_torchcodec: the decoder ``torchcodec``."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_torchcodec.availability import require_torchcodec
    from ptv_torchcodec.decoder import DecodedByPyAVWarning, TorchCodecVideo

__all__ = ["DecodedByPyAVWarning", "TorchCodecVideo", "require_torchcodec"]

__getattr__, __dir__ = lazy_package(__name__)
