"""Official annotation files that need no more than themselves: the dataset that each is of."""

from __future__ import annotations

import os
from typing import Final

from ptv_datasets.annotations.charades_lists import is_charades
from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.named_videos import root_of
from ptv_registry import Spec
from ptv_video.containers.source import path_manager

_SSV2_LABELS: Final = ("something-something-v2-labels.json", "labels.json")
_SSV2_VIDEOS: Final = "20bn-something-something-v2"
_HEAD: Final = 4096  # characters that show what a file is


def official_spec(path: str, video_path_prefix: str = "") -> Spec | None:
    """The dataset of an annotation file of Charades or Something-Something; ``None`` if it is neither.

    Args:
        path: the file.
        video_path_prefix: the folder of the videos; without it they are looked for as
            :func:`ptv_datasets.annotations.named_videos.root_of` says.
    """
    text = read_text(path)
    head = text[:_HEAD]
    if is_charades(head):
        return Spec("charades", {"data_path": path, "video_path_prefix": root_of(path, video_path_prefix)}, "dataset")
    if head.lstrip().startswith("[") and '"id"' in head and '"template"' in head:
        folder = os.path.dirname(path)
        labels = next((p for name in _SSV2_LABELS if path_manager.isfile(p := os.path.join(folder, name))), None)
        if labels is not None:
            videos = video_path_prefix or next(
                (p for place in (folder, *around(path)) if path_manager.isdir(p := os.path.join(place, _SSV2_VIDEOS))),
                root_of(path),
            )
            files = {"label_name_file": labels, "video_label_file": path, "video_path_label_file": videos}
            return Spec("ssv2", files, "dataset")
    return None


def around(path: str) -> list[str]:
    """The folder around that of a file, and the folders in it, where lists and videos come in folders of their own."""
    outer = os.path.dirname(os.path.dirname(os.path.abspath(path)))
    try:
        names = sorted(path_manager.ls(outer))
    except OSError:  # no right to look
        return [outer]
    inner = [os.path.join(outer, name) for name in names if not name.startswith(".")]
    return [outer, *(place for place in inner if path_manager.isdir(place))]
