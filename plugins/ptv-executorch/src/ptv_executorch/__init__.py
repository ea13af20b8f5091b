"""ptv_executorch: the backend ``executorch``."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_executorch.backend import ExecuTorch

__all__ = ["ExecuTorch"]

__getattr__, __dir__ = lazy_package(__name__)
