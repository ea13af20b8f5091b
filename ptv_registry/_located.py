"""Errors that say where the text was written that caused them."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from ptv_registry._spec import Written
from ptv_registry.errors import PtvError


@frozen
class Given:
    """A value as it was given, with the place where that was."""

    value: Any
    path: str
    written: Written | None = None


def located(error: PtvError, given: Given) -> PtvError:
    """The error, with the place of the text that was written in front."""
    if "path" in error.fields:
        return error
    places = []
    if given.path:
        places.append(given.path)
    if given.written is not None:
        places.append(f"column {given.written.column} of {_clipped(given.written.text)!r}")
    where = ", ".join(places)
    fields = {"path": given.path, "column": given.written.column if given.written else None, **error.fields}
    placed = type(error)(f"{where}: {error.message}" if where else error.message, **fields)
    placed.__cause__ = error.__cause__
    return placed


def _clipped(text: str, most: int = 100) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


@frozen
class Located:
    """Context in which errors get the place of what was written."""

    given: Given

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PtvError) and not isinstance(error, UnicodeError):
            placed = located(error, self.given)
            if placed is not error:
                raise placed from error.__cause__
