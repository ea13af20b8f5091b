"""Frame lists: text files with a row per image of every video, as Something-Something, Charades and AVA come."""

from __future__ import annotations

import operator
import os
from array import array
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final, overload

import numpy as np
import torch

from ptv_datasets.annotations.label_files import read_text, whole
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.annotations.row_tables import RowFile
from ptv_datasets.video_lists.exact_seconds import checked

_COLUMNS: Final = ("original_vido_id", "video_id", "frame_id", "path", "labels")


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

    def add(self, images: Sequence[str]) -> None:
        """Take over some paths."""
        joined = "".join(images)
        plain = joined.isascii()
        self._buffer += joined.encode() if plain else os.fsencode(joined)
        self._lengths.extend(map(len, images if plain else map(os.fsencode, images)))

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
    rows = RowFile(path, text, separator)
    header = rows.header()
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise LabelFileError.at(path, 1, 1, f"the header lacks {missing[0]}; the columns are {' '.join(_COLUMNS)}")
    found = _read_rows(rows, header, classes)
    if not found.videos:
        raise LabelFileError(f"{path} lists no frames: it has only a header", path=str(path))
    return FrameLists(found, prefix)


def _read_rows(rows: RowFile, header: list[str], classes: int | None) -> _Rows:
    names = ("original_vido_id", "frame_id", "path", "labels")
    columns = itemgetter(*(header.index(name) for name in names))
    found = _Rows()
    sets = _LabelSets(rows.path, classes, found.label_sets)
    for table in rows.tables(len(header), meant=f", but {len(header)} in the header"):
        videos, frames, images, labels = table.columns(columns)
        for column, cells in (("original_vido_id", videos), ("path", images)):
            if not all(cells):
                raise table.error(cells.index(""), column, "the cell is empty")
        found.frame.extend(table.whole_numbers("frame_id", frames))
        try:
            found.labels.extend(map(sets.__getitem__, labels))
        except LabelFileError as error:
            raise table.error(labels.index(sets.last), "labels", str(error)) from None
        for video in dict.fromkeys(videos):
            found.videos.setdefault(video, len(found.videos))
        found.video.extend(map(found.videos.__getitem__, videos))
        found.add(images)
    return found


class _LabelSets(dict[str, int]):
    """The numbers of sets of labels by the texts of the cells.

    Args:
        path: the file.
        classes: how many classes there are, if it matters.
        numbers: gets the number of each set.
    """

    def __init__(self, path: Any, classes: int | None, numbers: dict[tuple[int, ...], int]) -> None:
        super().__init__()
        self._path, self._classes, self._numbers = path, classes, numbers
        #: The text that was met last.
        self.last = ""

    def __missing__(self, text: str) -> int:
        self.last = text
        labels = []
        for part in filter(None, (part.strip() for part in text.replace('"', "").replace("'", "").split(","))):
            label = whole(part)
            if label is None:
                raise LabelFileError(f"{part[:60]!r} is not a whole number", path=str(self._path))
            if self._classes is not None and not 0 <= label < self._classes:
                problem = f"label {label}; the classes are 0 to {self._classes - 1}"
                raise LabelFileError(problem, path=str(self._path))
            labels.append(label)
        self[text] = self._numbers.setdefault(tuple(labels), len(self._numbers))
        return self[text]
