"""Frame lists: text files with a row per image of every video, as Something-Something, Charades and AVA come."""

from __future__ import annotations

import csv
import io
import math
import os
from typing import Any, Final, NamedTuple

from ptv_datasets.label_files import LabelFileError, read_text, whole

_COLUMNS: Final = ("original_vido_id", "video_id", "frame_id", "path", "labels")


class FrameList(NamedTuple):
    """The images of one video, in order, and the labels of each."""

    name: str
    paths: tuple[str, ...]
    labels: tuple[tuple[int, ...], ...]


def read_frame_lists(path: Any, prefix: str = "") -> list[FrameList]:
    """The videos of a frame list, in the order of their first rows; the images of each in the order of frame_id.

    The columns original_vido_id, video_id, frame_id, path and labels are separated by spaces (or tabs or commas); labels
    are numbers with commas between, in quotes, and may be empty.

    Args:
        path: the file.
        prefix: joined to the front of the images' paths.

    Raises:
        LabelFileError: a column is missing or a number unreadable; the message names row and column.
    """
    text = read_text(path)
    first = text.partition("\n")[0].strip()
    if not first:
        raise LabelFileError(f"{path} lists no frames: it is empty", path=str(path))
    separator = next((mark for mark in "\t ," if mark in first), " ")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = [cell.strip() for cell in next(rows)]
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise LabelFileError.at(path, 1, 1, f"the header lacks {missing[0]}; the columns are {' '.join(_COLUMNS)}")
    place = {name: header.index(name) for name in _COLUMNS}
    found: dict[str, list[tuple[int, str, tuple[int, ...]]]] = {}
    for row in rows:
        if not row:
            continue
        if len(row) != len(header):
            raise LabelFileError.at(
                path,
                rows.line_num,
                min(len(row), len(header)) + 1,
                f"{len(row)} columns, but {len(header)} in the header",
            )
        frame = whole_number(path, rows.line_num, "frame_id", row[place["frame_id"]])
        labels = [text.strip() for text in row[place["labels"]].replace('"', "").split(",")]
        numbers = tuple(whole_number(path, rows.line_num, "labels", text) for text in labels if text)
        found.setdefault(row[place["original_vido_id"]], []).append((frame, row[place["path"]], numbers))
    if not found:
        raise LabelFileError(f"{path} lists no frames: it has only a header", path=str(path))
    return [_ordered(name, frames, prefix) for name, frames in found.items()]


def _ordered(name: str, frames: list[tuple[int, str, tuple[int, ...]]], prefix: str) -> FrameList:
    frames = sorted(frames, key=lambda frame: frame[0])
    return FrameList(
        name,
        tuple(os.path.join(prefix, path) for _, path, _ in frames),
        tuple(labels for _, _, labels in frames),
    )


def whole_number(path: Any, row: int, column: str | int, text: str) -> int:
    """The cell as a whole number.

    Raises:
        LabelFileError: it is none.
    """
    found = whole(text.strip())
    if found is None:
        raise LabelFileError.at(path, row, column, f"{text[:60]!r} is not a whole number")
    return found


def real_number(path: Any, row: int, column: str | int, text: str) -> float:
    """The cell as a number.

    Raises:
        LabelFileError: it is none.
    """
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise LabelFileError.at(path, row, column, f"{text[:60]!r} is not a number")
    return found
