"""SlowFast."""

from ptv_resnet import (
    DetectionBBoxNetwork,
    MultiPathWayWithFuse,
    Net,
    create_bottleneck_block,
    create_res_basic_stem,
    create_res_roi_pooling_head,
    create_res_stage,
)
from ptv_slowfast import (
    FastToSlowFusionBuilder,
    FuseFastToSlow,
    PoolConcatPathway,
    create_slowfast,
    create_slowfast_with_roi_head,
)
from pytorchvideo.layers.utils import set_attributes
from pytorchvideo.models.head import create_res_basic_head

__all__ = [
    "DetectionBBoxNetwork",
    "FastToSlowFusionBuilder",
    "FuseFastToSlow",
    "MultiPathWayWithFuse",
    "Net",
    "PoolConcatPathway",
    "create_bottleneck_block",
    "create_res_basic_head",
    "create_res_basic_stem",
    "create_res_roi_pooling_head",
    "create_res_stage",
    "create_slowfast",
    "create_slowfast_with_roi_head",
    "set_attributes",
]
