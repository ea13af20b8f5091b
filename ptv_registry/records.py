"""Reading records: JSON of a known shape out of files that somebody else may have written or damaged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import attrs

from ptv_registry import limits
from ptv_registry.errors import PtvError

_T = TypeVar("_T")


class RecordError(PtvError, ValueError):
    """A record is not JSON, too large, or of another shape than it must have; names the place in it."""


def read_json(path: Path) -> Any:
    """The JSON in a file.

    Raises:
        FileNotFoundError: the file does not exist.
        OSError: it cannot be read.
        RecordError: it is too large, or no JSON.
    """
    with path.open("rb") as file:
        data = file.read(limits.RECORD_BYTES + 1)
    if len(data) > limits.RECORD_BYTES:
        raise RecordError(f"is larger than {limits.RECORD_BYTES >> 20} MB, which no record is")
    return parse_json(data)


def parse_json(text: str | bytes) -> Any:
    """The data that a text of JSON stands for, without numbers that are none.

    Raises:
        RecordError: it is not JSON, nested too deeply, or holds NaN, an infinity or an integer of thousands of digits.
    """
    try:
        data = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise RecordError("is nested too deeply") from None
    except RecordError:
        raise
    except ValueError as error:  # an integer of 5,000 digits too
        raise RecordError(f"is not JSON: {error}") from error
    if _depth(data) > limits.RECORD_DEPTH:
        raise RecordError(f"is nested more than {limits.RECORD_DEPTH} deep")
    return data


def _no_number(word: str) -> NoReturn:
    raise RecordError(f"holds {word}, which is not a number")


def _depth(data: Any) -> int:
    deepest, waiting = 0, [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        deepest = max(deepest, depth)
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(child, depth + 1) for child in children]
    return deepest


def structured(cls: type[_T], data: Any, what: str, **given: Any) -> _T:
    """An attrs class out of a record's data; its validators and converters say what may stand where.

    Args:
        cls: an attrs class.
        data: the JSON object; keys are the names of attributes.
        what: how messages call it.
        **given: attributes that are not in the data.

    Raises:
        RecordError: something is missing, unknown, or not as it must be.
    """
    if not isinstance(data, Mapping):
        raise RecordError(f"{what} must be an object, and is {shown(data)}")
    fields = {field.name: field for field in attrs.fields(cls) if field.init}  # type: ignore[arg-type]
    unknown = sorted(str(key) for key in data if key not in fields or key in given)
    if unknown:
        raise RecordError(f"{what} has {', '.join(unknown)[:200]}, which is unknown")
    missing = [n for n, f in fields.items() if f.default is attrs.NOTHING and n not in data and n not in given]
    if missing:
        raise RecordError(f"{what} lacks {', '.join(missing)}")
    try:
        return cls(**given, **data)
    except PtvError as error:
        raise RecordError(f"{what}: {error}") from error
    except (TypeError, ValueError, LookupError, OverflowError, AttributeError) as error:
        raise RecordError(f"{what} is not as it must be: {_first_line(error)}") from error


def shown(value: Any) -> str:
    """A value in a message, cut where it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of 5,000 digits, or a deep list
        return f"a {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


def checked(test: Callable[[Any], bool], wanted: str) -> Callable[[Any, Any, Any], None]:
    """A validator of attrs that says what is wanted and what is there."""

    def validate(_: Any, attribute: Any, value: Any) -> None:
        if not test(value):
            raise RecordError(f"{attribute.name} must be {wanted}, and is {shown(value)}")

    return validate


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
