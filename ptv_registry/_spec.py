"""``Spec``: a component's name and arguments as data, and its text and JSON forms (the grammar is in ``_parser``)."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from ptv_registry.errors import ArgumentError

MAX_DEPTH: Final = 32
MAX_TEXT: Final = 64 * 1024
KEYWORDS: Final = {"none": None, "true": True, "false": False}

PYTHON_WORDS: Final = {"None": "none", "True": "true", "False": "false"}
MAX_BITS: Final = 4096  # of an integer; Python itself refuses to print or read one of 4,300 digits

IDENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_DIST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_NO_NAMES: Final = KEYWORDS.keys() | PYTHON_WORDS.keys()

Value = Any
"""``None``, ``bool``, ``int``, ``float``, ``str``, a tuple of values, or a :class:`Spec`."""


@frozen
class Written:
    """Where a piece of a spec was written, for error messages; two specs that differ only in this are equal."""

    text: str
    column: int
    columns: Mapping[str, int] = field(factory=dict)

    def at(self, argument: str | None = None) -> Written:
        """The place of one argument's value."""
        return Written(self.text, self.columns.get(argument, self.column)) if argument else self


def _copied(args: Mapping[str, Value]) -> dict[str, Value]:
    if not isinstance(args, Mapping):
        raise ArgumentError(f"the arguments of a spec are a mapping of names to values, not {args!r}")
    return dict(args)


@frozen(eq=False, repr=False)
class Spec:
    """A component by name with its arguments: ``kind:dist/name(arg=value, ...)``.

    Attributes:
        name: the registered name.
        args: argument name to value; the order is kept for printing and does not matter for equality.
        kind: the kind, where it was written.
        dist: the distribution, where it was written.
        written: the text and columns it was parsed from, if it was.

    Raises:
        ArgumentError: a name is not an identifier, or a value is of a type that the grammar does not have.
    """

    name: str
    args: Mapping[str, Value] = field(factory=dict, converter=_copied)
    kind: str | None = None
    dist: str | None = None
    written: Written | None = None

    def __attrs_post_init__(self) -> None:
        for label, word, pattern in (
            ("name", self.name, IDENT),
            ("kind", self.kind, IDENT),
            ("distribution", self.dist, _DIST),
            *(("argument name", name, IDENT) for name in self.args),
        ):
            if word is None and label in ("kind", "distribution"):
                continue
            if not isinstance(word, str) or not pattern.match(word) or (label == "name" and word in _NO_NAMES):
                msg = f"{word!r} cannot be the {label} of a spec; it must look like {'acme-ptv' if label == 'distribution' else 'res_basic'}"
                raise ArgumentError(msg)
        # The dict is this Spec's own copy, so that normalising lists to tuples in place is invisible to the caller.
        args: dict[str, Value] = self.args  # type: ignore[assignment]
        for name, value in args.items():
            args[name] = _normalised(value, f"argument {name} of {self.name}")
        if _depth(self) > MAX_DEPTH:
            raise ArgumentError(f"{self.name} is nested more than {MAX_DEPTH} deep")

    def __str__(self) -> str:
        prefix = (f"{self.kind}:" if self.kind else "") + (f"{self.dist}/" if self.dist else "")
        arguments = ", ".join(f"{name}={format_value(value)}" for name, value in self.args.items())
        return f"{prefix}{self.name}({arguments})" if self.args else prefix + self.name

    def __repr__(self) -> str:
        return f"<Spec {self}>"

    def _key(self) -> tuple[Any, ...]:
        arguments = ((name, _value_key(self.args[name])) for name in sorted(self.args))
        return self.kind, self.dist, self.name, tuple(arguments)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Spec) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: nested specs are objects, lists are arrays."""
        out: dict[str, Any] = {"name": self.name}
        if self.kind:
            out["kind"] = self.kind
        if self.dist:
            out["dist"] = self.dist
        if self.args:
            out["args"] = {name: _to_json(value) for name, value in self.args.items()}
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Spec:
        """The spec of a JSON form; raises :class:`ArgumentError` where it is none."""
        return _from_dict(data, 0)


def _from_dict(data: Any, depth: int) -> Spec:
    if not isinstance(data, Mapping):
        raise ArgumentError(f"the JSON form of a spec is an object with name and args, not {type(data).__name__}")
    if depth > MAX_DEPTH:
        raise ArgumentError(f"the JSON form is nested more than {MAX_DEPTH} deep")
    unknown = set(data) - {"name", "kind", "dist", "args"}
    args = data.get("args", {})
    if "name" not in data or unknown or not isinstance(args, Mapping):
        msg = f"the JSON form of a spec has name and, as needed, kind, dist and args; got the keys {sorted(map(str, data))}"
        raise ArgumentError(msg)
    return Spec(
        data["name"],
        {name: _from_json(value, depth + 1) for name, value in args.items()},
        data.get("kind"),
        data.get("dist"),
    )


def built_in(value: Any, depth: int = 0) -> Any:
    """numpy's scalars and ranges as the numbers and tuples that they stand for, in lists too; anything else as it is."""
    if type(value) in (list, tuple) and depth <= MAX_DEPTH:
        return type(value)(built_in(item, depth + 1) for item in value)
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, range):
        return tuple(value)
    numpy = sys.modules.get("numpy")
    return value.item() if numpy is not None and isinstance(value, numpy.generic) else value


def _normalised(value: Value, where: str, depth: int = 0) -> Value:
    value = _scalar(value)
    if isinstance(value, list | tuple):
        if depth > MAX_DEPTH:
            raise ArgumentError(f"{where} is nested more than {MAX_DEPTH} deep")
        return tuple(_normalised(item, where, depth + 1) for item in value)
    if value is None or isinstance(value, bool | Spec):
        return value
    # Subclasses (enumerations, numpy's floats) print as something else than the number or text that they are.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and value.bit_length() <= MAX_BITS:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    shown = f"an int of {value.bit_length()} bits" if isinstance(value, int) else repr(value)
    msg = (
        f"{shown} ({where}) has no text form; a spec holds none, booleans, finite numbers, strings, lists and specs. "
        "Give it to build() as a keyword argument instead."
    )
    raise ArgumentError(msg)


def _children(value: Value) -> Iterator[Value]:
    if isinstance(value, Spec):
        yield from value.args.values()
    elif isinstance(value, tuple):
        yield from value


def _depth(value: Value) -> int:
    # Children were validated when they were made, so this recursion is bounded by MAX_DEPTH + 1.
    return 1 + max((_depth(child) for child in _children(value)), default=0) if isinstance(value, Spec | tuple) else 0


def _value_key(value: Value) -> tuple[Any, ...]:
    if isinstance(value, Spec):
        return value._key()
    if isinstance(value, tuple):
        return tuple(_value_key(item) for item in value)
    # The type and the text tell 1, 1.0 and true apart, and 0.0 and -0.0, which Python's own equality does not.
    return type(value).__name__, repr(value)


def _to_json(value: Value) -> Any:
    if isinstance(value, Spec):
        return value.to_dict()
    return [_to_json(item) for item in value] if isinstance(value, tuple) else value


def _from_json(value: Any, depth: int) -> Value:
    if isinstance(value, Mapping):
        return _from_dict(value, depth)
    if isinstance(value, list | tuple):
        if depth > MAX_DEPTH:
            raise ArgumentError(f"the JSON form is nested more than {MAX_DEPTH} deep")
        return tuple(_from_json(item, depth + 1) for item in value)
    return value


def format_value(value: Value) -> str:
    """The text form of a value, as it stands in a spec."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + "".join(map(_escaped, value)) + "'"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(format_value, value)) + "]"
    return str(value) if isinstance(value, Spec) else repr(value)


_ESCAPES: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
