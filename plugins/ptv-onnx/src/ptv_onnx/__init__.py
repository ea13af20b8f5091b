"""ptv_onnx: the backend ``onnx``."""

from ptv_onnx.backend import Onnx

__all__ = ["Onnx"]
