"""``prepare_charades``: Charades as frames, and frame lists with the actions of each frame."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from ptv_datasets.annotations.charades_lists import Action, read_actions
from ptv_prepare.frames_of_videos import extract_all
from ptv_prepare.journal import Journal
from ptv_prepare.lists import FramesOf, write_frame_list
from ptv_prepare.run import DEFAULTS, Report, Settings
from ptv_prepare.sources import by_stem, videos_below
from ptv_registry.errors import ArgumentError
from ptv_video.decoders.frames import image_paths


def prepare_charades(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    annotations: Mapping[str, str | os.PathLike[str]],
    fps: float | Fraction = 30,
    settings: Settings = DEFAULTS,
) -> Report:
    """Extracts the frames of the videos and lists them with the actions of each, as chapter Data Preparation says.

    Writes ``out/frames/ID/ID-000001.jpg`` and so on, and per split ``out/frame_lists/SPLIT.csv`` with paths below
    ``out/frames``. Read it with ``Charades("out/frame_lists/train.csv", ..., video_path_prefix="out/frames")``. If the
    source is the official download of RGB frames, a folder of images per video, only the lists are written, with paths
    below the source folder; its frames are 24 per second. What an earlier run completed is not made again.

    Args:
        source: folder of the videos, or of a folder of images per video, named after their ids.
        out: the output folder.
        annotations: per split the official CSV (``Charades_v1_train.csv``).
        fps: frames per second, of the images to make or of those that there are.
        settings: processes, policy and the like.

    Raises:
        ArgumentError: an argument is wrong, or nothing is there to be listed.
        LabelFileError: an annotation file cannot be understood.
        BrokenVideoError: a video is broken, if the policy is ``"raise"``.
        OutputError: something cannot be written.
    """
    folder, target = Path(source), Path(out)
    rate = Fraction(fps).limit_denominator(1001)
    if not annotations:
        raise ArgumentError("annotations is empty; give the official file of a split, such as Charades_v1_train.csv")
    report = Report(str(target))
    splits = {name: read_actions(file) for name, file in annotations.items()}
    wanted = list(dict.fromkeys(video for actions in splits.values() for video in actions))
    with Journal(target) as journal:
        images = _image_folders(folder, wanted)
        if images is not None:
            frames = images
            report.missing += [name for name in wanted if name not in frames]
        else:
            found = by_stem(videos_below(folder))
            report.missing += [name for name in wanted if name not in found]
            videos = {n: (str(folder / found[n]), (str(folder / found[n]), found[n])) for n in wanted if n in found}
            frames = extract_all(journal, videos, "{}-%06d.jpg", rate, settings, report)
        for name, actions in splits.items():
            path = target / "frame_lists" / f"{name}.csv"
            rows = [_with_labels(frames[video], actions[video], rate) for video in actions if video in frames]
            write_frame_list(path, rows)
            report.lists[name] = str(path)
    return report


def _with_labels(frames: FramesOf, actions: Sequence[Action], rate: Fraction) -> FramesOf:
    def labels(number: int) -> list[int]:
        time = number / rate
        return sorted({action.label for action in actions if action.begin_s <= time <= action.end_s})

    return frames._replace(labels=labels)


def _image_folders(folder: Path, wanted: Sequence[str]) -> dict[str, FramesOf] | None:
    """The folders of images, if that is what the source has."""
    there = [name for name in wanted if (folder / name).is_dir()]
    if not there:
        return None
    found = {}
    for name in there:
        count = len(image_paths(str(folder / name)))
        pattern = f"{name}/{name}-%06d.jpg"
        if not (folder / (pattern % 1)).exists() or not (folder / (pattern % count)).exists():
            raise ArgumentError(f"{folder / name}: its {count} images are not named {name}-000001.jpg and so on")
        found[name] = FramesOf(name, count, pattern)
    return found
