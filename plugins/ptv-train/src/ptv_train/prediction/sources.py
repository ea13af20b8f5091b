"""Which videos ``ptv predict`` is given: files, folders, globs, addresses."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from typing import Final

from ptv_registry.errors import ArgumentError
from ptv_video.containers.source import local_path
from ptv_video.decoders.images import IMAGE_SUFFIXES

VIDEO_SUFFIXES: Final = frozenset(
    (
        ".3gp",
        ".asf",
        ".avi",
        ".flv",
        ".gif",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogv",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
        ".y4m",
    )
)
"""Files of a folder that are taken for videos; one that is named itself is read whatever it is called."""


def expand(sources: Sequence[str]) -> list[str]:
    """The videos that paths, folders, globs and addresses mean, each once, in order.

    A folder stands for the videos in it and below it; one that holds images is one video itself. A glob may have ``**``.

    Raises:
        ArgumentError: a folder holds no video, or a glob fits nothing.
    """
    found: dict[str, None] = {}
    for source in sources:
        found.update(dict.fromkeys(_of(local_path(source))))
    return list(found)


def _of(source: str) -> list[str]:
    if "://" in source or os.path.isfile(source):
        return [source]
    if os.path.isdir(source):
        videos = _below(source)
        if not videos:
            raise ArgumentError(f"{source}: the folder holds no video and no images")
        return videos
    if glob.has_magic(source):
        fitting = sorted(glob.glob(source, recursive=True))
        files = [path for path in fitting if os.path.isfile(path)]
        folders = [video for path in fitting if os.path.isdir(path) and "**" not in source for video in _below(path)]
        if "**" in source:
            files = [path for path in files if _is_video(path)]
        if not files and not folders:
            raise ArgumentError(f"{source}: nothing fits this pattern")
        return files + folders
    return [source]  # it does not exist, which reading reports


def _below(folder: str) -> list[str]:
    videos = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        files = sorted(os.path.join(place, name) for name in names if _is_video(name))
        if not files and any(os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES for name in names):
            files = [place]
        videos += files
    return videos


def _is_video(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in VIDEO_SUFFIXES
