"""Manifests: CSV files with a header that describe videos, where they are and what happens in them."""

from __future__ import annotations

import ast
import csv
import io
import math
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from attrs import define, fields

from ptv_datasets.label_files import LabelFileError, read_text
from ptv_registry import as_factory
from ptv_registry.errors import ArgumentError
from ptv_video.frames import FrameVideo
from ptv_video.video import Video

Record = TypeVar("Record")


class VideoDatasetType(Enum):
    """How videos are stored: as image frames, or encoded."""

    Frame = 1
    EncodedVideo = 2


@define
class VideoInfo:
    """What is known about a video: duration in seconds and frames per second."""

    video_id: str
    resolution: str
    duration: float
    fps: float


@define
class EncodedVideoInfo:
    """Where an encoded video is."""

    video_id: str
    file_path: str


@define
class VideoFrameInfo:
    """Where the images of a video are: ``location/frame_file_stem0001.file_extension`` and so on.

    ``frame_string_length`` counts the characters of a name without the extension; numbers are padded with zeros to it.
    """

    video_id: str
    location: str
    frame_file_stem: str
    frame_string_length: int
    min_frame_number: int
    max_frame_number: int
    file_extension: str

    @property
    def paths(self) -> list[str]:
        """The paths of all images, the last one included."""
        width = self.frame_string_length - len(self.frame_file_stem)
        return [
            f"{self.location}/{self.frame_file_stem}{number:0{width}d}.{self.file_extension}"
            for number in range(self.min_frame_number, self.max_frame_number + 1)
        ]


@define
class VideoClipInfo:
    """A clip of a video, in seconds."""

    video_id: str
    start_time: float
    stop_time: float


@define
class LabelData:
    """A label of a stretch of a DoMSEV video; frames are numbered from 0, and the last one is included."""

    video_id: str
    start_time: float
    stop_time: float
    start_frame: int
    stop_frame: int
    label_id: int
    label_name: str


@define
class ActionData:
    """An action of an Epic-Kitchens video; time stamps are written as hours:minutes:seconds."""

    participant_id: str
    video_id: str
    narration: str
    start_timestamp: str
    stop_timestamp: str
    start_frame: int
    stop_frame: int
    verb: str
    verb_class: int
    noun: str
    noun_class: int
    all_nouns: list
    all_noun_classes: list

    @property
    def start_time(self) -> float:
        """Where the action starts, in seconds."""
        return get_seconds_from_hms_time(self.start_timestamp)

    @property
    def stop_time(self) -> float:
        """Where the action stops, in seconds."""
        return get_seconds_from_hms_time(self.stop_timestamp)


def get_seconds_from_hms_time(time_str: str) -> float:
    """Seconds of a time written as ``HH:MM:SS`` or ``HH:MM:SS.FF``.

    Raises:
        ArgumentError: it is written in another way.
    """
    for form in "%H:%M:%S.%f", "%H:%M:%S":
        try:
            moment = datetime.strptime(time_str, form)
        except ValueError:
            continue
        return moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
    raise ArgumentError(f"{time_str!r} is no time such as 00:01:02.5")


_LONGEST_LIST = 1 << 16


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        msg = "not finite"
        raise ValueError(msg)
    return number


def _list(text: str) -> Any:
    if len(text) > _LONGEST_LIST:
        msg = "too long"
        raise ValueError(msg)
    return ast.literal_eval(text)


_CASTS: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": _finite, "list": _list}


def read_records(path: Any, kind: type[Record]) -> list[Record]:
    """The rows of a manifest, as objects of a class whose attributes name the columns.

    Raises:
        LabelFileError: a column is missing or a cell unreadable; the message names row and column.
    """
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    columns = fields(kind)  # type: ignore[arg-type]
    missing = [column.name for column in columns if column.name not in (reader.fieldnames or ())]
    if missing:
        names = ", ".join(column.name for column in columns)
        raise LabelFileError.at(path, 1, 1, f"the header lacks {missing[0]}; the columns are {names}")
    records = []
    for row in reader:
        values = {}
        for column in columns:
            name = column.type if isinstance(column.type, str) else getattr(column.type, "__name__", "str")
            try:
                values[column.name] = _CASTS[name](row[column.name])
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
                cell = repr(row[column.name])
                shown = cell if len(cell) < 80 else cell[:77] + "..."
                raise LabelFileError.at(path, reader.line_num, column.name, f"{shown} is no {name}") from error
        records.append(kind(**values))
    return records


def by_video(records: list[Any]) -> dict[str, list[Any]]:
    """The records of each video, in the order of the file."""
    found: dict[str, list[Any]] = {}
    for record in records:
        found.setdefault(record.video_id, []).append(record)
    return found


@define
class ManifestVideo:
    """A video of a manifest; nothing is open until :meth:`open`."""

    info: VideoInfo
    source: EncodedVideoInfo | VideoFrameInfo
    multithreaded_io: bool = False

    @property
    def duration(self) -> float:
        """Duration in seconds, as the manifest tells it."""
        return self.info.duration

    def open(self) -> Video:
        """Open it; the caller closes it."""
        if isinstance(self.source, VideoFrameInfo):
            return FrameVideo(
                None, self.info.fps, video_frame_paths=self.source.paths, multithreaded_io=self.multithreaded_io
            )
        decoder = as_factory("decoder", "pyav")
        if decoder is None:
            raise ArgumentError("no decoder 'pyav' is installed")
        video: Video = decoder(self.source.file_path)
        return video


def load_videos(
    video_data_manifest_file_path: str,
    video_info_file_path: str,
    dataset_type: VideoDatasetType,
    multithreaded_io: bool = False,
) -> dict[str, ManifestVideo]:
    """The videos that both manifests know, by video_id; nothing is opened.

    Videos of image frames are left out where the number of images differs from duration and rate by more than a second.

    Raises:
        LabelFileError: a manifest cannot be understood, or they have no video in common.
    """
    kind: Any = VideoFrameInfo if dataset_type is VideoDatasetType.Frame else EncodedVideoInfo
    infos = {info.video_id: info for info in read_records(video_info_file_path, VideoInfo)}
    videos = {
        source.video_id: ManifestVideo(infos[source.video_id], source, multithreaded_io)
        for source in read_records(video_data_manifest_file_path, kind)
        if source.video_id in infos and _complete(infos[source.video_id], source)
    }
    if not videos:
        raise LabelFileError(
            f"{video_data_manifest_file_path} and {video_info_file_path} have no complete video in common",
            path=str(video_data_manifest_file_path),
        )
    return videos


def _complete(info: VideoInfo, source: EncodedVideoInfo | VideoFrameInfo) -> bool:
    if isinstance(source, EncodedVideoInfo):
        return True
    images = source.max_frame_number - source.min_frame_number + 1
    return abs(images - round(info.duration * info.fps)) <= math.ceil(info.fps)
