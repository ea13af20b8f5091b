"""What the datasets of Epic-Kitchens-55 have in common."""

import ptv_datasets
from ptv_datasets import (
    ActionData,
    EncodedVideoInfo,
    VideoClipInfo,
    VideoDatasetType,
    VideoFrameInfo,
    VideoInfo,
)
from ptv_video import Video
from pytorchvideo.data.dataset_manifest_utils import VideoDataset, get_seconds_from_hms_time
from pytorchvideo.data.documented_manifests import DocumentedManifestVideo
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.data.utils import DataclassFieldCaster, load_dataclass_dict_from_csv

__all__ = [
    "ActionData",
    "DataclassFieldCaster",
    "EncodedVideoInfo",
    "EpicKitchenDataset",
    "FrameVideo",
    "Video",
    "VideoClipInfo",
    "VideoDataset",
    "VideoDatasetType",
    "VideoFrameInfo",
    "VideoInfo",
    "get_seconds_from_hms_time",
    "load_dataclass_dict_from_csv",
]


class EpicKitchenDataset(ptv_datasets.EpicKitchenDataset):
    """Clips of Epic-Kitchens with float32 frames; see :class:`ptv_datasets.EpicKitchenDataset`."""

    _video_kind = DocumentedManifestVideo
