"""``Ucf101``."""

from __future__ import annotations

from typing import Any

from ptv_registry.extending import takes_arguments_of
from pytorchvideo.data.clip_sampling import ClipSampler
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset, labeled_video_dataset

__all__ = ["ClipSampler", "Ucf101"]


@takes_arguments_of(labeled_video_dataset)
def Ucf101(arguments: dict[str, Any]) -> LabeledVideoDataset:
    """Clips of UCF101; the arguments are those of :func:`pytorchvideo.data.labeled_video_dataset`."""
    return labeled_video_dataset(**arguments)
