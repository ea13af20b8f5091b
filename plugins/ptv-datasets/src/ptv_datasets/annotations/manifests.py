"""Manifests: CSV files with a header that describe videos, where they are and what happens in them."""

from __future__ import annotations

import ast
import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypeVar

from attrs import define, field, fields

from ptv_datasets.annotations.label_files import read_text, whole
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_registry.errors import ArgumentError

Record = TypeVar("Record")

#: What a column stands for if the file lacks all columns that have such a value.
_ABSENT: Final = "absent"
#: Another name of a column.
_ALSO: Final = "also"


_LONGEST_LIST: Final = 1 << 16


def _whole(text: str) -> int:
    found = whole(text)
    if found is None:
        raise ValueError
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _listed(text: str) -> list[Any]:
    if len(text) > _LONGEST_LIST:
        raise ValueError
    found = ast.literal_eval(text)
    if not isinstance(found, list):
        raise TypeError
    return found


_CASTS: Final[dict[str, Callable[[str], Any]]] = {"str": str, "int": _whole, "float": _finite, "list": _listed}
_KINDS: Final[dict[str, type]] = {"str": str, "int": int, "float": float, "list": list}


def _caster(name: str) -> Callable[[Any], Any]:
    kind = _KINDS[name]

    def cast(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        return _CASTS[name](value) if isinstance(value, str) else kind(value)

    return cast


def _cast(_: type, columns: list[Any]) -> list[Any]:
    """Fields take what a row of text has: a number may be given as its text."""
    return [column.evolve(converter=_caster(column.type)) for column in columns]


class VideoDatasetType(Enum):
    """How videos are stored: as image frames, or encoded."""

    Frame = 1
    EncodedVideo = 2


@define(field_transformer=_cast)
class VideoInfo:
    """The duration of a video in seconds, and its frames per second.

    Epic-Kitchens-55 calls the first column ``video``.
    """

    video_id: str = field(metadata={_ALSO: "video"})
    resolution: str
    duration: float
    fps: float


@define(field_transformer=_cast)
class EncodedVideoInfo:
    """Where an encoded video is."""

    video_id: str
    file_path: str


@define(field_transformer=_cast)
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


@define(field_transformer=_cast)
class VideoClipInfo:
    """A clip of a video, in seconds."""

    video_id: str
    start_time: float
    stop_time: float


@define(field_transformer=_cast)
class LabelData:
    """A label of a stretch of a DoMSEV video; frames are numbered from 0, and the last one is included."""

    video_id: str
    start_time: float
    stop_time: float
    start_frame: int
    stop_frame: int
    label_id: int
    label_name: str


@define(field_transformer=_cast)
class ActionData:
    """An action of an Epic-Kitchens video; time stamps are written as hours:minutes:seconds.

    In the lists of test sets, which tell only the times, words are empty and classes -1.
    """

    participant_id: str
    video_id: str
    narration: str = field(metadata={_ABSENT: ""})
    start_timestamp: str
    stop_timestamp: str
    start_frame: int
    stop_frame: int
    verb: str = field(metadata={_ABSENT: ""})
    verb_class: int = field(metadata={_ABSENT: -1})
    noun: str = field(metadata={_ABSENT: ""})
    noun_class: int = field(metadata={_ABSENT: -1})
    all_nouns: list = field(metadata={_ABSENT: []})
    all_noun_classes: list = field(metadata={_ABSENT: []})

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
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return (seconds * 1_000_000 + moment.microsecond) / 1e6
    raise ArgumentError(f"{time_str!r} is not a time such as 00:01:02.5")


def read_records(path: Any, kind: type[Record]) -> list[Record]:
    """The rows of a manifest, as objects of a class whose attributes name the columns; other columns are left out.

    Raises:
        LabelFileError: a column or a cell is missing, or a cell unreadable; the message names row and column.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""))
    header = [name.strip() for name in next(reader, [])]
    columns = fields(kind)  # type: ignore[arg-type]
    place = {column.name: _place(column, header) for column in columns}
    absent = {column.name for column in columns if _ABSENT in column.metadata}
    if all(place[name] is None for name in absent):
        columns = tuple(column for column in columns if column.name not in absent)
    missing = [column.name for column in columns if place[column.name] is None]
    if missing:
        names = ", ".join(place)
        raise LabelFileError.at(path, 1, 1, f"the header lacks {missing[0]}; the columns are {names}")
    records = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append(_record(path, reader.line_num, kind, columns, header, cells, place))
    except csv.Error as error:
        raise LabelFileError.at(path, reader.line_num, 1, str(error)) from error
    return records


def _place(column: Any, header: list[str]) -> int | None:
    names = [name for name in (column.name, column.metadata.get(_ALSO)) if name in header]
    return header.index(names[0]) if names else None


def _record(
    path: Any,
    row: int,
    kind: type[Record],
    columns: Sequence[Any],
    header: list[str],
    cells: list[str],
    place: Mapping[str, int | None],
) -> Record:
    if len(cells) != len(header):
        problem = f"{len(cells)} columns, but {len(header)} in the header"
        raise LabelFileError.at(path, row, min(len(cells), len(header)) + 1, problem)
    values = {name: attribute.metadata[_ABSENT] for name, attribute in _absent(kind).items()}
    for column in columns:
        name = column.type if isinstance(column.type, str) else getattr(column.type, "__name__", "str")
        text = cells[place[column.name] or 0].strip()
        if not text and _ABSENT not in column.metadata:
            raise LabelFileError.at(path, row, column.name, "the cell is empty")
        try:
            values[column.name] = _CASTS[name](text)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
            raise LabelFileError.at(path, row, column.name, f"{text[:60]!r} cannot be read as {name}") from error
    return kind(**values)


def _absent(kind: Any) -> dict[str, Any]:
    return {column.name: column for column in fields(kind) if _ABSENT in column.metadata}


def by_video(records: list[Any]) -> dict[str, list[Any]]:
    """The records of each video, in the order of the file."""
    found: dict[str, list[Any]] = {}
    for record in records:
        found.setdefault(record.video_id, []).append(record)
    return found
