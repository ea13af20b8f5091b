"""ptv_onnx: the backend ``onnx``."""

from ptv_onnx.backend import OnnxRuntime

__all__ = ["OnnxRuntime"]
