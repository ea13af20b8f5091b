"""ptv_openvino: the backend ``openvino``."""

from ptv_openvino.backend import OpenVINO

__all__ = ["OpenVINO"]
