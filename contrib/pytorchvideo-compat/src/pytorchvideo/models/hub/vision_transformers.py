"""Published multiscale vision transformers."""

import ptv_mvit
from pytorchvideo.models.hub.model import HubModel

__all__ = ["mvit_base_16", "mvit_base_16x4", "mvit_base_32x3"]

mvit_base_16 = HubModel("mvit_base_16", ptv_mvit.mvit_base_16)
mvit_base_16x4 = HubModel("mvit_base_16x4", ptv_mvit.mvit_base_16x4)
mvit_base_32x3 = HubModel("mvit_base_32x3", ptv_mvit.mvit_base_32x3)
