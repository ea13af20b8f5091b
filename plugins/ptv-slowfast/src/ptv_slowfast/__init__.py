"""SlowFast networks for video: a slow pathway, a fast one and what fuses them."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_slowfast.fusion import FastToSlowFusionBuilder, FuseFastToSlow, create_fast_to_slow_fusion
    from ptv_slowfast.model import create_slowfast
    from ptv_slowfast.pathway import PoolConcatPathway
    from ptv_slowfast.published import slowfast_16x8_r101_50_50, slowfast_r50, slowfast_r50_detection, slowfast_r101
    from ptv_slowfast.roi_model import create_slowfast_with_roi_head

__all__ = [
    "FastToSlowFusionBuilder",
    "FuseFastToSlow",
    "PoolConcatPathway",
    "create_fast_to_slow_fusion",
    "create_slowfast",
    "create_slowfast_with_roi_head",
    "slowfast_16x8_r101_50_50",
    "slowfast_r50",
    "slowfast_r50_detection",
    "slowfast_r101",
]

__getattr__, __dir__ = lazy_package(__name__)
