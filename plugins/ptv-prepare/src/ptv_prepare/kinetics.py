"""``prepare_kinetics``: videos with the short side 256, and the lists train.csv, val.csv, test.csv."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from ptv_datasets import read_label_file
from ptv_datasets.annotations.kinetics_lists import youtube_id
from ptv_datasets.annotations.label_files import read_class_names
from ptv_prepare.journal import Journal
from ptv_prepare.lists import write_label_file
from ptv_prepare.reencode import Reencode
from ptv_prepare.run import DEFAULTS, Report, Settings, Task, distinct, make_all
from ptv_prepare.sources import by_stem, videos_below
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text

SPLITS: Final = ("train", "val", "test")
_FOLDERS: Final = {"train": "train", "val": "val", "validate": "val", "validation": "val", "test": "test"}


class _Labelled(NamedTuple):
    split: str
    video: str  # below the source folder
    label: str | None


def prepare_kinetics(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    annotations: Mapping[str, str | os.PathLike[str]] | None = None,
    split: str = "train",
    class_names: str | Path | list[str] | None = None,
    short_side: int = 256,
    crf: int = 23,
    preset: str = "medium",
    settings: Settings = DEFAULTS,
) -> Report:
    """Resizes the videos to a short side, sound kept, and lists them, as chapter Data Preparation says.

    Writes ``out/videos``, with the folders of the source, ``out/train.csv`` and so on with paths below ``out``, and
    ``out/classes.txt``. Read it with ``Kinetics("out/train.csv", ..., video_path_prefix="out")``. What an earlier run
    completed is not made again.

    Args:
        source: folder of the videos. Without annotations: a folder per class, or per split with a folder per class.
        out: the output folder.
        annotations: per split (train, val, test) the official CSV (label, youtube_id, time_start, time_end) or a file
            of paths below the source folder and labels.
        split: what the videos are where neither tells.
        class_names: names of the classes in the order of their numbers, or a file of them; sorted by default.
        short_side: in pixels.
        crf: quality of x264, lower is better.
        preset: effort of x264.
        settings: processes, policy and the like.

    Raises:
        ArgumentError: an argument is wrong, or nothing is there to be listed.
        LabelFileError: an annotation file cannot be understood.
        BrokenVideoError: a video is broken, if the policy is ``"raise"``.
        OutputError: something cannot be written.
    """
    folder, target = Path(source), Path(out)
    recipe = Reencode(short_side, crf=crf, preset=preset)
    videos = videos_below(folder)
    report = Report(str(target))
    if annotations:
        wrong = sorted(set(annotations) - set(SPLITS))
        if wrong:
            raise ArgumentError(f"annotations has {wrong[0]!r}, which is not one of the splits {', '.join(SPLITS)}")
        wanted = [row for name, file in annotations.items() for row in _annotated(name, file, videos, report)]
    else:
        wanted = [_by_folder(video, split) for video in videos]
    names = _class_names(wanted, class_names)
    tasks = [
        Task(str(folder / video), output, recipe, (str(folder / video), video), target / output)
        for video in dict.fromkeys(row.video for row in wanted)
        for output in [_output(video)]
    ]
    with Journal(target) as journal:
        tasks = distinct(tasks, settings, report)
        made = make_all(journal, tasks, settings, report, "Resizing")
        there = {task.origin[1]: task.output for task in tasks if task.output in made}
        if names is not None:
            write_text(target / "classes.txt", "".join(f"{name}\n" for name in names))
            report.lists["classes"] = str(target / "classes.txt")
        number = {name: str(index) for index, name in enumerate(names or ())}
        for name in dict.fromkeys(row.split for row in wanted):
            rows = [
                (there[row.video], "-1" if row.label is None else number.get(row.label, row.label))
                for row in wanted
                if row.split == name and row.video in there
            ]
            write_label_file(target / f"{name}.csv", rows)
            report.lists[name] = str(target / f"{name}.csv")
    return report


def _output(video: str) -> str:
    return os.path.join("videos", os.path.splitext(video)[0] + ".mp4")


def _by_folder(video: str, split: str) -> _Labelled:
    parts = Path(video).parts
    if len(parts) > 2 and parts[0] in _FOLDERS:
        return _Labelled(_FOLDERS[parts[0]], video, parts[1])
    if len(parts) < 2:
        raise ArgumentError(
            f"{video} lies in no folder of a class; what is expected is CLASS/VIDEO.mp4 or train/CLASS/VIDEO.mp4, or give "
            "annotations"
        )
    return _Labelled(split, video, parts[0])


def _annotated(split: str, file: str | os.PathLike[str], videos: list[str], report: Report) -> list[_Labelled]:
    known = set(videos)
    found: list[_Labelled] = []
    rows = read_label_file(file)
    stems = by_stem(videos) if rows.named else {}
    for entry in rows:
        video = entry.path if not rows.named else stems.get(entry.path) or stems.get(youtube_id(entry.path))
        if video in known and video is not None:
            found.append(_Labelled(split, video, entry.label))
        else:
            report.missing.append(entry.path)
    return found


def _class_names(wanted: list[_Labelled], class_names: str | Path | list[str] | None) -> list[str] | None:
    """The classes in order; None if the labels are numbers already."""
    labels = sorted({row.label for row in wanted if row.label is not None})
    if class_names is not None:
        names = read_class_names(class_names)
        unknown = sorted({label for label in labels if label not in names and not _is_number(label)})
        if unknown:
            raise ArgumentError(f"{unknown[0]!r} is not one of the {len(names)} classes")
        return names
    return None if all(_is_number(label) for label in labels) else labels


def _is_number(label: str) -> bool:
    return label.removeprefix("-").isdigit()
