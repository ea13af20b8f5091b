"""``SSv2``: Something-Something V2 as frames or videos."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from torch.utils.data import RandomSampler

from ptv_datasets.annotations.frame_lists import read_frame_lists
from ptv_datasets.annotations.label_files import read_json, read_text
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.annotations.named_videos import find_videos, tell_missing
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.reading.frame_choice import Pick, Segments
from ptv_datasets.slots import BuiltSampler, BuiltTransform, VideoSampler
from ptv_datasets.video_lists.packed import Packed
from ptv_datasets.video_lists.packed_videos import PackedVideos
from ptv_datasets.video_lists.videos import Source
from ptv_registry.errors import ArgumentError
from ptv_video.containers.source import local_path, path_manager
from ptv_video.samplers.factory import ClipInfo, ClipInfoList

_MOST_DIGITS: Final = 10


class SSv2(LabeledVideoDataset):
    """Clips of Something-Something V2 (https://arxiv.org/abs/1706.04261), stored as image frames or as it comes.

    A sample also has ``video_label``, the same as ``label``. Videos that are not there are left out with a warning.

    Args:
        label_name_file: JSON, an object of label names to numbers (``something-something-v2-labels.json``).
        video_label_file: JSON, a list of objects with ``id`` and ``template`` (``something-something-v2-train.json``), or rows
            ``id;name`` (``test-answers.csv``). Where no entry has a template, as in the test set, the label is -1.
        video_path_label_file: frame list with the columns original_vido_id, video_id, frame_id, path and labels; or the
            folder of the videos, ``ID.webm`` or folders of frames ``ID``.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the images' paths.
        frames_per_clip: number of frames of a clip, one from each of as many segments; ``None`` for all.
        rand_sample_frames: take a random frame of each segment instead of the middle one.
        frame_rate: frames per second at which the images were extracted.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        LabelFileError: a file cannot be understood, or no video has both frames and a label.
    """

    def __init__(
        self,
        label_name_file: str,
        video_label_file: str,
        video_path_label_file: str,
        clip_sampler: BuiltSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        video_path_prefix: str = "",
        frames_per_clip: int | None = None,
        rand_sample_frames: bool = False,
        *,
        frame_rate: float | Fraction = 30,
        seed: int = 0,
        on_error: OnError = "raise",
        pushdown: bool = True,
    ) -> None:
        check_frames_per_clip(frames_per_clip)
        self._frames_per_clip = frames_per_clip
        self._rand_sample_frames = rand_sample_frames
        numbers = _read_numbers(label_name_file)
        places, sources = _read_sources(video_path_label_file, video_path_prefix)
        names_of = _read_templates(video_label_file)
        wrong = next(
            ((video, name) for video, name in names_of.items() if name is not None and name not in numbers), None
        )
        if wrong is not None:
            raise LabelFileError(
                f"{video_label_file}: video {wrong[0]!r} has template {wrong[1]!r}, which {label_name_file} lacks",
                path=str(video_label_file),
            )
        missing = [video for video in names_of if video not in sources]
        way_out = "give their frame list or the folder of the videos as video_path_label_file"
        tell_missing(video_label_file, video_path_label_file, missing, len(names_of), way_out)
        found = [(sources[video], name) for video, name in names_of.items() if video in sources]
        names = sorted(numbers, key=lambda name: numbers[name])
        class_names = names if sorted(numbers.values()) == list(range(len(names))) else None
        infos = ({"label": -1 if name is None else numbers[name], "label_name": name or ""} for _, name in found)
        super().__init__(
            PackedVideos(places, (place for place, _ in found), infos, class_names),
            clip_sampler,
            video_sampler,
            transform,
            decode_audio=False,
            frame_rate=frame_rate,
            seed=seed,
            on_error=on_error,
            pushdown=pushdown,
        )

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        known = super()._labels(index, info)
        return {**known, "video_label": known["label"]}

    def _pick(self, index: int, start: Fraction, epoch: int) -> Pick | None:
        if self._frames_per_clip is None:
            return super()._pick(index, start, epoch)
        key = f"{self.seed}/{epoch}/{index}/{start}" if self._rand_sample_frames else None
        return Segments(self._frames_per_clip, key)


def _read_numbers(path: Any) -> dict[str, int]:
    """The numbers of the classes by their names."""
    found = read_json(path)
    if not isinstance(found, dict) or not found:
        raise LabelFileError(f"{path} is not a JSON object of label names to numbers", path=str(path))
    numbers = {}
    for row, (name, number) in enumerate(found.items(), 1):
        whole = str(number)
        if isinstance(number, bool) or not (whole.isdecimal() and len(whole) < _MOST_DIGITS):
            raise LabelFileError.at(path, row, name, f"{whole[:60]!r} is not the number of a class")
        numbers[name] = int(whole)
    return numbers


def _read_sources(path: Any, prefix: str) -> tuple[Sequence[Source], dict[str, int]]:
    """Where the videos are, and their places there by their ids."""
    place = local_path(str(path))
    if path_manager.isdir(place) or path_manager.isdir(os.path.join(prefix, place)):
        found = find_videos(place if path_manager.isdir(place) else os.path.join(prefix, place))
        return Packed(found.values()), {name: index for index, name in enumerate(found)}
    frames = read_frame_lists(path, prefix)
    return frames, {name: index for index, name in enumerate(frames.names)}


def _read_templates(path: Any) -> dict[str, str | None]:
    """The names of the classes of the videos by their ids; ``None`` for all if the file tells none."""
    text = read_text(path)
    if not text.lstrip().startswith(("[", "{")):
        return _read_answers(path, text)
    entries = read_json(path)
    if not isinstance(entries, list) or not entries:
        raise LabelFileError(f"{path} is not a JSON list of objects with id and template", path=str(path))
    found: dict[str, str | None] = {}
    without = []
    for row, entry in enumerate(entries, 1):
        video = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(video, bool) or not isinstance(video, str | int) or not str(video).strip():
            problem = f"entry {row} of the list has no id: {str(entry)[:80]}"
            raise LabelFileError.at(path, row, "id", problem)
        template = entry.get("template")
        if template is not None and not isinstance(template, str):
            raise LabelFileError.at(path, row, "template", f"{str(template)[:60]} is not a string")
        if template is None:
            without.append(row)
        found[str(video)] = None if template is None else template.replace("[", "").replace("]", "")
    if without and len(without) < len(entries):
        raise LabelFileError.at(path, without[0], "template", "the entry has no template, and others have one")
    return found


def _read_answers(path: Any, text: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for row, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        video, separator, name = line.partition(";")
        if not separator or not video.strip() or not name.strip():
            raise LabelFileError.at(path, row, 2, f"{line[:60]!r} is not a row of id;name, and the file is not JSON")
        found[video.strip()] = name.strip().replace("[", "").replace("]", "")
    if not found:
        raise LabelFileError(f"{path} is empty", path=str(path))
    return found


def check_frames_per_clip(value: int | None) -> None:
    """Raise ``ArgumentError`` unless the value is ``None`` or at least 1."""
    if value is not None and value < 1:
        raise ArgumentError(f"frames_per_clip={value!r} must be at least 1, or None for all frames")
