"""What a file of labels is read into: its rows, and the error about a cell of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple, overload

from ptv_datasets.video_lists.exact_seconds import LONGEST
from ptv_registry.errors import ArgumentError

PATH_NAMES: Final = ("path", "video_path", "file_path", "filepath", "filename", "file", "video", "video_name", "name")
LABEL_NAMES: Final = ("label", "label_id", "class", "class_id", "class_index", "target", "label_name", "class_name")
DURATION_NAMES: Final = ("duration", "duration_sec", "seconds")
_NUMBER: Final = re.compile(
    r"\s*\+?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})(?:[eE][+-]?\d{1,2})?\s*|\s*\d{1,18}/0*[1-9]\d{0,17}\s*"
)


class LabelFileError(ArgumentError):
    """A file of labels or annotations cannot be understood; the message names file, row and column."""

    @classmethod
    def at(cls, path: Any, row: int, column: str | int, problem: str) -> LabelFileError:
        """The error for one cell; ``row`` counts the lines of the file from 1."""
        return cls(f"{path}, row {row}, column {column}: {problem}", path=str(path), row=row, column=column)


class LabelRow(NamedTuple):
    """One video of a label file: path, label as written (``None`` without labels), seconds if the file tells them."""

    path: str
    label: str | None
    duration: Fraction | None
    row: int


class LabelRows(Sequence[LabelRow]):
    """The rows of a label file, column by column, for a million of them take little memory that way.

    Attributes:
        paths: where the videos are.
        labels: their labels as written; ``None`` if the file has none.
        durations: seconds of each, ``None`` for one that is not known; empty if the file tells none.
        numbers: the lines that they are in, from 1.
        scanned: whether the file is a manifest of ``ptv scan``.
        broken: path and error of the videos of a manifest that cannot be read; they are not rows.
        named: whether ``paths`` are only names, without folder and extension, as annotations of Kinetics have them.
    """

    def __init__(
        self,
        paths: list[str],
        labels: list[str] | None,
        durations: Sequence[Fraction | None],
        numbers: Sequence[int],
        scanned: bool = False,
        broken: tuple[tuple[str, str], ...] = (),
        named: bool = False,
    ) -> None:
        self.paths, self.labels, self.durations, self.numbers = paths, labels, durations, numbers
        self.scanned, self.broken, self.named = scanned, broken, named

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> LabelRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[LabelRow]: ...
    def __getitem__(self, index: int | slice) -> LabelRow | list[LabelRow]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        label = None if self.labels is None else self.labels[index]
        return LabelRow(
            self.paths[index], label, self.durations[index] if self.durations else None, self.numbers[index]
        )


def seconds_of(text: str) -> Fraction | None:
    """A positive number of seconds, or ``None`` if the text is none; numbers of thousands of digits are none."""
    found = _NUMBER.fullmatch(text)
    seconds = Fraction(text) if found else Fraction(0)
    return seconds if 0 < seconds <= LONGEST else None
