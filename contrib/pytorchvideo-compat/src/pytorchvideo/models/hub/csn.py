"""The published CSN."""

import ptv_csn
from ptv_csn import create_csn
from pytorchvideo.models.hub.model import HubModel, checkpoints_of
from pytorchvideo.models.hub.utils import MODEL_ZOO_ROOT_DIR

__all__ = ["checkpoint_paths", "create_csn", "csn_r101", "root_dir"]

csn_r101 = HubModel("csn_r101", ptv_csn.csn_r101)

root_dir = f"{MODEL_ZOO_ROOT_DIR}/kinetics"
checkpoint_paths = checkpoints_of(csn_r101)
