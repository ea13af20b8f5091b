"""The boxes of AVA and AVA-Kinetics: CSV files with a row per box and action."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ptv_datasets.annotations.frame_lists import real_number, whole_number
from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.label_rows import LabelFileError

NONE: Final = -1

_COLUMNS: Final = "video, time stamp, x1, y1, x2, y2, action label, and detection IoU or person (or none of these)"


class BoxRow(NamedTuple):
    """A box around a person, and an action of it.

    Attributes:
        row: its line in the file, from 1.
        video: name of the film, or YouTube id of the clip.
        second: the time stamp of the key frame, in seconds of the film or of the YouTube video.
        box: x1, y1, x2, y2 in [0, 1], as they are written; ``None`` if the row says that nobody is there.
        action: number of the action; -1 for a detected box without one.
        extra: detection IoU or number of the person; -1 if the file has neither.
    """

    row: int
    video: str
    second: float
    box: tuple[str, ...] | None
    action: int
    extra: float


def read_boxes(path: Any) -> Iterator[BoxRow]:
    """The rows of a file of AVA (8 columns) or of AVA-Kinetics (7, and 2 or empty cells where nobody is there).

    Raises:
        LabelFileError: a row cannot be understood; the message names row and column.
    """
    rows = csv.reader(io.StringIO(read_text(path), newline=""))
    for cells in rows:
        row = rows.line_num
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if len(cells) not in (2, 7, 8):
            problem = f"{len(cells)} columns; there are 8: {_COLUMNS}"
            raise LabelFileError.at(path, row, min(len(cells), 8) + 1, problem)
        video, time, *others = cells
        if not video:
            raise LabelFileError.at(path, row, 1, "the cell is empty")
        second = real_number(path, row, 2, time)
        if not any(others):
            yield BoxRow(row, video, second, None, NONE, NONE)
            continue
        box, (label, *extra) = others[:4], others[4:]
        for column, text in enumerate(box, 3):
            if not 0 <= real_number(path, row, column, text) <= 1:
                raise LabelFileError.at(path, row, column, f"{text} is not between 0 and 1, as box corners are")
        action = whole_number(path, row, 7, label) if label else NONE
        yield BoxRow(
            row, video, second, tuple(box), action, real_number(path, row, 8, extra[0]) if extra and extra[0] else NONE
        )
