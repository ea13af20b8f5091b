"""DoMSEV: egocentric video, by frames and by clips."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ptv_datasets
from ptv_datasets import LabelData
from ptv_datasets.domsev_labels import (
    LABEL_TYPE_2_MAP,
    USER_ACTIVITY_MAP,
    USER_ATTENTION_MAP,
    USER_ENVIRONMENT_MAP,
    LabelType,
)
from ptv_datasets.slots import BuiltTransform
from ptv_video import Video
from pytorchvideo.data.dataset_manifest_utils import (
    ImageDataset,
    ImageFrameInfo,
    VideoClipInfo,
    VideoDataset,
    VideoDatasetType,
)
from pytorchvideo.data.documented_manifests import DocumentedManifestVideo
from pytorchvideo.data.documented_samples import OfDocumentedSample
from pytorchvideo.data.utils import DataclassFieldCaster, load_dataclass_dict_from_csv

__all__ = [
    "LABEL_TYPE_2_MAP",
    "USER_ACTIVITY_MAP",
    "USER_ATTENTION_MAP",
    "USER_ENVIRONMENT_MAP",
    "DataclassFieldCaster",
    "DomsevFrameDataset",
    "DomsevVideoDataset",
    "ImageDataset",
    "ImageFrameInfo",
    "LabelData",
    "LabelType",
    "Video",
    "VideoDataset",
    "load_dataclass_dict_from_csv",
]

DomsevFrameDataset = ptv_datasets.DomsevFrameDataset


class DomsevVideoDataset(ptv_datasets.DomsevVideoDataset):
    """Clips of DoMSEV as float32; see :class:`ptv_datasets.DomsevVideoDataset` for arguments and samples."""

    _video_kind = DocumentedManifestVideo

    @property
    def _labels_per_video(self) -> dict[str, list[LabelData]]:
        return self._labels

    def __init__(
        self,
        video_data_manifest_file_path: str,
        video_info_file_path: str,
        labels_file_path: str,
        clip_sampler: Callable[..., list[VideoClipInfo]],
        dataset_type: VideoDatasetType = VideoDatasetType.Frame,
        frames_per_second: int = 1,
        transform: BuiltTransform = None,
        frame_filter: Callable[[list[int]], list[int]] | None = None,
        multithreaded_io: bool = False,
    ) -> None:
        documented: Callable[[Any], Any] = OfDocumentedSample(transform)
        super().__init__(
            video_data_manifest_file_path,
            video_info_file_path,
            labels_file_path,
            clip_sampler,
            dataset_type,
            frames_per_second,
            documented,
            frame_filter,
            multithreaded_io,
        )


def _seconds_to_frame_index(time_in_seconds: float, fps: float, zero_indexed: bool | None = True) -> int:
    """The number of the frame that is shown at a time, from 0 or from 1."""
    return math.floor(time_in_seconds * fps) + (0 if zero_indexed else 1)


def _get_overlap_for_time_range_pair(
    t1_start: float, t1_stop: float, t2_start: float, t2_stop: float
) -> tuple[float, float] | None:
    """Start and end of what two stretches of time share, or ``None``."""
    start, stop = max(t1_start, t2_start), min(t1_stop, t2_stop)
    return (start, stop) if start <= stop else None
