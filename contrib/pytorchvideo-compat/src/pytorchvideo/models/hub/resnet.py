"""Published residual networks."""

import ptv_resnet
from ptv_resnet import create_resnet, create_resnet_with_roi_head
from pytorchvideo.models.hub.model import HubModel, checkpoints_of
from pytorchvideo.models.hub.utils import MODEL_ZOO_ROOT_DIR

__all__ = [
    "c2d_r50",
    "checkpoint_paths",
    "create_resnet",
    "create_resnet_with_roi_head",
    "i3d_r50",
    "root_dir",
    "slow_r50",
    "slow_r50_detection",
]

c2d_r50 = HubModel("c2d_r50", ptv_resnet.c2d_r50)
i3d_r50 = HubModel("i3d_r50", ptv_resnet.i3d_r50)
slow_r50 = HubModel("slow_r50", ptv_resnet.slow_r50)
slow_r50_detection = HubModel("slow_r50_detection", ptv_resnet.slow_r50_detection)

root_dir = MODEL_ZOO_ROOT_DIR
checkpoint_paths = checkpoints_of(c2d_r50, i3d_r50, slow_r50, slow_r50_detection)
