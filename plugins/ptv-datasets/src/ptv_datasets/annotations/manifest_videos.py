"""The videos of manifests: where they are, and how they are opened."""

from __future__ import annotations

import math
import os
import re
import warnings
from collections.abc import Callable
from typing import Any, Final

from attrs import define

from ptv_datasets.annotations.label_files import VIDEO_EXTENSIONS
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.annotations.manifests import (
    EncodedVideoInfo,
    VideoDatasetType,
    VideoFrameInfo,
    VideoInfo,
    read_records,
)
from ptv_datasets.annotations.named_videos import MissingVideosWarning, find_videos
from ptv_datasets.video_lists.folders import has_extension
from ptv_registry import Registry, as_factory
from ptv_video.containers.source import local_path, path_manager
from ptv_video.decoder_choice import decoder_for
from ptv_video.decoders.frames import FrameVideo, image_paths
from ptv_video.video import Video

_NUMBERED: Final = re.compile(r"(.*?)(\d+)\.(\w+)")


@define
class ManifestVideo:
    """A video of a manifest; nothing is open until :meth:`open`, which asks the file for its decoder where none is given."""

    info: VideoInfo
    source: EncodedVideoInfo | VideoFrameInfo
    multithreaded_io: bool = False
    decoder: Callable[..., Any] | None = None

    @property
    def duration(self) -> float:
        """Duration in seconds, as the manifest tells it."""
        return self.info.duration

    def open(self) -> Video:
        """Open it; the caller closes it."""
        if isinstance(self.source, VideoFrameInfo):
            return FrameVideo(
                None, self.info.fps, video_frame_paths=self.source.paths, multithreaded_io=self.multithreaded_io
            )
        decoder = self.decoder or decoder_for(self.source.file_path)
        video: Video = decoder(self.source.file_path)
        return video


def load_videos(
    video_data_manifest_file_path: str,
    video_info_file_path: str,
    dataset_type: VideoDatasetType,
    multithreaded_io: bool = False,
    *,
    registry: Registry | None = None,
    kind: type[ManifestVideo] = ManifestVideo,
) -> dict[str, ManifestVideo]:
    """The videos that both manifests know, by video_id; nothing is opened.

    Videos of image frames are left out, with a warning, where the number of images differs from duration and rate by more
    than a second.

    Args:
        video_data_manifest_file_path: CSV with the columns of :class:`VideoFrameInfo` or :class:`EncodedVideoInfo`; or a
            folder that holds, at any depth, the videos or folders of images, named after their ids.
        video_info_file_path: CSV with the columns of :class:`VideoInfo`.
        dataset_type: how the videos are stored.
        multithreaded_io: read images in several threads.
        kind: class of the videos, which says how they are opened.
        registry: where the decoder is looked up, for instance one with ``trusted_dists``.

    Raises:
        LabelFileError: a manifest cannot be understood, or they have no video in common.
    """
    infos = {info.video_id: info for info in read_records(video_info_file_path, VideoInfo)}
    sources = {source.video_id: source for source in _sources(video_data_manifest_file_path, dataset_type)}
    both = {name: source for name, source in sources.items() if name in infos}
    decoder = as_factory("decoder", "pyav", registry=registry)
    videos = {
        name: kind(infos[name], source, multithreaded_io, decoder)
        for name, source in both.items()
        if is_complete(infos[name], source)
    }
    if not videos:
        raise LabelFileError(
            f"{video_data_manifest_file_path} and {video_info_file_path} have no complete video in common",
            path=str(video_data_manifest_file_path),
        )
    incomplete = [name for name in both if name not in videos]
    if incomplete:
        warnings.warn(
            f"{video_data_manifest_file_path}: {len(incomplete)} videos whose number of images is not that of their duration "
            f"and frame rate are left out: {', '.join(incomplete[:3])}{', ...' if len(incomplete) > 3 else ''}",
            MissingVideosWarning,
            stacklevel=2,
        )
    return videos


def _sources(path: str, dataset_type: VideoDatasetType) -> list[Any]:
    is_frames = dataset_type is VideoDatasetType.Frame
    place = local_path(str(path))
    if not path_manager.isdir(place):
        kind: Any = VideoFrameInfo if is_frames else EncodedVideoInfo
        return read_records(path, kind)
    found = find_videos(place)
    if not is_frames:
        return [
            EncodedVideoInfo(name, video) for name, video in found.items() if has_extension(video, VIDEO_EXTENSIONS)
        ]
    return [_frames_in(name, folder) for name, folder in found.items() if not has_extension(folder, VIDEO_EXTENSIONS)]


def _frames_in(name: str, folder: str) -> VideoFrameInfo:
    """The images of a folder; they must be numbered, as in ``frame_0000000001.jpg``."""
    paths = image_paths(folder)
    first, last = (_NUMBERED.fullmatch(os.path.basename(path)) for path in (paths[0], paths[-1]))
    if first is None or last is None or int(last[2]) - int(first[2]) + 1 != len(paths):
        raise LabelFileError(
            f"{folder}: its {len(paths)} images are not numbered one by one, as frame_0000000001.jpg and so on are",
            path=folder,
        )
    stem, number, extension = first.groups()
    return VideoFrameInfo(name, folder, stem, len(stem) + len(number), int(number), int(last[2]), extension)


def is_complete(info: VideoInfo, source: EncodedVideoInfo | VideoFrameInfo) -> bool:
    """Whether there are as many images as duration and rate say, give or take a second; an encoded video is complete."""
    if isinstance(source, EncodedVideoInfo):
        return True
    images = source.max_frame_number - source.min_frame_number + 1
    return abs(images - round(info.duration * info.fps)) <= math.ceil(info.fps)
