"""Finding the videos that official annotation files name without saying where they are."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.video_lists.folders import videos_by_name
from ptv_registry.errors import PtvWarning

_OF_ANNOTATIONS: Final = ("annotations", "labels", "annotation")
_SHOWN: Final = 3


class MissingVideosWarning(PtvWarning):
    """Some of the videos that an annotation file names are not there."""


def root_of(path: Any, prefix: str = "") -> str:
    """The folder below which the videos of an annotation file are looked for.

    Args:
        path: the annotation file.
        prefix: the folder, if it is known. Otherwise that of the file; if it is called annotations or labels, the one
            around it.
    """
    if prefix:
        return prefix
    beside = os.path.dirname(os.path.abspath(path)) if "://" not in str(path) else os.path.dirname(str(path))
    return os.path.dirname(beside) if os.path.basename(beside).lower() in _OF_ANNOTATIONS else beside


def find_videos(root: str | Path) -> dict[str, str]:
    """The videos and folders of frames below a folder, by name; see :func:`ptv_datasets.video_lists.folders.videos_by_name`.

    Raises:
        LabelFileError: the folder does not exist.
    """
    try:
        return videos_by_name(str(root))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LabelFileError(f"{root}: no such folder of videos", path=str(root)) from error


def tell_missing(path: Any, place: Any, missing: Sequence[str], total: int, way_out: str) -> None:
    """Warn of videos that are not there.

    Args:
        path: the annotation file.
        place: where the videos were looked for.
        missing: names of those that are not there.
        total: how many the file names.
        way_out: what to do if none is there.

    Raises:
        LabelFileError: none is there.
    """
    if not missing:
        return
    shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
    if len(missing) >= total:
        raise LabelFileError(
            f"{path}: none of its {total} videos ({shown}) is in {place}; {way_out}", path=str(path), place=str(place)
        )
    warnings.warn(
        f"{path}: {len(missing)} of its {total} videos are not in {place} and are left out: {shown}",
        MissingVideosWarning,
        stacklevel=2,
    )
