"""Videos and labels written as JSON or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from ptv_datasets.annotations.json_tables import entries_of_table
from ptv_datasets.annotations.kinetics_lists import is_kinetics_entry, rows_of_kinetics_json
from ptv_datasets.annotations.label_rows import (
    DURATION_NAMES,
    LABEL_NAMES,
    PATH_NAMES,
    LabelFileError,
    LabelRow,
    LabelRows,
    seconds_of,
)
from ptv_datasets.video_lists.exact_seconds import ExactSeconds

_ACCEPTED: Final = (
    'what is read is a list of objects ([{"path": "a.mp4", "label": "run"}, ...]), the same one a line, '
    'or an object of labels by path ({"a.mp4": "run", ...})'
)
_LIST_NAMES: Final = ("videos", "data", "samples")


def rows_of_json(path: Any, text: str) -> LabelRows:
    """The rows of a JSON text that lists videos; ``row`` counts its entries, or the lines of JSON lines, from 1.

    Labels may be missing in all of them, as in a manifest of ``ptv scan``, whose broken videos are left out.

    Raises:
        LabelFileError: it is not JSON, or lists no videos in a form that is known.
    """
    found = _loaded(path, text)
    if isinstance(found, Mapping):
        if found and is_kinetics_entry(next(iter(found.values()))):
            return rows_of_kinetics_json(path, found)
        nested = next((found[name] for name in _LIST_NAMES if isinstance(found.get(name), list)), None)
        entries = enumerate(nested, 1) if nested is not None else _by_path(path, found)
    else:
        entries = iter(found)
    rows: list[LabelRow] = []
    broken = []
    scanned = False
    for number, entry in entries:
        row = _row(path, number, entry)
        error = entry.get("error")
        if isinstance(error, str) and error and row.label is None:
            broken.append((row.path, error))
        else:
            rows.append(row)
        scanned = scanned or (row.label is None and "error" in entry)
    if not rows:
        raise LabelFileError(f"{path} lists no videos; {_ACCEPTED}", path=str(path))
    without = next((row for row in rows if row.label is None), None)
    if without is not None and any(row.label is not None for row in rows):
        raise LabelFileError.at(path, without.row, "label", f"{without.path!r} has no label, and others have one")
    return LabelRows(
        [row.path for row in rows],
        [str(row.label) for row in rows] if without is None else None,
        ExactSeconds(row.duration for row in rows),
        [row.row for row in rows],
        scanned=scanned,
        broken=tuple(broken),
    )


def _loaded(path: Any, text: str) -> Mapping[str, Any] | list[tuple[int, Any]]:
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise LabelFileError(f"{path} is nested too deeply", path=str(path)) from error
    except json.JSONDecodeError as error:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for _, line in lines[:2]):
            raise LabelFileError.at(path, error.lineno, error.colno, error.msg) from error
        return [(number, _line(path, number, line)) for number, line in lines]
    except ValueError as error:  # a number of 5,000 digits
        raise LabelFileError(f"{path} cannot be read as JSON: {error}", path=str(path)) from error
    if isinstance(found, list):
        return list(enumerate(found, 1))
    if isinstance(found, dict):
        if (table := entries_of_table(path, found)) is not None:
            return list(enumerate(table, 1))
        return [(1, found)] if _first(found, PATH_NAMES) is not None else found
    raise LabelFileError(f"{path} holds {type(found).__name__} {str(found)[:40]!r}; {_ACCEPTED}", path=str(path))


def _line(path: Any, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        problem = str(getattr(error, "msg", error)) if isinstance(error, ValueError) else "nested too deeply"
        raise LabelFileError.at(path, number, getattr(error, "colno", 1), problem) from error


def _by_path(path: Any, found: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    for number, (name, value) in enumerate(found.items(), 1):
        if isinstance(value, Mapping):
            yield number, value if _first(value, PATH_NAMES) is not None else {**value, "path": name}
        else:
            yield number, {"path": name, "label": value}


def _row(path: Any, number: int, entry: Any) -> LabelRow:
    if not isinstance(entry, Mapping):
        raise LabelFileError.at(path, number, 1, f"{str(entry)[:60]!r} is not an object; {_ACCEPTED}")
    if "id" in entry and "template" in entry:
        raise LabelFileError(
            f"{path} is an annotation file of Something-Something; give the spec ssv2(label_name_file=..., "
            "video_label_file=..., video_path_label_file=...)",
            path=str(path),
        )
    if "benchmarks" in entry:
        raise LabelFileError(
            f"{path} is an annotation file of Ego4D; give the spec json_clips(data_path='{path}')", path=str(path)
        )
    name = _first(entry, PATH_NAMES)
    if not isinstance(name, str) or not name:
        raise LabelFileError.at(path, number, "path", f"the entry names no video: {str(dict(entry))[:80]}; {_ACCEPTED}")
    label = _first(entry, LABEL_NAMES)
    if label is None and any(key.lower() in LABEL_NAMES for key in entry):
        raise LabelFileError.at(path, number, "label", "the label is null")
    if isinstance(label, bool) or not isinstance(label, str | int | float | None):
        raise LabelFileError.at(path, number, "label", f"{str(label)[:60]} is neither a number nor a name")
    return LabelRow(name, None if label is None else str(label), _seconds(path, number, entry), number)


def _seconds(path: Any, number: int, entry: Mapping[str, Any]) -> Fraction | None:
    value = _first(entry, DURATION_NAMES)
    if value is None:
        return None
    seconds = None if isinstance(value, bool) else seconds_of(str(value))
    if seconds is None:
        raise LabelFileError.at(path, number, "duration", f"{value!r} is not a positive number of seconds")
    return seconds


def _first(entry: Mapping[str, Any], names: Iterable[str]) -> Any:
    lowered = {str(key).lower(): value for key, value in entry.items()}
    return next((lowered[name] for name in names if lowered.get(name) is not None), None)
