"""ptv_openvino: the backend ``openvino``."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_openvino.backend import OpenVINO

__all__ = ["OpenVINO"]

__getattr__, __dir__ = lazy_package(__name__)
