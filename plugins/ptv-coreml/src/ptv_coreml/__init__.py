"""ptv_coreml: the backend ``coreml``."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_coreml.backend import CoreML

__all__ = ["CoreML"]

__getattr__, __dir__ = lazy_package(__name__)
