"""``prepare_ssv2``: Something-Something V2 as frames at 30 per second, and frame lists."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from ptv_datasets.annotations.label_files import read_json
from ptv_prepare.frames_of_videos import extract_all
from ptv_prepare.journal import Journal
from ptv_prepare.lists import write_frame_list
from ptv_prepare.run import DEFAULTS, Report, Settings
from ptv_prepare.sources import by_stem, videos_below


def prepare_ssv2(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    annotations: Mapping[str, str | os.PathLike[str]] | None = None,
    split: str = "train",
    fps: float | Fraction = 30,
    settings: Settings = DEFAULTS,
) -> Report:
    """Extracts the frames of the videos and lists them, as chapter Data Preparation says.

    Writes ``out/frames/ID/ID_000001.jpg`` and so on, and per split ``out/frame_lists/SPLIT.csv`` with paths below
    ``out/frames``. Read it with ``SSv2(labels, videos, "out/frame_lists/train.csv", ..., video_path_prefix="out/frames")``.
    What an earlier run completed is not made again.

    Args:
        source: folder of the videos, named after their ids.
        out: the output folder.
        annotations: per split the official JSON (``something-something-v2-train.json``), whose videos are extracted;
            without it, all videos are.
        split: the name of the list without annotations.
        fps: frames per second.
        settings: processes, policy and the like.

    Raises:
        ArgumentError: an argument is wrong, or nothing is there to be listed.
        LabelFileError: an annotation file cannot be understood.
        BrokenVideoError: a video is broken, if the policy is ``"raise"``.
        OutputError: something cannot be written.
    """
    folder, target = Path(source), Path(out)
    found = by_stem(videos_below(folder))
    report = Report(str(target))
    splits = {split: list(found)}
    if annotations:
        splits = {name: [str(entry["id"]) for entry in read_json(file)] for name, file in annotations.items()}
    wanted = list(dict.fromkeys(name for names in splits.values() for name in names))
    report.missing += [name for name in wanted if name not in found]
    videos = {
        name: (str(folder / found[name]), (str(folder / found[name]), found[name])) for name in wanted if name in found
    }
    with Journal(target) as journal:
        frames = extract_all(journal, videos, "{}_%06d.jpg", fps, settings, report)
        for name, names in splits.items():
            path = target / "frame_lists" / f"{name}.csv"
            write_frame_list(path, [frames[video] for video in names if video in frames])
            report.lists[name] = str(path)
    return report
