"""Published X3Ds."""

import ptv_x3d
from ptv_x3d import create_x3d
from pytorchvideo.models.hub.model import HubModel, checkpoints_of
from pytorchvideo.models.hub.utils import MODEL_ZOO_ROOT_DIR

__all__ = ["checkpoint_paths", "create_x3d", "root_dir", "x3d_l", "x3d_m", "x3d_s", "x3d_xs"]

x3d_l = HubModel("x3d_l", ptv_x3d.x3d_l)
x3d_m = HubModel("x3d_m", ptv_x3d.x3d_m)
x3d_s = HubModel("x3d_s", ptv_x3d.x3d_s)
x3d_xs = HubModel("x3d_xs", ptv_x3d.x3d_xs)

root_dir = f"{MODEL_ZOO_ROOT_DIR}/kinetics"
checkpoint_paths = checkpoints_of(x3d_l, x3d_m, x3d_s, x3d_xs)
