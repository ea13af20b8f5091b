"""Published residual networks."""

import ptv_resnet
from pytorchvideo.models.hub.model import HubModel

__all__ = ["c2d_r50", "i3d_r50", "slow_r50", "slow_r50_detection"]

c2d_r50 = HubModel("c2d_r50", ptv_resnet.c2d_r50)
i3d_r50 = HubModel("i3d_r50", ptv_resnet.i3d_r50)
slow_r50 = HubModel("slow_r50", ptv_resnet.slow_r50)
slow_r50_detection = HubModel("slow_r50_detection", ptv_resnet.slow_r50_detection)
