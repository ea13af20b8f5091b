"""Published SlowFast networks."""

import ptv_slowfast
from pytorchvideo.models.hub.model import HubModel

__all__ = ["slowfast_16x8_r101_50_50", "slowfast_r50", "slowfast_r50_detection", "slowfast_r101"]

slowfast_16x8_r101_50_50 = HubModel("slowfast_16x8_r101_50_50", ptv_slowfast.slowfast_16x8_r101_50_50)
slowfast_r101 = HubModel("slowfast_r101", ptv_slowfast.slowfast_r101)
slowfast_r50 = HubModel("slowfast_r50", ptv_slowfast.slowfast_r50)
slowfast_r50_detection = HubModel("slowfast_r50_detection", ptv_slowfast.slowfast_r50_detection)
