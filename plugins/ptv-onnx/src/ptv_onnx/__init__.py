"""ptv_onnx: the backend ``onnx``."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_onnx.backend import OnnxRuntime

__all__ = ["OnnxRuntime"]

__getattr__, __dir__ = lazy_package(__name__)
