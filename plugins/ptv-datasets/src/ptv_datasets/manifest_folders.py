"""Manifests made from folders of images and videos, as Epic-Kitchens are unpacked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

from ptv_datasets.annotations.label_files import LabelFileError
from ptv_datasets.annotations.manifests import EncodedVideoInfo, VideoFrameInfo
from ptv_video.containers.source import path_manager

_FRAME: Final = re.compile(r"(.*_)(\d+)\.(\w+)")
_ID_LENGTH: Final = 6


def frames_in_flat_folders(folder: str) -> dict[str, VideoFrameInfo]:
    """The videos of a folder that holds a folder of images per video: ``VIDEO/frame_0000000001.jpg``.

    Raises:
        LabelFileError: the images of a video are not numbered one by one, or of several kinds.
    """
    return {name: _video(name, path, sorted(path_manager.ls(path))) for name, path in _folders(folder)}


def frames_in_nested_folders(folder: str) -> dict[str, VideoFrameInfo]:
    """The videos of a folder that holds a folder per participant: ``P01/P01_02_0000000001.jpg``.

    Raises:
        LabelFileError: an image lies in the folder of another participant, or as in :func:`frames_in_flat_folders`.
    """
    found = {}
    for participant, path in _folders(folder):
        names: dict[str, list[str]] = {}
        for name in sorted(path_manager.ls(path)):
            if not name.startswith(f"{participant}_") or name.count("_") != 2:
                raise LabelFileError(f"{path}/{name}: the images of {participant} are called {participant}_02_001.jpg")
            names.setdefault(name.rpartition("_")[0], []).append(name)
        found.update({video: _video(video, path, images) for video, images in names.items()})
    return found


def videos_in_nested_folders(folder: str) -> dict[str, EncodedVideoInfo]:
    """The videos of a folder that holds a folder per participant, ``P01/P01_02.MP4``: the first six characters are the id."""
    return {
        name[:_ID_LENGTH]: EncodedVideoInfo(name[:_ID_LENGTH], f"{path}/{name}")
        for _, path in _folders(folder)
        for name in path_manager.ls(path)
    }


def _folders(folder: str) -> Iterable[tuple[str, str]]:
    folder = str(os.fspath(folder))
    return [(name, f"{folder}/{name}") for name in path_manager.ls(folder)]


def _video(video: str, folder: str, names: list[str]) -> VideoFrameInfo:
    found = [_FRAME.fullmatch(name) for name in names]
    first = found[0] if found else None
    if first is None:
        raise LabelFileError(f"{folder}: no image such as frame_0000000001.jpg", path=folder)
    stem, number, extension = first.groups()
    low, width = int(number), len(stem) + len(number)
    for expected, (name, match) in enumerate(zip(names, found, strict=True), low):
        if match is None or match.group(1, 3) != (stem, extension):
            raise LabelFileError(f"{folder}/{name} is of another kind than {names[0]}", path=folder)
        if int(match[2]) != expected or len(match[1]) + len(match[2]) != width:
            raise LabelFileError(
                f"{folder}/{name}: the image before it is missing, or its number is short", path=folder
            )
    return VideoFrameInfo(video, folder, stem, width, low, low + len(names) - 1, extension)
