"""Rows of text files column by column, some hundreds at a time: cell by cell, a million rows take three times as long."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final

import numpy as np

from ptv_datasets.annotations.label_files import line_parts, whole
from ptv_datasets.annotations.label_rows import LabelFileError

Cells = tuple[str, ...]

_AT_ONCE: Final = 256  # more of them leave the processor's cache, and keep the garbage collector busy
_MOST_DIGITS: Final = 18


class RowFile:
    """A text of rows.

    Args:
        path: the file, for messages.
        text: what is in it.
        separator: what is between two cells.
    """

    def __init__(self, path: Any, text: str, separator: str = ",") -> None:
        self.path, self._text, self._separator = path, text, separator
        self._rows = self._read()
        self._taken = 0

    def _read(self) -> Any:
        return csv.reader(chain.from_iterable(line_parts(self._text)), delimiter=self._separator)

    def header(self) -> list[str]:
        """The cells of the first row; none without a row."""
        return [cell.strip() for row in self._part(1) for cell in row]

    def tables(self, width: int, *, narrower: Collection[int] = (), meant: str) -> Iterator[RowTable]:
        """The rows that are not empty, as tables.

        Args:
            width: how many cells a row has.
            narrower: how many it may have as well; empty ones take the place of those that are missing.
            meant: words about what a row should have, for messages.

        Raises:
            LabelFileError: a row has another number of cells, or its quotes are wrong; the message names row and column.
        """
        while True:
            first = self._taken
            part = self._part(_AT_ONCE)
            if not part:
                return
            places: Sequence[int] = range(first, self._taken)
            if set(map(len, part)) != {width}:
                places = [first + place for place, row in enumerate(part) if any(map(str.strip, row))]
                part = [part[place - first] for place in places]
                for place, row in zip(places, part, strict=True):
                    if len(row) != width and len(row) not in narrower:
                        raise self.error(place, min(len(row), width) + 1, f"{len(row)} columns{meant}")
                    row += [""] * (width - len(row))
            yield RowTable(self, part, places)

    def _part(self, most: int) -> list[list[str]]:
        try:
            part = list(islice(self._rows, most))
        except csv.Error as error:
            raise LabelFileError.at(self.path, self._rows.line_num, 1, str(error)) from error
        self._taken += len(part)
        return part

    def error(self, place: int, column: str | int, problem: str) -> LabelFileError:
        """The error for a cell of row ``place`` of the file, from 0."""
        rows = self._read()
        next(islice(rows, place, None), None)  # where lines are empty or cells quoted, rows are not lines
        return LabelFileError.at(self.path, rows.line_num, column, problem)


class RowTable:
    """Some rows of a file, all with as many cells.

    Args:
        file: the file.
        rows: their cells.
        places: which rows of the file they are, from 0.
    """

    def __init__(self, file: RowFile, rows: Sequence[Sequence[str]], places: Sequence[int]) -> None:
        self._file, self.rows, self._places = file, rows, places

    def columns(self, choose: Callable[[Sequence[str]], Any] | None = None) -> list[Cells]:
        """The cells of each column, of all or of those that ``choose`` takes of a row."""
        return list(zip(*(self.rows if choose is None else map(choose, self.rows)), strict=True))

    def where(self, places: Sequence[int]) -> RowTable:
        """Only the rows at these places."""
        return RowTable(self._file, [self.rows[place] for place in places], [self._places[place] for place in places])

    def error(self, place: int, column: str | int, problem: str) -> LabelFileError:
        """The error for a cell of row ``place`` of these."""
        return self._file.error(self._places[place], column, problem)

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

    def real_numbers(self, column: str | int, cells: Cells) -> np.ndarray:
        """The cells of a column as finite numbers, float64.

        Raises:
            LabelFileError: one is none.
        """
        try:
            found = np.array(list(map(float, cells)), np.float64)
        except ValueError:
            place = next(place for place, text in enumerate(cells) if not _is_finite(text))
        else:
            infinite = np.flatnonzero(~np.isfinite(found))
            if not len(infinite):
                return found
            place = int(infinite[0])
        raise self.error(place, column, f"{cells[place][:60]!r} is not a number")


def stripped(cells: Cells) -> Cells:
    """The cells without what is blank around them."""
    joined = "".join(cells)
    return cells if joined.split(None, 1) in ([], [joined]) else tuple(map(str.strip, cells))


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def whole_number(path: Any, row: int, column: str | int, text: str) -> int:
    """One cell as a whole number; ``row`` counts the lines of the file from 1.

    Raises:
        LabelFileError: it is none.
    """
    found = whole(text.strip())
    if found is None:
        raise LabelFileError.at(path, row, column, f"{text[:60]!r} is not a whole number")
    return found


def real_number(path: Any, row: int, column: str | int, text: str) -> float:
    """One cell as a finite number; ``row`` counts the lines of the file from 1.

    Raises:
        LabelFileError: it is none.
    """
    if not _is_finite(text):
        raise LabelFileError.at(path, row, column, f"{text[:60]!r} is not a number")
    return float(text)
