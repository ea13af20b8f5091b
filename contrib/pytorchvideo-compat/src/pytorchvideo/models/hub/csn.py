"""The published CSN."""

import ptv_csn
from pytorchvideo.models.hub.model import HubModel

__all__ = ["csn_r101"]

csn_r101 = HubModel("csn_r101", ptv_csn.csn_r101)
