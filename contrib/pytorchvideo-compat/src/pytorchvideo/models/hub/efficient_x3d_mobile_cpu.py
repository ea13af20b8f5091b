"""The published EfficientX3Ds."""

import ptv_mobile
from pytorchvideo.models.accelerator.mobile_cpu.efficient_x3d import create_x3d
from pytorchvideo.models.hub.model import HubModel

__all__ = ["create_x3d", "efficient_x3d_s", "efficient_x3d_xs"]

efficient_x3d_s = HubModel("efficient_x3d_s", ptv_mobile.efficient_x3d_s)
efficient_x3d_xs = HubModel("efficient_x3d_xs", ptv_mobile.efficient_x3d_xs)
