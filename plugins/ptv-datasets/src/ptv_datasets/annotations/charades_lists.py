"""The annotation files of Charades (``Charades_v1_train.csv``) as they come."""

from __future__ import annotations

import csv
import io
import re
from fractions import Fraction
from typing import Any, Final, NamedTuple

from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.label_rows import LabelFileError

NUM_CLASSES: Final = 157

_ACTION: Final = re.compile(r"c?(\d{1,9})\s+(\d{1,9}(?:\.\d{0,9})?)\s+(\d{1,9}(?:\.\d{0,9})?)")


class Action(NamedTuple):
    """An action of a video: its class, and where it begins and ends, in seconds."""

    label: int
    begin_s: Fraction
    end_s: Fraction


def is_charades(text: str) -> bool:
    """Whether a text is an official file, with the columns id and actions."""
    return {"id", "actions"} <= {cell.strip() for cell in text.partition("\n")[0].split(",")}


def read_actions(path: Any) -> dict[str, list[Action]]:
    """The actions of each video in an official file, with the columns id and actions (``c092 11.90 21.20;...``).

    Raises:
        LabelFileError: the file cannot be understood; the message names row and column.
    """
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    missing = sorted({"id", "actions"} - set(rows.fieldnames or ()))
    if missing:
        raise LabelFileError.at(path, 1, 1, f"the header lacks {missing[0]}")
    found: dict[str, list[Action]] = {}
    for row in rows:
        if None in row or None in row.values():
            raise LabelFileError.at(path, rows.line_num, "id", "more or fewer columns than the header has")
        if not row["id"].strip():
            raise LabelFileError.at(path, rows.line_num, "id", "the cell is empty")
        texts = [text for text in row["actions"].split(";") if text.strip()]
        found[row["id"].strip()] = [_action(path, rows.line_num, text) for text in texts]
    if not found:
        raise LabelFileError(f"{path} lists no videos: it has only a header", path=str(path))
    return found


def _action(path: Any, row: int, text: str) -> Action:
    match = _ACTION.fullmatch(text.strip())
    if match is None:
        raise LabelFileError.at(path, row, "actions", f"{text!r} is not an action such as 'c092 11.90 21.20'")
    action = Action(int(match[1]), Fraction(match[2]), Fraction(match[3]))
    if not 0 <= action.label < NUM_CLASSES:
        raise LabelFileError.at(path, row, "actions", f"{text!r}: the classes are c000 to c{NUM_CLASSES - 1}")
    return action
