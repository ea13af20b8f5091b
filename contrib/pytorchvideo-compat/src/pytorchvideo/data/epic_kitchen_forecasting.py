"""``EpicKitchenForecasting``: the next actions in kitchens."""

from __future__ import annotations

import ptv_datasets
from ptv_datasets import (
    ActionData,
    ClipSampling,
    EncodedVideoInfo,
    VideoClipInfo,
    VideoFrameInfo,
    VideoInfo,
)
from ptv_datasets.slots import BuiltTransform
from ptv_video import Video
from pytorchvideo.data.dataset_manifest_utils import VideoDatasetType
from pytorchvideo.data.documented_manifests import DocumentedManifestVideo
from pytorchvideo.data.documented_samples import OfDocumentedSample
from pytorchvideo.data.epic_kitchen import clip_rules
from pytorchvideo.data.epic_kitchen.epic_kitchen_dataset import EpicKitchenDataset

__all__ = [
    "ActionData",
    "ClipSampling",
    "EncodedVideoInfo",
    "EpicKitchenDataset",
    "EpicKitchenForecasting",
    "Video",
    "VideoClipInfo",
    "VideoFrameInfo",
    "VideoInfo",
]


class EpicKitchenForecasting(ptv_datasets.EpicKitchenForecasting, EpicKitchenDataset):
    """Clips with the actions after them; see :class:`ptv_datasets.EpicKitchenForecasting`. Frames are float32."""

    _video_kind = DocumentedManifestVideo
    _transform_generator = staticmethod(clip_rules.with_next_actions)
    _frame_filter_generator = staticmethod(clip_rules.spread_frames_of_clips)
    _define_clip_structure_generator = staticmethod(clip_rules.clips_before_actions)

    def __init__(
        self,
        video_info_file_path: str,
        actions_file_path: str,
        video_data_manifest_file_path: str,
        clip_sampling: ClipSampling = ClipSampling.Random,
        dataset_type: VideoDatasetType = VideoDatasetType.Frame,
        seconds_per_clip: float = 2.0,
        clip_time_stride: float = 10.0,
        num_input_clips: int = 1,
        frames_per_clip: int | None = None,
        num_forecast_actions: int = 1,
        transform: BuiltTransform = None,
        multithreaded_io: bool = True,
    ) -> None:
        super().__init__(
            video_info_file_path,
            actions_file_path,
            video_data_manifest_file_path,
            clip_sampling,
            dataset_type,
            seconds_per_clip,
            clip_time_stride,
            num_input_clips,
            frames_per_clip,
            num_forecast_actions,
            OfDocumentedSample(transform),
            multithreaded_io,
        )
