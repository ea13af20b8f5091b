"""The published R(2+1)D."""

import ptv_r2plus1d
from pytorchvideo.models.hub.model import HubModel

__all__ = ["r2plus1d_r50"]

r2plus1d_r50 = HubModel("r2plus1d_r50", ptv_r2plus1d.r2plus1d_r50)
