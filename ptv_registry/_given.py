"""``Given``: a value with the place where it was written, which errors about it name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ptv_registry._plan import Source
from ptv_registry._spec import Written
from ptv_registry.errors import PtvError


@frozen
class Given:
    """A value as it was given; a context in which errors get its place.

    Attributes:
        value: a literal, a :class:`Spec`, a callable, or what a lock records.
        path: the argument that it was given for; empty for the outermost component.
        written: the text that it stands in, if it does.
        source, given_at: what the plan says of it; a lock records these.
    """

    value: Any
    path: str
    written: Written | None = None
    source: Source = "explicit"
    given_at: str = ""

    def with_value(self, value: Any) -> Given:
        """Another value that was given in the same place, such as an item of a list."""
        return Given(value, self.path, self.written, self.source, self.given_at)

    def located(self, error: PtvError) -> PtvError:
        """The error with this place in front, unless it has one."""
        if "path" in error.fields:
            return error
        column = self.written.column if self.written else None
        places = [self.path] if self.path else []
        if self.written is not None:
            places.append(f"column {column} of {_clipped(self.written.text)!r}")
        message = ": ".join([", ".join(places), error.message] if places else [error.message])
        placed = type(error)(message, **{"path": self.path, "column": column, **error.fields})
        placed.__cause__ = error.__cause__
        return placed

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PtvError) and not isinstance(error, UnicodeError):
            placed = self.located(error)
            if placed is not error:
                raise placed from error.__cause__


def _clipped(text: str, most: int = 100) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


@frozen(eq=False)
class Recorded:
    """A component as a lock records it: what :class:`Spec` is to text, with every argument and its source."""

    kind: str
    name: str
    dist: str | None
    arguments: Mapping[str, Given]

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"
