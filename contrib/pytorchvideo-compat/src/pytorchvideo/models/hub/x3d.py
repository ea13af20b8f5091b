"""Published X3Ds."""

import ptv_x3d
from pytorchvideo.models.hub.model import HubModel

__all__ = ["x3d_l", "x3d_m", "x3d_s", "x3d_xs"]

x3d_l = HubModel("x3d_l", ptv_x3d.x3d_l)
x3d_m = HubModel("x3d_m", ptv_x3d.x3d_m)
x3d_s = HubModel("x3d_s", ptv_x3d.x3d_s)
x3d_xs = HubModel("x3d_xs", ptv_x3d.x3d_xs)
