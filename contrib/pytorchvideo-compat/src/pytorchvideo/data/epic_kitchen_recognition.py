"""``EpicKitchenRecognition``: actions in kitchens."""

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
    "EpicKitchenRecognition",
    "Video",
    "VideoClipInfo",
    "VideoFrameInfo",
    "VideoInfo",
]


class EpicKitchenRecognition(ptv_datasets.EpicKitchenRecognition, EpicKitchenDataset):
    """Clips with the actions in them; see :class:`ptv_datasets.EpicKitchenRecognition`. Frames are float32."""

    _video_kind = DocumentedManifestVideo
    _transform_generator = staticmethod(clip_rules.with_actions_in_clip)
    _frame_filter_generator = staticmethod(clip_rules.spread_frames)
    _define_clip_structure_generator = staticmethod(clip_rules.uniform_clips)

    def __init__(
        self,
        video_info_file_path: str,
        actions_file_path: str,
        video_data_manifest_file_path: str,
        clip_sampling: ClipSampling = ClipSampling.RandomOffsetUniform,
        dataset_type: VideoDatasetType = VideoDatasetType.Frame,
        seconds_per_clip: float = 2.0,
        frames_per_clip: int | None = None,
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
            frames_per_clip,
            OfDocumentedSample(transform),
            multithreaded_io,
        )
