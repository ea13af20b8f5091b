"""Published SlowFast networks."""

from collections.abc import Callable
from typing import Any

from torch import nn

import ptv_slowfast
from ptv_slowfast import create_slowfast, create_slowfast_with_roi_head
from pytorchvideo.models.hub.model import HubModel, checkpoints_of
from pytorchvideo.models.hub.utils import MODEL_ZOO_ROOT_DIR, load_published

__all__ = [
    "checkpoint_paths",
    "create_slowfast",
    "create_slowfast_with_roi_head",
    "root_dir",
    "slowfast_16x8_r101_50_50",
    "slowfast_r50",
    "slowfast_r50_detection",
    "slowfast_r101",
]

slowfast_16x8_r101_50_50 = HubModel("slowfast_16x8_r101_50_50", ptv_slowfast.slowfast_16x8_r101_50_50)
slowfast_r101 = HubModel("slowfast_r101", ptv_slowfast.slowfast_r101)
slowfast_r50 = HubModel("slowfast_r50", ptv_slowfast.slowfast_r50)
slowfast_r50_detection = HubModel("slowfast_r50_detection", ptv_slowfast.slowfast_r50_detection)

root_dir = MODEL_ZOO_ROOT_DIR
checkpoint_paths = checkpoints_of(slowfast_16x8_r101_50_50, slowfast_r101, slowfast_r50, slowfast_r50_detection)


def _slowfast(
    pretrained: bool = False,
    progress: bool = True,
    checkpoint_path: str = "",
    model_builder: Callable[..., nn.Module] = ptv_slowfast.create_slowfast,
    **kwargs: Any,
) -> nn.Module:
    """A SlowFast network of any settings, with weights from an address."""
    model = model_builder(**kwargs)
    return load_published(model, checkpoint_path, progress) if pretrained else model
