"""The annotation files of Kinetics-400, 600, 700 and 700-2020 as DeepMind publishes them.

A CSV has the columns ``label,youtube_id,time_start,time_end,split`` (and ``is_cc`` in some editions); those of test sets may lack
the label. The JSON files hold the same by YouTube id. Neither says where a video is: it is called
``id_%06d_%06d.mp4``, with the seconds of its start and end, in whatever folder.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ptv_datasets.annotations.label_rows import LabelFileError, LabelRows

_ID, _START, _END, _LABEL = "youtube_id", "time_start", "time_end", "label"
_TIMES: Final = len("_000000_000010")


def is_kinetics(header: Iterable[str]) -> bool:
    """Whether the names of the columns are those of an annotation file of Kinetics."""
    return {_ID, _START, _END} <= set(header)


def clip_name(youtube_id: str, start: Any, end: Any) -> str:
    """The name of the file of a clip, without the extension; start and end in seconds, as numbers or text."""
    return f"{youtube_id}_{_second(start):06d}_{_second(end):06d}"


def _second(value: Any) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() else int(float(value))


def youtube_id(name: str) -> str:
    """The YouTube id in the name of a clip."""
    return name[:-_TIMES]


def clip_span(name: str) -> tuple[int, int] | None:
    """Start and end, in seconds of the original video, in the name of a clip; ``None`` if the name has another form."""
    _, start, end = name.rsplit("_", 2) if name.count("_") > 1 else ("", "", "")
    is_span = len(start) == 6 and len(end) == 6 and start.isdecimal() and end.isdecimal()
    return (int(start), int(end)) if is_span else None


def rows_of_kinetics(path: Any, rows: Iterable[tuple[int, list[str]]], columns: Mapping[str, int]) -> LabelRows:
    """The clips that a CSV lists; their paths are names without folder and extension.

    Args:
        path: the file.
        rows: the number of each row and its cells.
        columns: the places of the columns by their names.

    Raises:
        LabelFileError: a cell is missing or no time; the message names row and column.
    """
    names: list[str] = []
    labels: list[str] = []
    numbers = array("q")
    known: dict[str, str] = {}
    places = columns[_ID], columns[_START], columns[_END]
    label_place = columns.get(_LABEL)
    without = 0
    for number, cells in rows:
        if len(cells) != len(columns):
            problem = f"{len(cells)} columns, but {len(columns)} before"
            raise LabelFileError.at(path, number, min(len(cells), len(columns)) + 1, problem)
        video, start, end = (cells[place].strip() for place in places)
        if not video:
            raise LabelFileError.at(path, number, _ID, "the cell is empty")
        try:
            names.append(clip_name(video, start, end))
        except (ValueError, OverflowError):
            wrong = f"{start!r} to {end!r} are not seconds"
            raise LabelFileError.at(path, number, _START, wrong) from None
        numbers.append(number)
        label = "" if label_place is None else cells[label_place].strip()
        without += not label
        labels.append(known.setdefault(label, label))
    if not names:
        raise LabelFileError(f"{path} lists no videos: it has only a header", path=str(path))
    if 0 < without < len(names):
        raise LabelFileError.at(path, numbers[labels.index("")], _LABEL, "the cell is empty, and others have a label")
    return LabelRows(names, None if without else labels, (), numbers, named=True)


def is_kinetics_entry(entry: Any) -> bool:
    """Whether a value of a JSON object by YouTube id is as those of Kinetics."""
    return isinstance(entry, Mapping) and isinstance(entry.get("annotations"), Mapping) and "subset" in entry


def rows_of_kinetics_json(path: Any, found: Mapping[str, Any]) -> LabelRows:
    """The clips of a JSON object by YouTube id; see :func:`rows_of_kinetics`. Row numbers count the entries.

    Raises:
        LabelFileError: an entry lacks its part of the video; the message names it.
    """
    names, labels = [], []
    for number, (video, entry) in enumerate(found.items(), 1):
        try:
            annotation = entry["annotations"]
            names.append(clip_name(video, *annotation["segment"]))
            labels.append(annotation.get("label") or "")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            problem = f"the entry {video!r} has no annotations with label and segment (start and end in seconds)"
            raise LabelFileError.at(path, number, "segment", problem) from error
    if "" in labels and any(labels):
        row = labels.index("") + 1
        raise LabelFileError.at(path, row, _LABEL, "the label is missing, and others have one")
    return LabelRows(names, None if "" in labels else labels, (), range(1, len(names) + 1), named=True)
