"""What the original makes of manifests: open videos with float32 clips, and a record of each image."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ptv_datasets import VideoFrameInfo
from ptv_datasets.annotations.manifest_videos import ManifestVideo
from ptv_video import Video
from pytorchvideo.data.encoded_video import EncodedVideo
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.data.utils import DataclassFieldCaster


@dataclass
class ImageFrameInfo(DataclassFieldCaster):
    """An image of a video."""

    video_id: str
    frame_id: str
    frame_number: int
    frame_file_path: str


class DocumentedManifestVideo(ManifestVideo):
    """A video of a manifest that is opened with documented clips."""

    def open(self) -> Video:
        """Open it; the caller closes it."""
        return _open(self)


def documented_videos(listed: Mapping[str, ManifestVideo]) -> dict[str, Video]:
    """The videos, open, with documented clips."""
    return {name: _open(video) for name, video in listed.items()}


def _open(video: ManifestVideo) -> Video:
    if isinstance(video.source, VideoFrameInfo):
        return FrameVideo(
            None, video.info.fps, video_frame_paths=video.source.paths, multithreaded_io=video.multithreaded_io
        )
    return EncodedVideo.from_path(video.source.file_path)


def image_infos(listed: Mapping[str, ManifestVideo]) -> dict[str, ImageFrameInfo]:
    """A record of each image, by the image's name; where two videos have one name, with the video's before it."""
    found: dict[str, ImageFrameInfo] = {}
    for video_id, video in listed.items():
        if not isinstance(video.source, VideoFrameInfo):
            continue
        for number, path in enumerate(video.source.paths, video.source.min_frame_number):
            name = os.path.splitext(os.path.basename(path))[0]
            frame_id = f"{video_id}/{name}" if name in found else name
            found[frame_id] = ImageFrameInfo(video_id, frame_id, number, path)
    return found
