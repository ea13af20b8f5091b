"""SlowFast networks for video: a slow pathway, a fast one and what fuses them."""

from typing import TYPE_CHECKING, Final

from ptv_registry.lazy import lazy_names

if TYPE_CHECKING:
    from ptv_slowfast.fusion import FastToSlowFusionBuilder, FuseFastToSlow, create_fast_to_slow_fusion
    from ptv_slowfast.model import create_slowfast
    from ptv_slowfast.pathway import PoolConcatPathway
    from ptv_slowfast.published import slowfast_16x8_r101_50_50, slowfast_r50, slowfast_r50_detection, slowfast_r101
    from ptv_slowfast.roi_model import create_slowfast_with_roi_head

# Imported at the first use, for those who read the tables of published weights do without torch.
_HOMES: Final = {
    "FastToSlowFusionBuilder": "ptv_slowfast.fusion",
    "FuseFastToSlow": "ptv_slowfast.fusion",
    "PoolConcatPathway": "ptv_slowfast.pathway",
    "create_fast_to_slow_fusion": "ptv_slowfast.fusion",
    "create_slowfast": "ptv_slowfast.model",
    "create_slowfast_with_roi_head": "ptv_slowfast.roi_model",
    "slowfast_16x8_r101_50_50": "ptv_slowfast.published",
    "slowfast_r50": "ptv_slowfast.published",
    "slowfast_r50_detection": "ptv_slowfast.published",
    "slowfast_r101": "ptv_slowfast.published",
}

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

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
