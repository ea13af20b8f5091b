"""``Kinetics``."""

from __future__ import annotations

from typing import Any

from ptv_registry.extending import takes_arguments_of
from pytorchvideo.data.clip_sampling import ClipSampler
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset, labeled_video_dataset

__all__ = ["ClipSampler", "Kinetics"]


@takes_arguments_of(labeled_video_dataset)
def Kinetics(arguments: dict[str, Any]) -> LabeledVideoDataset:
    """Clips of Kinetics; the arguments are those of :func:`pytorchvideo.data.labeled_video_dataset`."""
    return labeled_video_dataset(**arguments)
