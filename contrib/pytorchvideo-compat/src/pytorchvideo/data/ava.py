"""``Ava``."""

from __future__ import annotations

from typing import Any

from torch.utils.data import RandomSampler

import ptv_datasets
from ptv_datasets import AvaLabeledVideoFramePaths, TimeStampClipSampler
from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltTransform, VideoSampler
from pytorchvideo.data.clip_sampling import ClipInfo, ClipSampler
from pytorchvideo.data.iterable_clips import IterableClips
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset

__all__ = ["Ava", "AvaLabeledVideoFramePaths", "ClipInfo", "LabeledVideoDataset", "TimeStampClipSampler"]


class Ava(IterableClips, ptv_datasets.Ava):
    """Clips of AVA, one after the other; see :class:`ptv_datasets.Ava` for arguments and samples."""

    def __init__(
        self,
        frame_paths_file: str,
        frame_labels_file: str,
        video_path_prefix: str = "",
        label_map_file: str | None = None,
        clip_sampler: Any = ClipSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        *,
        seed: int = 0,
        on_error: OnError = "skip",
    ) -> None:
        ptv_datasets.Ava.__init__(
            self,
            frame_paths_file,
            frame_labels_file,
            video_path_prefix,
            label_map_file,
            clip_sampler,
            video_sampler,
            transform,
            seed=seed,
            on_error=on_error,
        )
        self.iterate_as_documented()
