"""Walking through folders of videos."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ptv_datasets.annotations.label_files import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS
from ptv_video.containers.source import is_uri, path_manager


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
        if is_uri(path) or _is_new(real, folder, name, seen):
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


def walk(folder: str) -> Iterator[tuple[str, list[str]]]:
    """A folder and those below it, each with the names of its files, sorted; see :func:`inner_folders`."""
    seen: set[str] = set()
    if is_uri(folder):
        yield from _walk_remote(folder, seen)
        return
    for root, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        seen.add(real)
        folders[:] = [name for name in sorted(folders) if not name.startswith(".") and _is_new(real, root, name, seen)]
        yield root, sorted(name for name in files if not name.startswith("."))


def _is_new(real: str, root: str, name: str, seen: set[str]) -> bool:
    target = os.path.realpath(os.path.join(root, name))
    if target in seen or real.startswith(target.rstrip(os.sep) + os.sep):
        return False
    seen.add(target)
    return True


def _walk_remote(folder: str, seen: set[str]) -> Iterator[tuple[str, list[str]]]:
    inner = list(inner_folders(folder, seen))
    yield folder, sorted(name for name in path_manager.ls(folder) if name not in inner and not name.startswith("."))
    for name in inner:
        yield from _walk_remote(os.path.join(folder, name), seen)


def videos_by_name(folder: str) -> dict[str, str]:
    """The paths of the video files and folders of images at any depth of a folder, by their names without extension.

    Of several with one name the first is taken; but one in a folder whose name begins with ``replacement`` comes before
    others, for so the CVDF's copy of Kinetics-400 gives the files that were damaged.
    """
    found: dict[str, str] = {}
    for root, files in walk(folder):
        videos = [name for name in files if has_extension(name, VIDEO_EXTENSIONS)]
        replaces = any(part.startswith("replacement") for part in Path(root[len(folder) :]).parts)
        for name in videos:
            stem = os.path.splitext(name)[0]
            if replaces or stem not in found:
                found[stem] = os.path.join(root, name)
        if not videos and root != folder and any(has_extension(name, IMAGE_EXTENSIONS) for name in files):
            found.setdefault(os.path.basename(root), root)
    return found


def has_extension(name: str, extensions: tuple[str, ...]) -> bool:
    """Whether the extension of the name, in whatever case, is one of these."""
    return os.path.splitext(name)[1][1:].lower() in extensions


def _holds(folder: str, extensions: tuple[str, ...]) -> bool:
    return any(has_extension(name, extensions) for name in path_manager.ls(folder))
