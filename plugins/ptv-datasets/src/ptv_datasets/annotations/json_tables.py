"""JSON that holds a table by columns, as ``DataFrame.to_json()`` of pandas writes it unless asked for records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ptv_datasets.annotations.label_rows import PATH_NAMES, LabelFileError


def entries_of_table(path: Any, found: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of a table as objects; ``None`` if the object is not a table.

    Known are columns as objects by row number (``{"path": {"0": "a.mp4"}, "label": {"0": 1}}``), as lists
    (``{"path": ["a.mp4"], "label": [1]}``), and the orient ``split`` (``{"columns": [...], "data": [[...]]}``).

    Raises:
        LabelFileError: columns or rows are of different length.
    """
    if isinstance(found.get("columns"), list) and isinstance(found.get("data"), list):
        names, rows = found["columns"], found["data"]
        if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
            raise LabelFileError(
                f"{path}: not every row of 'data' has the {len(names)} cells of 'columns'", path=str(path)
            )
        return [dict(zip(map(str, names), row, strict=True)) for row in rows]
    column = next((value for name, value in found.items() if name.lower() in PATH_NAMES), None)
    if isinstance(column, list):
        lists = {name: value for name, value in found.items() if isinstance(value, list)}
        if len({len(value) for value in lists.values()}) > 1:
            lengths = ", ".join(f"{name}: {len(value)}" for name, value in lists.items())
            raise LabelFileError(f"{path}: its columns are of different length ({lengths})", path=str(path))
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    if isinstance(column, Mapping) and column and all(key.isdecimal() for key in column):
        if not all(isinstance(value, Mapping) and value.keys() == column.keys() for value in found.values()):
            raise LabelFileError(f"{path}: its columns do not have the same rows", path=str(path))
        return [{name: value[key] for name, value in found.items()} for key in column]
    return None
