"""Manifests from the folders of Epic-Kitchens."""

from __future__ import annotations

from ptv_datasets import EncodedVideoInfo, VideoFrameInfo
from ptv_datasets.manifest_folders import (
    frames_in_flat_folders,
    frames_in_nested_folders,
    videos_in_nested_folders,
)
from pytorchvideo.data.utils import optional_threaded_foreach

__all__ = [
    "EncodedVideoInfo",
    "VideoFrameInfo",
    "build_encoded_manifest_from_nested_directory",
    "build_frame_manifest_from_flat_directory",
    "build_frame_manifest_from_nested_directory",
    "optional_threaded_foreach",
]

build_encoded_manifest_from_nested_directory = videos_in_nested_folders


def build_frame_manifest_from_flat_directory(
    data_directory_path: str, multithreaded: bool = False
) -> dict[str, VideoFrameInfo]:
    """See :func:`ptv_datasets.manifest_folders.frames_in_flat_folders`; one thread lists them in any case."""
    return frames_in_flat_folders(data_directory_path)


def build_frame_manifest_from_nested_directory(
    data_directory_path: str, multithreaded: bool = False
) -> dict[str, VideoFrameInfo]:
    """See :func:`ptv_datasets.manifest_folders.frames_in_nested_folders`; one thread lists them in any case."""
    return frames_in_nested_folders(data_directory_path)
