"""The videos of a source folder, and its folders of frames."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ptv_datasets.annotations.label_files import VIDEO_EXTENSIONS
from ptv_datasets.video_lists.folders import walk
from ptv_registry.errors import ArgumentError
from ptv_video.decoders.images import IMAGE_SUFFIXES


def videos_below(folder: Path) -> list[str]:
    """The paths, below the folder, of all files that are named like videos, sorted; hidden ones are left out.

    Raises:
        ArgumentError: the folder does not exist, or holds no videos.
    """
    if not folder.is_dir():
        raise ArgumentError(f"{folder} is not a folder")
    found = sorted(_walk(folder))
    if not found:
        raise ArgumentError(
            f"{folder} holds no videos; they are known by their extensions, {', '.join(VIDEO_EXTENSIONS)}"
        )
    return found


def videos_and_frames_below(folder: Path) -> list[str]:
    """As :func:`videos_below`, with the folders that hold images and no video.

    Raises:
        ArgumentError: the folder does not exist, or holds neither videos nor images.
    """
    frames = sorted(_folders_of_frames(folder))
    if not frames:
        return videos_below(folder)
    return sorted([*frames, *_walk(folder)])


def _folders_of_frames(folder: Path) -> Iterator[str]:
    for root, files in walk(str(folder)):
        if any(_is_image(name) for name in files) and not any(is_video(name) for name in files):
            yield "" if root == str(folder) else os.path.relpath(root, folder)


def _is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def _walk(folder: Path) -> Iterator[str]:
    for root, files in walk(str(folder)):
        for name in files:
            if is_video(name):
                yield os.path.relpath(os.path.join(root, name), folder)


def is_video(name: str) -> bool:
    """Whether the extension is that of a video."""
    return os.path.splitext(name)[1][1:].lower() in VIDEO_EXTENSIONS


def by_stem(videos: list[str]) -> dict[str, str]:
    """The videos by their names without folder and extension; the first of those with one name."""
    found: dict[str, str] = {}
    for video in videos:
        found.setdefault(Path(video).stem, video)
    return found
