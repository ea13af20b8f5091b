"""Rows of text files column by column, some thousands at a time: a cell at a time, a million rows take three times as long."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from ptv_datasets.label_files import LabelFileError, whole

Cells = tuple[str, ...]

_AT_ONCE: Final = 1 << 13
_MOST_DIGITS: Final = 18


class RowTable:
    """Some rows of a file, all with as many cells.

    Args:
        path: the file.
        rows: their cells.
        numbers: the lines that they are in, from 1.
    """

    def __init__(self, path: Any, rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
        self._path, self.rows, self.numbers = path, rows, numbers

    def columns(self, choose: Callable[[Sequence[str]], Any] | None = None) -> list[Cells]:
        """The cells of each column, of all or of those that ``choose`` takes of a row."""
        return list(zip(*(self.rows if choose is None else map(choose, self.rows)), strict=True))

    def where(self, places: Sequence[int]) -> RowTable:
        """Only the rows at these places."""
        return RowTable(self._path, [self.rows[place] for place in places], [self.numbers[place] for place in places])

    def error(self, place: int, column: str | int, problem: str) -> LabelFileError:
        """The error for a cell of row ``place`` of these."""
        return LabelFileError.at(self._path, self.numbers[place], column, problem)

    def whole_numbers(self, column: str | int, cells: Cells) -> array[int]:
        """The cells of a column as whole numbers.

        Raises:
            LabelFileError: one is none.
        """
        joined = "".join(cells)
        if joined.isascii() and joined.isdecimal() and all(cells) and max(map(len, cells)) < _MOST_DIGITS:
            return array("q", map(int, cells))
        found = array("q")
        for place, text in enumerate(cells):
            number = whole(text.strip())
            if number is None:
                raise self.error(place, column, f"{text[:60]!r} is not a whole number")
            found.append(number)
        return found

    def real_numbers(self, column: str | int, cells: Cells) -> array[float]:
        """The cells of a column as finite numbers.

        Raises:
            LabelFileError: one is none.
        """
        try:
            found = array("d", map(float, cells))
        except ValueError:
            place = next(place for place, text in enumerate(cells) if not _is_finite(text))
        else:
            if math.isfinite(sum(found)):
                return found
            place = next((place for place, number in enumerate(found) if not math.isfinite(number)), -1)
            if place < 0:  # only their sum is not
                return found
        raise self.error(place, column, f"{cells[place][:60]!r} is not a number")


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def tables(path: Any, rows: Any, width: int, *, narrower: Collection[int] = (), meant: str) -> Iterator[RowTable]:
    """The rows of a ``csv.reader`` that are not empty, as tables.

    Args:
        path: the file.
        rows: the reader.
        width: how many cells a row has.
        narrower: how many it may have as well; empty ones take the place of those that are missing.
        meant: words about what a row should have, for messages.

    Raises:
        LabelFileError: a row has another number of cells, or its quotes are wrong; the message names row and column.
    """
    part: list[list[str]] = []
    numbers = array("q")
    try:
        for row in rows:
            if len(row) != width:
                if not any(map(str.strip, row)):
                    continue
                if len(row) not in narrower:
                    problem = f"{len(row)} columns{meant}"
                    raise LabelFileError.at(path, rows.line_num, min(len(row), width) + 1, problem)
                row += [""] * (width - len(row))
            part.append(row)
            numbers.append(rows.line_num)
            if len(part) == _AT_ONCE:
                yield RowTable(path, part, numbers)
                part, numbers = [], array("q")
    except csv.Error as error:
        raise LabelFileError.at(path, rows.line_num, 1, str(error)) from error
    if part:
        yield RowTable(path, part, numbers)
