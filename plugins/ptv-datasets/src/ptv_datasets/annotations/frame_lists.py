"""Frame lists: text files with a row per image of every video, as Something-Something, Charades and AVA come."""

from __future__ import annotations

import csv
import math
import operator
import os
from array import array
from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Final, overload

import numpy as np
import torch

from ptv_datasets.annotations.label_files import line_parts, read_text, whole
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.video_lists.exact_seconds import checked

_COLUMNS: Final = ("original_vido_id", "video_id", "frame_id", "path", "labels")
_MOST_DIGITS: Final = 18
_AT_ONCE: Final = 1 << 14


class FramePaths(Sequence[str]):
    """The paths of the images of one video, in order; equal to those with the same paths.

    Args:
        lists: the frame list.
        index: number of the video in it.
    """

    def __init__(self, lists: FrameLists, index: int) -> None:
        self._lists, self._index = lists, index

    def __len__(self) -> int:
        return self._lists.count(self._index)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return self._lists.path(self._index, checked(index, len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FramePaths):
            return NotImplemented
        same = self._lists is other._lists and self._index == other._index
        return same or (len(self) == len(other) and all(map(operator.eq, self, other)))

    def __hash__(self) -> int:
        return hash((len(self), self[0], self[-1]))

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (list(self),)


class FrameLists(Sequence[FramePaths]):
    """The videos of a frame list; an element is the paths of the images of one, in order.

    Kept are one long text of all paths and a few numbers for each, which worker processes share.

    Attributes:
        names: of the videos.
    """

    def __init__(self, rows: _Rows, prefix: str) -> None:
        self.names = list(rows.videos)
        self._prefix = prefix
        self._bytes, self._ends = rows.paths()
        video, frame = (np.frombuffer(numbers, np.int64) for numbers in (rows.video, rows.frame))
        order = np.lexsort((frame, video))  # of equal frames the one that comes first in the file
        self._order = torch.from_numpy(order)
        self._starts = torch.from_numpy(np.searchsorted(video[order], np.arange(len(self.names) + 1)))
        self._label_sets = list(rows.label_sets)
        self._labels = torch.from_numpy(np.frombuffer(rows.labels, np.int32)[order])

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> FramePaths: ...
    @overload
    def __getitem__(self, index: slice) -> list[FramePaths]: ...
    def __getitem__(self, index: int | slice) -> FramePaths | list[FramePaths]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return FramePaths(self, checked(index, len(self)))

    def count(self, index: int) -> int:
        """How many images a video has."""
        return int(self._starts[index + 1] - self._starts[index])

    def path(self, index: int, frame: int) -> str:
        """The path of image ``frame`` of a video."""
        row = int(self._order[int(self._starts[index]) + frame])
        start = int(self._ends[row - 1]) if row else 0
        return os.path.join(self._prefix, os.fsdecode(self._bytes[start : int(self._ends[row])].numpy().tobytes()))

    def labels(self, index: int, first: int = 0, last: int | None = None) -> list[int]:
        """The different labels of the images ``first`` to before ``last`` of a video, sorted."""
        frames = slice(*slice(first, last).indices(self.count(index)))
        start = int(self._starts[index])
        sets = np.unique(self._labels[start + frames.start : start + frames.stop].numpy())
        return sorted({label for number in sets.tolist() for label in self._label_sets[number]})


class _Rows:
    """The rows of a frame list as columns."""

    def __init__(self) -> None:
        self.videos: dict[str, int] = {}
        self.video, self.frame, self.labels = array("q"), array("q"), array("i")
        self.label_sets: dict[tuple[int, ...], int] = {}
        self._buffer, self._lengths = bytearray(), array("q")

    def flush(self, images: list[str]) -> None:
        """Take over some paths."""
        part = [os.fsencode(image) for image in images]
        self._buffer += b"".join(part)
        self._lengths.extend(map(len, part))
        images.clear()

    def paths(self) -> tuple[torch.Tensor, torch.Tensor]:
        """All paths, one after the other, and where each ends."""
        ends = np.cumsum(np.frombuffer(self._lengths, np.int64))
        return torch.from_numpy(np.frombuffer(self._buffer, np.uint8)), torch.from_numpy(ends)


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
    try:
        found = _read_rows(path, rows, header, classes)
    except csv.Error as error:
        raise LabelFileError.at(path, rows.line_num, 1, str(error)) from error
    if not found.videos:
        raise LabelFileError(f"{path} lists no frames: it has only a header", path=str(path))
    return FrameLists(found, prefix)


def _read_rows(path: Any, rows: Any, header: list[str], classes: int | None) -> _Rows:
    cells = itemgetter(*(header.index(name) for name in ("original_vido_id", "frame_id", "path", "labels")))
    width = len(header)
    found = _Rows()
    images: list[str] = []
    known: dict[str, int] = {}  # labels as written -> number of their set
    add_video, add_frame, add_labels = found.video.append, found.frame.append, found.labels.append
    add_image = images.append
    videos = found.videos
    for row in rows:
        if len(row) != width:
            if not row:
                continue
            problem = f"{len(row)} columns, but {width} in the header"
            raise LabelFileError.at(path, rows.line_num, min(len(row), width) + 1, problem)
        name, number, image, labels = cells(row)
        plain = number.isdecimal() and len(number) < _MOST_DIGITS
        add_frame(int(number) if plain else whole_number(path, rows.line_num, "frame_id", number))
        if labels not in known:
            parsed = _labels(path, rows.line_num, labels, classes)
            known[labels] = found.label_sets.setdefault(parsed, len(found.label_sets))
        add_labels(known[labels])
        if not (name and image):
            raise LabelFileError.at(path, rows.line_num, "path" if name else _COLUMNS[0], "the cell is empty")
        add_video(videos.setdefault(name, len(videos)))
        add_image(image)
        if len(images) == _AT_ONCE:
            found.flush(images)
    found.flush(images)
    return found


def _labels(path: Any, row: int, text: str, classes: int | None) -> tuple[int, ...]:
    texts = [part.strip() for part in text.replace('"', "").replace("'", "").split(",")]
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
