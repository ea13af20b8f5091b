"""``prepare_ava``: the films of AVA cut to minutes 15 to 30, their frames, frame lists and annotations."""

from __future__ import annotations

import csv
import io
import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Final

from ptv_datasets import LabelFileError
from ptv_datasets.annotations.label_files import read_text
from ptv_prepare.frames_of_videos import extract_all
from ptv_prepare.journal import Journal
from ptv_prepare.lists import write_frame_list
from ptv_prepare.reencode import Reencode
from ptv_prepare.run import DEFAULTS, Report, Settings, Task, make_all
from ptv_prepare.sources import by_stem, videos_below
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text

_SPLIT: Final = re.compile(r"ava_(train|val|test)_.*\.csv")
_CUT: Final = "videos_15min"


def prepare_ava(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    annotations: str | os.PathLike[str] | None = None,
    split: str = "train",
    begin_s: float | Fraction = 900,
    length_s: float | Fraction = 901,
    fps: float | Fraction = 30,
    crf: int = 23,
    preset: str = "medium",
    settings: Settings = DEFAULTS,
) -> Report:
    """Cuts the films to the annotated part, extracts its frames and lists them, as chapter Data Preparation says.

    Writes ``out/videos_15min/NAME.mp4``, ``out/frames/NAME/NAME_000001.jpg`` and so on, ``out/frame_lists/train.csv`` and
    ``val.csv`` with paths below ``out/frames``, and ``out/annotations``, from which the rows of films that are not there
    are left out. Read it with ``Ava("out/frame_lists/train.csv", "out/annotations/ava_train_v2.2.csv", "out/frames")``.
    What an earlier run completed is not made again.

    Args:
        source: folder of the films.
        out: the output folder.
        annotations: folder of the official files (``ava_train_v2.2.csv`` and so on) and of predicted boxes, which tell the
            films of each split; without it, all films are taken.
        split: the name of the list without annotations.
        begin_s: where the annotated part begins, in seconds.
        length_s: how long it is.
        fps: frames per second.
        crf: quality of x264 for the cut films, lower is better.
        preset: effort of x264.
        settings: processes, policy and the like.

    Raises:
        ArgumentError: an argument is wrong, or nothing is there to be listed.
        LabelFileError: an annotation file cannot be understood.
        BrokenVideoError: a film is broken or too short, if the policy is ``"raise"``.
        OutputError: something cannot be written.
    """
    folder, target = Path(source), Path(out)
    cut = Reencode(None, Fraction(begin_s), Fraction(length_s), crf, preset)
    found = by_stem(videos_below(folder))
    report = Report(str(target))
    splits = {split: list(found)} if annotations is None else _films(Path(annotations))
    wanted = list(dict.fromkeys(name for names in splits.values() for name in names))
    report.missing += [name for name in wanted if name not in found]
    cuts = {}
    for name in wanted:
        if name in found:
            output = os.path.join(_CUT, f"{name}.mp4")
            origin = (str(folder / found[name]), found[name])
            cuts[name] = Task(origin[0], output, cut, origin, target / output)
    with Journal(target) as journal:
        made = make_all(journal, list(cuts.values()), settings, report, "Cutting")
        # The origin of frames is the film: the cut is the same whenever the film and the way of cutting are.
        videos = {
            name: (str(task.target), (task.source, f"{task.origin[1]} {cut!r}"))
            for name, task in cuts.items()
            if task.output in made
        }
        frames = extract_all(journal, videos, "{}_%06d.jpg", fps, settings, report)
        for name, names in splits.items():
            path = target / "frame_lists" / f"{name}.csv"
            write_frame_list(path, [frames[video] for video in names if video in frames])
            report.lists[name] = str(path)
        for file in [] if annotations is None else sorted(Path(annotations).iterdir()):
            if file.is_file() and not file.name.startswith("."):
                write_text(target / "annotations" / file.name, _kept(file, set(frames)))
                report.lists[file.name] = str(target / "annotations" / file.name)
    return report


def _films(annotations: Path) -> dict[str, list[str]]:
    """The films of each split, by the annotation files."""
    if not annotations.is_dir():
        raise ArgumentError(f"{annotations} is not a folder; give that of ava_train_v2.2.csv and the other files")
    splits: dict[str, dict[str, None]] = {}
    for file in sorted(annotations.iterdir()):
        match = _SPLIT.fullmatch(file.name)
        if match is not None:
            names = [row[0].strip() for row in csv.reader(io.StringIO(read_text(file), newline="")) if row]
            splits.setdefault(match[1], {}).update(dict.fromkeys(names))
    if not any(splits.values()):
        raise LabelFileError(
            f"{annotations} holds no ava_train_*.csv or ava_val_*.csv with rows", path=str(annotations)
        )
    return {name: list(films) for name, films in splits.items()}


def _kept(file: Path, films: set[str]) -> str:
    """The text of a file, but for the rows of other films."""
    text = read_text(file)
    if file.suffix != ".csv":
        return text
    lines = io.StringIO(text, newline="")
    return "".join(line for line in lines if line.split(",", 1)[0].strip() in films)
