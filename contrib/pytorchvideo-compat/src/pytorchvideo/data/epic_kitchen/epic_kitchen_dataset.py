"""What the datasets of Epic-Kitchens-55 have in common."""

from ptv_datasets import (
    ActionData,
    EncodedVideoInfo,
    EpicKitchenDataset,
    VideoClipInfo,
    VideoDatasetType,
    VideoFrameInfo,
    VideoInfo,
)
from ptv_video import Video
from pytorchvideo.data.dataset_manifest_utils import VideoDataset, get_seconds_from_hms_time
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
