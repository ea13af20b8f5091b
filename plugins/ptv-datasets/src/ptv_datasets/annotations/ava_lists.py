"""The boxes of AVA and AVA-Kinetics: CSV files with a row per box and action; and the list of moments to leave out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from attrs import frozen

from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.row_tables import Cells, RowFile, RowTable, stripped

NONE: Final = -1

_COLUMNS: Final = (
    "; there are 8: video, time stamp, x1, y1, x2, y2, action label, and detection IoU or person (or none of these)"
)


@frozen
class BoxTable:
    """Some rows of a file of boxes.

    Attributes:
        videos: names of the films, or YouTube ids of the clips, of all rows.
        seconds: time stamps of the key frames, in seconds of the film or of the YouTube video, of all rows.
        boxed: which of the rows say that somebody is there; what follows is of these alone.
        corners: float64 (N, 4), x1, y1, x2, y2 in [0, 1].
        actions: numbers of the actions; -1 for a detected box without one.
        extras: detection IoU or number of the person; -1 if the file has neither.
    """

    videos: Cells
    seconds: np.ndarray
    boxed: np.ndarray
    corners: np.ndarray
    actions: np.ndarray
    extras: np.ndarray


def read_boxes(path: Any) -> Iterator[BoxTable]:
    """The rows of a file of AVA (8 columns) or of AVA-Kinetics (7, and 2 or empty cells where nobody is there).

    Raises:
        LabelFileError: a row cannot be understood; the message names row and column.
    """
    for table in RowFile(path, read_text(path)).tables(8, narrower=(2, 7), meant=_COLUMNS):
        yield _boxes(table)


def _boxes(table: RowTable) -> BoxTable:
    videos, times, *others = _stripped(table)
    if not all(videos):
        there = [place for place, cells in enumerate(zip(videos, times, *others, strict=True)) if any(cells)]
        table = table.where(there)
        videos, times, *others = _stripped(table)
        if not all(videos):
            raise table.error(videos.index(""), 1, "the cell is empty")
    seconds = table.real_numbers(2, times)
    boxed = np.arange(len(videos))
    if "" in others[0]:
        boxed = np.flatnonzero([any(cells) for cells in zip(*others, strict=True)])
        table = table.where(boxed.tolist())
        others = _stripped(table)[2:]
    *corners, labels, extras = others
    numbers = np.stack([_corner(table, column, cells) for column, cells in enumerate(corners, 3)], 1)
    actions = np.frombuffer(table.whole_numbers(7, _filled(labels)), np.int64)
    return BoxTable(videos, seconds, boxed, numbers, actions, _extras(table, extras))


def _stripped(table: RowTable) -> list[Cells]:
    return [stripped(cells) for cells in table.columns()] or [()] * 8


def _corner(table: RowTable, column: int, cells: Cells) -> np.ndarray:
    found = table.real_numbers(column, cells)
    outside = np.flatnonzero((found < 0) | (found > 1))
    if len(outside):
        problem = f"{cells[outside[0]]} is not between 0 and 1, as box corners are"
        raise table.error(int(outside[0]), column, problem)
    return found


def _extras(table: RowTable, cells: Cells) -> np.ndarray:
    if not any(cells):
        return np.full(len(cells), float(NONE))
    return table.real_numbers(8, _filled(cells))


def _filled(cells: Cells) -> Cells:
    return cells if all(cells) else tuple(cell or str(NONE) for cell in cells)


def read_moments(path: Any) -> set[tuple[str, float]]:
    """The moments of a list such as ``ava_train_excluded_timestamps_v2.2.csv``: rows of a film's name and a time stamp.

    Raises:
        LabelFileError: a row cannot be understood; the message names row and column.
    """
    found: set[tuple[str, float]] = set()
    for table in RowFile(path, read_text(path)).tables(2, meant="; there are 2: video and time stamp"):
        videos, times = _stripped(table)
        if not all(videos):
            raise table.error(videos.index(""), 1, "the cell is empty")
        found.update(zip(videos, table.real_numbers(2, times).tolist(), strict=True))
    return found
