"""SlowFast."""

from ptv_slowfast import (
    FastToSlowFusionBuilder,
    FuseFastToSlow,
    PoolConcatPathway,
    create_slowfast,
    create_slowfast_with_roi_head,
)

__all__ = [
    "FastToSlowFusionBuilder",
    "FuseFastToSlow",
    "PoolConcatPathway",
    "create_slowfast",
    "create_slowfast_with_roi_head",
]
