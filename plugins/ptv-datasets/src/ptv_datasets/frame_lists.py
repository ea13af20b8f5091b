"""Frame lists: text files with a row per image of every video, as Something-Something, Charades and AVA come."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Final, overload

from ptv_datasets.label_files import LabelFileError, line_parts, read_text, whole
from ptv_datasets.packed import Gathered, Packed

_COLUMNS: Final = ("original_vido_id", "video_id", "frame_id", "path", "labels")
_MOST_DIGITS: Final = 18


Frame = tuple[int, str, tuple[int, ...]]


class FrameLists(Sequence[tuple[str, ...]]):
    """The videos of a frame list; an element is the paths of the images of one, in order.

    Args:
        names: of the videos.
        frames: number, path and labels of the images of each.
        prefix: joined to the front of the paths.
    """

    def __init__(self, names: list[str], frames: Packed, prefix: str) -> None:
        self.names, self._frames, self._prefix = names, frames, prefix

    def __len__(self) -> int:
        return len(self._frames)

    @overload
    def __getitem__(self, index: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[str, ...]]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, ...] | list[tuple[str, ...]]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return tuple(os.path.join(self._prefix, path) for _, path, _ in self._ordered(index))

    def labels(self, index: int) -> list[tuple[int, ...]]:
        """The labels of each image of a video."""
        return [labels for _, _, labels in self._ordered(index)]

    def _ordered(self, index: int) -> list[Frame]:
        return sorted(self._frames[index], key=itemgetter(0))


def read_frame_lists(path: Any, prefix: str = "", classes: int | None = None) -> FrameLists:
    """The videos of a frame list, in the order of their first rows; the images of each in the order of frame_id.

    The columns original_vido_id, video_id, frame_id, path and labels are separated by spaces (or tabs or commas); labels
    are numbers with commas between, in quotes, and may be empty.

    Args:
        path: the file.
        prefix: joined to the front of the images' paths.
        classes: how many classes there are, if it matters.

    Raises:
        LabelFileError: a column is missing, a number unreadable or a label no class; the message names row and column.
    """
    text = read_text(path)
    first = text.partition("\n")[0].strip()
    if not first:
        raise LabelFileError(f"{path} lists no frames: it is empty", path=str(path))
    separator = next((mark for mark in "\t ," if mark in first), " ")
    rows = csv.reader(chain.from_iterable(line_parts(text)), delimiter=separator)
    header = [cell.strip() for cell in next(rows)]
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise LabelFileError.at(path, 1, 1, f"the header lacks {missing[0]}; the columns are {' '.join(_COLUMNS)}")
    cells = itemgetter(*(header.index(name) for name in ("original_vido_id", "frame_id", "path", "labels")))
    width = len(header)
    known: dict[str, tuple[int, ...]] = {}
    found = Gathered()
    try:
        for row in rows:
            if len(row) != width:
                if not row:
                    continue
                problem = f"{len(row)} columns, but {width} in the header"
                raise LabelFileError.at(path, rows.line_num, min(len(row), width) + 1, problem)
            name, number, image, labels = cells(row)
            if not (number.isdecimal() and len(number) < _MOST_DIGITS):
                number = whole_number(path, rows.line_num, "frame_id", number)
            if labels not in known:
                known[labels] = _labels(path, rows.line_num, labels, classes)
            if not image:
                raise LabelFileError.at(path, rows.line_num, "path", "the cell is empty")
            found.add(name, (int(number), image, known[labels]))
    except csv.Error as error:
        raise LabelFileError.at(path, rows.line_num, 1, str(error)) from error
    del text
    names, frames = found.done()
    if not names:
        raise LabelFileError(f"{path} lists no frames: it has only a header", path=str(path))
    return FrameLists(names, frames, prefix)


def _labels(path: Any, row: int, text: str, classes: int | None) -> tuple[int, ...]:
    texts = [part.strip() for part in text.replace('"', "").split(",")]
    labels = tuple(whole_number(path, row, "labels", part) for part in texts if part)
    wrong = [label for label in labels if classes is not None and not 0 <= label < classes]
    if wrong:
        raise LabelFileError.at(path, row, "labels", f"label {wrong[0]}; the classes are 0 to {(classes or 0) - 1}")
    return labels


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
