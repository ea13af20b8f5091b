"""Walking through folders of videos."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ptv_datasets.label_files import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS
from ptv_video.source import is_uri, path_manager


def inner_folders(folder: str, seen: set[str]) -> Iterator[str]:
    """The names of the folders in a folder, sorted, each real folder once in a walk; hidden ones are left out.

    A link to a folder that holds this one is not followed, for it leads in a circle.

    Args:
        folder: the folder.
        seen: the real paths of the folders that were met in this walk.
    """
    real = os.path.realpath(folder)
    seen.add(real)
    for name in sorted(path_manager.ls(folder)):
        path = os.path.join(folder, name)
        if name.startswith(".") or not path_manager.isdir(path):
            continue
        if not is_uri(path):
            target = os.path.realpath(path)
            if target in seen or real.startswith(target.rstrip(os.sep) + os.sep):
                continue
            seen.add(target)
        yield name


def videos_in(folder: str, seen: set[str] | None = None) -> list[str]:
    """The paths of the video files and folders of images at any depth of a folder, sorted; hidden ones are left out.

    A folder that holds images is one video, unless a video file is in it as well: then the images are thumbnails.
    """
    seen = set() if seen is None else seen
    inner = set(inner_folders(folder, seen))
    found = []
    for name in sorted(path_manager.ls(folder)):
        path = os.path.join(folder, name)
        if name in inner:
            inside = videos_in(path, seen)
            is_video = _holds(path, IMAGE_EXTENSIONS) and not any(has_extension(p, VIDEO_EXTENSIONS) for p in inside)
            found += [path] if is_video else inside
        elif not name.startswith(".") and has_extension(name, VIDEO_EXTENSIONS) and not path_manager.isdir(path):
            found.append(path)
    return found


def has_extension(name: str, extensions: tuple[str, ...]) -> bool:
    """Whether the extension of the name, in whatever case, is one of these."""
    return os.path.splitext(name)[1][1:].lower() in extensions


def _holds(folder: str, extensions: tuple[str, ...]) -> bool:
    return any(has_extension(name, extensions) for name in path_manager.ls(folder))
