"""The lists of UCF101 (``trainlist01.txt``, ``testlist01.txt``, ``classInd.txt``) as they come."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ptv_datasets.annotations.label_files import read_class_names
from ptv_datasets.annotations.label_rows import LabelFileError, LabelRows
from ptv_video.containers.source import path_manager

_PATH: Final = re.compile(r"(?:.*/)?(?P<name>\w+)/v_\w+_g\d\d_c\d\d\.\w+")


def is_ucf101(rows: LabelRows) -> bool:
    """Whether all rows are as in the lists of UCF101: without labels, or with numbers from 1 and no 0 anywhere."""
    if not all(_PATH.fullmatch(row.path) for row in rows[:100]):
        return False
    numbers = set(rows.labels or ())
    plain = "0" not in numbers and all(number.isdecimal() for number in numbers)
    return plain and all(map(_PATH.fullmatch, rows.paths))


def labelled_by_ucf101(
    rows: LabelRows, path: Any, class_names: str | Path | Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """The names of the classes of the rows, which are the folders, and all names in their order.

    Args:
        rows: those of the list; their numbers count from 1.
        path: the list. ``classInd.txt`` beside it gives the names where ``class_names`` does not.
        class_names: names of the classes, or a file with one per line.

    Raises:
        LabelFileError: a number is not that of the folder, so that they do not count from 1.
    """
    beside = os.path.join(os.path.dirname(path), "classInd.txt")
    folders = [match["name"] for row in rows if (match := _PATH.fullmatch(row.path))]
    if class_names is None and path_manager.isfile(beside):
        class_names = beside
    names = sorted(set(folders)) if class_names is None else read_class_names(class_names)
    if class_names is beside:
        for row, folder in zip(rows, folders, strict=True):
            if row.label is not None and names[int(row.label) - 1 : int(row.label)] != [folder]:
                raise LabelFileError.at(
                    path, row.row, "label", f"{row.label} is not the number of {folder} in {beside}"
                )
    return folders, names
