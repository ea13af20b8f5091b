"""ptv_coreml: the backend ``coreml``."""

from ptv_coreml.backend import CoreML

__all__ = ["CoreML"]
