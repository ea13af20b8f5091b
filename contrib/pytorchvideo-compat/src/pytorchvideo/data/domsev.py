"""DoMSEV: egocentric video, by frames and by clips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ptv_datasets
from ptv_datasets import LabelData
from ptv_datasets.slots import BuiltTransform
from pytorchvideo.data.dataset_manifest_utils import VideoClipInfo, VideoDatasetType
from pytorchvideo.data.documented_samples import OfDocumentedSample

__all__ = ["DomsevFrameDataset", "DomsevVideoDataset", "LabelData"]

DomsevFrameDataset = ptv_datasets.DomsevFrameDataset


class DomsevVideoDataset(ptv_datasets.DomsevVideoDataset):
    """Clips of DoMSEV as float32; see :class:`ptv_datasets.DomsevVideoDataset` for arguments and samples."""

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
