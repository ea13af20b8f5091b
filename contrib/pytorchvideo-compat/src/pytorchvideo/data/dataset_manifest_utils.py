"""Manifests of videos."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ptv_datasets import EncodedVideoInfo, VideoClipInfo, VideoDatasetType, VideoFrameInfo, VideoInfo
from ptv_datasets.annotations.manifest_videos import is_complete, load_videos
from ptv_datasets.annotations.manifests import get_seconds_from_hms_time
from pytorchvideo.data.documented_manifests import ImageFrameInfo, documented_videos, image_infos
from pytorchvideo.data.encoded_video import EncodedVideo
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.data.utils import (
    DataclassFieldCaster,
    load_dataclass_dict_from_csv,
    save_dataclass_objs_to_headered_csv,
)
from pytorchvideo.data.video import Video

__all__ = [
    "DataclassFieldCaster",
    "EncodedVideo",
    "EncodedVideoInfo",
    "FrameVideo",
    "ImageDataset",
    "ImageFrameInfo",
    "Video",
    "VideoClipInfo",
    "VideoDataset",
    "VideoDatasetType",
    "VideoFrameInfo",
    "VideoInfo",
    "get_seconds_from_hms_time",
    "load_dataclass_dict_from_csv",
    "save_dataclass_objs_to_headered_csv",
    "save_encoded_video_manifest",
    "save_video_frame_info",
]


class VideoDataset:
    """The videos of manifests."""

    @staticmethod
    def _load_videos(
        video_data_manifest_file_path: str,
        video_info_file_path: str,
        multithreaded_io: bool,
        dataset_type: VideoDatasetType,
    ) -> dict[str, Video]:
        """The open videos that both manifests know, by their ids."""
        listed = load_videos(video_data_manifest_file_path, video_info_file_path, dataset_type, multithreaded_io)
        return documented_videos(listed)

    @staticmethod
    def _frame_number_to_filepaths(
        video_id: str, video_frames: Mapping[str, VideoFrameInfo], video_infos: Mapping[str, VideoInfo]
    ) -> list[str]:
        """The paths of all images of a video."""
        return video_frames[video_infos[video_id].video_id].paths

    @staticmethod
    def _remove_video_info_missing_or_incomplete_videos(
        video_data_infos: dict[str, Any], video_infos: dict[str, VideoInfo]
    ) -> None:
        """Leave the videos that both know, with as many images as duration and rate say, in both."""
        for name in {*video_data_infos, *video_infos}:
            data, info = video_data_infos.get(name), video_infos.get(name)
            if data is None or info is None or not is_complete(info, data):
                video_data_infos.pop(name, None)
                video_infos.pop(name, None)


class ImageDataset:
    """The images of manifests."""

    @staticmethod
    def _load_images(
        frame_manifest_file_path: str, video_info_file_path: str, multithreaded_io: bool
    ) -> dict[str, ImageFrameInfo]:
        """The images of the videos that both manifests know, by their ids."""
        return image_infos(load_videos(frame_manifest_file_path, video_info_file_path, VideoDatasetType.Frame))


def save_encoded_video_manifest(
    encoded_video_infos: Mapping[str, EncodedVideoInfo], file_name: str | None = None
) -> str:
    """Write where videos are to a CSV file, by default ``encoded_video_manifest.csv`` here, and return its name."""
    return _saved(encoded_video_infos, file_name, "encoded_video_manifest.csv")


def save_video_frame_info(video_frames: Mapping[str, VideoFrameInfo], file_name: str | None = None) -> str:
    """Write where the images of videos are to a CSV file, by default ``video_frame_metadata.csv``, and return its name."""
    return _saved(video_frames, file_name, "video_frame_metadata.csv")


def _saved(infos: Mapping[str, Any], file_name: str | None, default: str) -> str:
    name = os.path.join(os.getcwd(), default) if file_name is None else file_name
    save_dataclass_objs_to_headered_csv(list(infos.values()), name)
    return name
