"""The published R(2+1)D."""

import ptv_r2plus1d
from ptv_r2plus1d import create_r2plus1d
from pytorchvideo.models.hub.model import HubModel, checkpoints_of
from pytorchvideo.models.hub.utils import MODEL_ZOO_ROOT_DIR

__all__ = ["checkpoint_paths", "create_r2plus1d", "r2plus1d_r50", "root_dir"]

r2plus1d_r50 = HubModel("r2plus1d_r50", ptv_r2plus1d.r2plus1d_r50)

root_dir = f"{MODEL_ZOO_ROOT_DIR}/kinetics"
checkpoint_paths = checkpoints_of(r2plus1d_r50)
