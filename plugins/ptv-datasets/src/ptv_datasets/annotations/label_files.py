"""Reading the text files that list videos and their labels, whatever separates the columns."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final

from ptv_datasets.annotations.label_rows import (
    DURATION_NAMES,
    LABEL_NAMES,
    PATH_NAMES,
    LabelFileError,
    LabelRows,
    seconds_of,
)
from ptv_datasets.video_lists.exact_seconds import ExactSeconds
from ptv_registry import limits
from ptv_video.containers.source import local_path, path_manager, storage_hint

VIDEO_EXTENSIONS: Final = tuple("mp4 avi mkv webm mov m4v mpg mpeg ts mts m2ts wmv flv 3gp ogv vob".split())  # noqa: SIM905
IMAGE_EXTENSIONS: Final = ("jpg", "jpeg", "png", "bmp", "webp")

_GZIP: Final = b"\x1f\x8b"
_EXTENSION: Final = re.compile(rf"\.(?:{'|'.join(VIDEO_EXTENSIONS)})\b", re.IGNORECASE)
_JSON: Final = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\]\[{\"])")
_WHOLE: Final = re.compile(r"([+-]?\d{1,18})(?:\.0*)?")
_FRACTION: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf|NaN)")
_PATH_THEN_LABEL: Final = re.compile(rf"(.*\.(?:{'|'.join(VIDEO_EXTENSIONS)}))\s+(.*)", re.IGNORECASE)

_ERROR: Final = "error"
_SNIFFED: Final = 1 << 16  # characters of a file that show what separates its columns


def read_text(path: Any) -> str:
    """The text of a file or URI, compressed by gzip or not.

    Raises:
        LabelFileError: the file does not exist, or is not UTF-8 text.
    """
    try:
        with path_manager.open(local_path(str(path)), "rb") as file:
            content = file.read(limits.LIST_BYTES + 1)
        if content.startswith(_GZIP):
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as unpacked:
                content = unpacked.read(limits.LIST_BYTES + 1)
        if len(content) > limits.LIST_BYTES:
            raise LabelFileError(
                f"{path} is larger than {limits.LIST_BYTES / 1e6:.0f} MB, compressed or not; "
                "ptv_registry.limits.LIST_BYTES allows more",
                path=str(path),
            )
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise LabelFileError(f"{path} is not UTF-8 text: {error}", path=str(path)) from error
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise LabelFileError(f"{path}: no such file{storage_hint(str(path))}", path=str(path)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise LabelFileError(f"{path} cannot be read: {error}", path=str(path)) from error


def _numbered_lines(text: str) -> list[tuple[int, str]]:
    return [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _split(line: str, separator: str) -> list[str]:
    if separator != " ":
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]
    if line.startswith('"'):
        return [cell for cell in next(csv.reader([line], delimiter=" ", skipinitialspace=True)) if cell]
    quick = line.split(" ")
    if len(quick) == 2 and quick[1].isalnum():
        return quick
    match = _PATH_THEN_LABEL.fullmatch(line)
    if match is not None:
        return [match[1], match[2].strip('"')]
    return [line] if _EXTENSION.search(line) else line.rsplit(None, 1)


def _speaks_for(line: str, separator: str) -> bool:
    """Whether the separator splits the line in a path and more, without tearing a path from its label."""
    cells = _split(line, separator)
    if len(cells) < 2 or any(_is_path_and_label(cell) for cell in cells):
        return False
    return bool(_EXTENSION.search(cells[0])) or not any(_EXTENSION.search(cell) for cell in cells)


def _is_path_and_label(cell: str) -> bool:
    match = _PATH_THEN_LABEL.fullmatch(cell)
    return match is not None and not _EXTENSION.search(match[2])


def _is_header(cells: list[str]) -> bool:
    names = {cell.lower() for cell in cells}
    return bool(names & {*PATH_NAMES, *LABEL_NAMES}) and not any(_EXTENSION.search(cell) for cell in cells)


def _sniff(lines: list[tuple[int, str]]) -> str | None:
    """The separator of the file, or ``None`` if each line is one path."""
    for separator in "\t", ",", ";", "|":
        first = _split(lines[0][1], separator)
        if len(first) > 1 and _is_header(first):
            return separator
        if sum(_speaks_for(line, separator) for _, line in lines) > len(lines) / 2:
            return separator
    return " " if any(len(_split(line, " ")) > 1 for _, line in lines) else None


def read_label_file(path: Any) -> LabelRows:
    """The rows of a file that lists videos, with or without labels.

    Columns are separated by tabs, commas, semicolons, bars or spaces, which the file itself shows; a path may contain spaces
    or commas, or be quoted. Without a header the columns are path and label; a header may name them in any order, and a
    column ``duration`` (seconds) as well. JSON and JSON lines are read too (:mod:`ptv_datasets.annotations.label_json`), the annotation
    files of Kinetics (:mod:`ptv_datasets.annotations.kinetics_lists`), and files compressed by gzip.

    Raises:
        LabelFileError: no such file, no rows, rows of different length, an empty cell or an unreadable duration.
    """
    text = read_text(path)
    if _JSON.match(text):
        from ptv_datasets.annotations.label_json import rows_of_json

        return rows_of_json(path, text)
    lines = _numbered_lines(text[:_SNIFFED])
    if not lines and text.strip():
        lines = _numbered_lines(text)
    if not lines:
        raise LabelFileError(f"{path} lists no videos: it is empty", path=str(path))
    rows = _rows(path, text, _sniff(lines[:-1] if len(text) > _SNIFFED and len(lines) > 1 else lines))
    first = next(rows)
    header = [cell.strip().lower() for cell in first[1]]
    if {"youtube_id", "time_start"} <= set(header):
        from ptv_datasets.annotations.kinetics_lists import is_kinetics, rows_of_kinetics

        if is_kinetics(header):
            return rows_of_kinetics(path, rows, {name: column for column, name in enumerate(header)})
    if _is_header(header):
        columns = {name: column for column, name in enumerate(header)}
    else:
        rows = chain([first], rows)
        columns = {name: column for column, name in enumerate(("path", "label")[: len(header)])}
        if len(header) > 2:
            raise LabelFileError.at(
                path,
                first[0],
                3,
                f"{len(header)} columns and no header; the columns are path and label, or the first "
                "row names them (path, label, duration)",
            )
    return _labelled(path, rows, columns)


def _rows(path: Any, text: str, separator: str | None) -> Iterator[tuple[int, list[str]]]:
    """The number of the last line of each row, and its cells; rows without content are left out."""
    if separator is None or separator == " ":
        for number, line in enumerate(chain.from_iterable(line_parts(text)), 1):
            line = line.strip()
            if line:
                yield number, [line.strip('"')] if separator is None else _split(line, " ")
        return
    reader = csv.reader(chain.from_iterable(line_parts(text)), delimiter=separator, skipinitialspace=True)
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield reader.line_num, cells
    except csv.Error as error:
        raise LabelFileError.at(path, reader.line_num, 1, str(error)) from error


def line_parts(text: str) -> Iterator[Iterable[str]]:
    """The lines of a text, with their ends, a part at a time: all at once they take four times the memory of the text."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _SNIFFED) + 1 or len(text)
        yield io.StringIO(text[start:end], newline="\n")
        start = end


def _labelled(path: Any, rows: Iterable[tuple[int, list[str]]], columns: dict[str, int]) -> LabelRows:
    path_column = next((columns[name] for name in PATH_NAMES if name in columns), None)
    label_column = next((columns[name] for name in LABEL_NAMES if name in columns), None)
    duration_column = next((columns[name] for name in DURATION_NAMES if name in columns), None)
    error_column = columns.get(_ERROR) if label_column is None else None
    if path_column is None:
        raise LabelFileError.at(
            path, 1, 1, f"the header {list(columns)} names no column of paths; call it one of {', '.join(PATH_NAMES)}"
        )
    width = len(columns)
    paths: list[str] = []
    labels: list[str] = []
    durations = ExactSeconds()
    numbers = array("q")
    broken = []
    known: dict[str, str] = {}  # one string per label, not one per row
    for number, cells in rows:
        # A separator at the end of the line is not a column.
        if len(cells) != width and (len(cells) != width + 1 or cells[-1].strip()):
            problem = f"{len(cells)} columns, but {width} before"
            raise LabelFileError.at(path, number, min(len(cells), width) + 1, problem)
        name = cells[path_column].strip()
        if error_column is not None and cells[error_column].strip():
            broken.append((name, cells[error_column].strip()))
            continue
        if not name:
            raise LabelFileError.at(path, number, path_column + 1, "the cell is empty")
        if label_column is not None:
            label = cells[label_column].strip()
            if not label:
                raise LabelFileError.at(path, number, label_column + 1, "the cell is empty")
            labels.append(known.setdefault(label, label))
        if duration_column is not None:
            text = cells[duration_column]
            if not durations.append_text(text):
                durations.append(_seconds(path, number, duration_column, text.strip()))
        paths.append(name)
        numbers.append(number)
    if broken and not paths:
        raise LabelFileError(f"{path}: none of its {len(broken)} videos can be read", path=str(path))
    if not paths:
        raise LabelFileError(f"{path} lists no videos: it has only a header", path=str(path))
    return LabelRows(
        paths,
        None if label_column is None else labels,
        durations,
        numbers,
        scanned=error_column is not None,
        broken=tuple(broken),
    )


def _seconds(path: Any, row: int, column: int, text: str) -> Fraction | None:
    if not text:
        return None
    seconds = seconds_of(text)
    if seconds is None:
        raise LabelFileError.at(path, row, column + 1, f"{text!r} is not a positive number of seconds")
    return seconds


def numbered(rows: LabelRows, path: Any, class_names: Sequence[str] | None) -> tuple[list[int], list[str] | None]:
    """The labels of the rows as numbers, and the names of the classes (``None`` where the file has only numbers).

    Labels that are words are numbered in the order of ``class_names``, or alphabetically where that is not given.

    Raises:
        LabelFileError: a label is not among ``class_names`` or not in their range, or one row has a word and the others
            numbers.
    """
    labels = rows.labels
    if labels is None:
        return [-1] * len(rows), list(class_names) if class_names is not None else None
    integers = {label: whole(label) for label in dict.fromkeys(labels)}
    if class_names is None:
        for label, number in integers.items():
            if number is None and _FRACTION.fullmatch(label):
                raise _at_label(rows, path, label, "is not a whole number; give class_names if it is a name")
        words = sum(integers[label] is None for label in labels)
        if words == len(rows):
            class_names = sorted(integers)
        elif words:
            mostly_names = words > len(rows) / 2
            odd = next(label for label, number in integers.items() if (number is None) != mostly_names)
            problem = f", although other rows have {'names' if mostly_names else 'numbers'}"
            raise _at_label(rows, path, odd, f"{problem}; give class_names if both are meant")
        else:
            return [number for label in labels if (number := integers[label]) is not None], None
    index = {name: number for number, name in enumerate(class_names)}
    found: dict[str, int] = {}
    for label, number in integers.items():
        place = index.get(label, number)
        if place is None or not -1 <= place < len(index):
            hint = _from_one(list(integers.values()), len(index))
            raise _at_label(rows, path, label, f"is not one of the {len(index)} classes{hint}")
        found[label] = place
    return [found[label] for label in labels], list(class_names)


def _at_label(rows: LabelRows, path: Any, label: str, problem: str) -> LabelFileError:
    number = rows.numbers[(rows.labels or []).index(label)]
    return LabelFileError.at(path, number, "label", f"{label!r}{'' if problem.startswith(',') else ' '}{problem}")


def _from_one(integers: Sequence[int | None], classes: int) -> str:
    numbers = [number for number in integers if number is not None]
    counts = len(numbers) == len(integers) and min(numbers) == 1 and max(numbers) == classes
    return f"; its labels are 1 to {classes}, and classes are numbered from 0" if counts else ""


def whole(label: str | None) -> int | None:
    """The number of a text such as ``3`` or, as pandas writes columns with gaps, ``3.0``; ``None`` if it is none."""
    match = _WHOLE.fullmatch(label) if label is not None else None
    return int(match[1]) if match else None


def read_class_names(names: str | Path | Sequence[str]) -> list[str]:
    """Class names from a sequence, or from a file with one name per line.

    Numbers in front of the names (``1 ApplyEyeMakeup``), in their order from 0 or 1, are not part of them.

    Raises:
        LabelFileError: a name occurs twice.
    """
    found = [line for _, line in _numbered_lines(read_text(names))] if isinstance(names, str | Path) else list(names)
    if isinstance(names, str | Path):
        found = _without_numbers(found)
    double = next((name for name, count in Counter(found).items() if count > 1), None)
    if double is not None:
        raise LabelFileError(f"class_names has {double!r} twice")
    return found


def _without_numbers(lines: list[str]) -> list[str]:
    cells = [line.split(None, 1) for line in lines]
    numbers = [int(cell[0]) for cell in cells if len(cell) == 2 and cell[0].isdecimal()]
    counted = any(numbers == list(range(first, first + len(lines))) for first in (0, 1))
    return [name for _, name in cells] if counted and lines else lines


def read_json(path: Any) -> Any:
    """The content of a JSON file.

    Raises:
        LabelFileError: it is not JSON; the message names row and column.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise LabelFileError.at(path, error.lineno, error.colno, error.msg) from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, or nested too deep
        raise LabelFileError(f"{path} cannot be read as JSON: {error}", path=str(path)) from error
