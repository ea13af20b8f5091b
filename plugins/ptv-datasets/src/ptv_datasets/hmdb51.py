"""``Hmdb51``: the HMDB51 human-motion videos."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

from torch.utils.data import RandomSampler

from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.annotations.official import around
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, OptionalDecoder, VideoSampler
from ptv_registry.errors import ArgumentError
from ptv_video.containers.source import local_path, path_manager

_SPLIT_TYPES: Final = {"unused": 0, "train": 1, "test": 2}


class NamedVideos(list[tuple[str, dict[str, Any]]]):
    """Videos of one fold, and the names of all classes in the order of their numbers."""

    class_names: Sequence[str] = ()


class Hmdb51LabeledVideoPaths:
    """The videos of one fold of HMDB51, read from its split files.

    A split file ``CLASS_test_split1.txt`` has a row per video of the class: the file's name and 0 (unused), 1 (train)
    or 2 (test). The videos lie in folders named after the classes.
    """

    @classmethod
    def from_dir(
        cls, data_path: str | os.PathLike[str], split_id: int = 1, split_type: str = "train", path_prefix: str = ""
    ) -> list[tuple[str, dict[str, Any]]]:
        """The videos of a fold with label, label_name and meta_tags (the parts of the file's name that describe it).

        Args:
            data_path: folder of the split files.
            split_id: number of the fold: 1, 2 or 3.
            split_type: ``"train"``, ``"test"`` or ``"unused"``.
            path_prefix: folder of the classes' folders.

        Raises:
            ArgumentError: the fold or type is unknown.
            LabelFileError: a file is missing or cannot be understood.
        """
        if split_id not in (1, 2, 3):
            raise ArgumentError(f"split_id={split_id!r} is not a fold of HMDB51; choose from 1, 2, 3")
        if split_type not in _SPLIT_TYPES:
            raise ArgumentError(f"split_type={split_type!r} is not one of {', '.join(_SPLIT_TYPES)}")
        folder = local_path(os.fspath(data_path))
        ending = f"_test_split{split_id}.txt"
        files = sorted(path_manager.ls(folder)) if path_manager.isdir(folder) else []
        classes = [file.removesuffix(ending) for file in files if file.endswith(ending)]
        if not classes:
            raise LabelFileError(f"{folder} holds no split files such as brush_hair{ending}", path=folder)
        videos = NamedVideos()
        videos.class_names = classes
        for label, name in enumerate(classes):
            for file, kind in _rows(os.path.join(folder, name + ending)):
                if kind == _SPLIT_TYPES[split_type]:
                    info = {"label": label, "label_name": name, "meta_tags": file.split("_")[-6:-1]}
                    videos.append((os.path.join(path_prefix, name, file), info))
        if not videos:
            raise LabelFileError(f"{folder}: fold {split_id} has no {split_type} videos", path=folder)
        return videos


def _rows(path: str) -> list[tuple[str, int]]:
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        cells = line.rsplit(None, 1)
        if not cells:
            continue
        if len(cells) != 2 or cells[1] not in ("0", "1", "2"):
            raise LabelFileError.at(path, number, 2, f"{cells[-1]!r} is not one of 0 (unused), 1 (train), 2 (test)")
        rows.append((cells[0], int(cells[1])))
    return rows


def _root(data_path: str | os.PathLike[str], name: str) -> str:
    """The folder that holds that of a class; nothing if it is not one of those around, or the current one."""
    folder = local_path(os.fspath(data_path))
    places = ["", folder, *around(os.path.join(folder, "splits"))]
    return next((place for place in places if path_manager.isdir(os.path.join(place, name))), "")


def Hmdb51(
    data_path: str | os.PathLike[str],
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    split_id: int = 1,
    split_type: str = "train",
    decode_audio: bool = True,
    decoder: OptionalDecoder = "pyav",
    *,
    decode_video: bool = True,
    seed: int = 0,
    on_error: OnError = "raise",
    durations: Any = None,
    audio_rate: int | None = 16000,
    pushdown: bool = True,
) -> LabeledVideoDataset:
    """Clips of one fold of HMDB51 (https://serre-lab.clps.brown.edu/resource/hmdb-a-large-human-motion-database/).

    Args:
        data_path: folder of the split files, such as brush_hair_test_split1.txt.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: folder that holds the classes' folders; without it they are looked for in the folder of the split
            files, the one around it and the folders beside it.
        split_id: number of the fold: 1, 2 or 3.
        split_type: ``"train"``, ``"test"`` or ``"unused"``.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder; ``None`` for the one that each video asks for.
        decode_video: whether samples carry pictures.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        durations: seconds by path; see :class:`LabeledVideoDataset`.
        audio_rate: samples a second of the sound.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        ArgumentError: the fold or type is unknown.
        LabelFileError: a split file cannot be understood; the message names row and column.
    """
    videos = Hmdb51LabeledVideoPaths.from_dir(data_path, split_id, split_type, video_path_prefix)
    if not video_path_prefix and (root := _root(data_path, os.path.dirname(videos[0][0]))):
        videos = Hmdb51LabeledVideoPaths.from_dir(data_path, split_id, split_type, root)
    return LabeledVideoDataset(
        videos,
        clip_sampler,
        video_sampler,
        transform,
        decode_audio,
        decoder,
        decode_video=decode_video,
        seed=seed,
        on_error=on_error,
        durations=durations,
        audio_rate=audio_rate,
        pushdown=pushdown,
    )
