"""ptv_executorch: the backend ``executorch``."""

from ptv_executorch.backend import ExecuTorch

__all__ = ["ExecuTorch"]
