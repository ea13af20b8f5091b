"""Locks: the JSON of what was asked, of the whole resolved tree, and of what it was resolved with."""

from __future__ import annotations

import json
import math
import platform
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

import importlib_metadata
from attrs import define, field

from ptv_registry import _entries, _registry, limits, records
from ptv_registry._factory import Factory
from ptv_registry._parser import parse
from ptv_registry._parts import Parts
from ptv_registry._plan import Argument, Node, Opaque, Plan, Source, nodes_in, show
from ptv_registry._signature import MISSING, Parameter, describe_annotation, signature, takes
from ptv_registry._slots import Slot
from ptv_registry._spec import Spec
from ptv_registry.errors import LockError, PtvError, PtvWarning, UnfreezableError
from ptv_registry.redaction import record_without_secrets

VERSION: Final = 1
ATTRIBUTE: Final = "__ptv_plan__"


class LockDriftWarning(PtvWarning):
    """What is installed differs from what the lock records."""


@define
class Unpickled:
    """The plan of an object that came out of a pickle: its lock, or why it has none."""

    lock: str
    reason: str = ""
    parts: Parts = field(factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> Unpickled:
        return self


def pickled(plan: Plan) -> tuple[str, str, Parts]:
    """What a pickle of a built object keeps of its plan."""
    try:
        return to_text(plan), "", dict(plan.parts)
    except UnfreezableError as error:
        return "", error.message, {}


def unpickled(state: tuple[str, str, Parts] | tuple[str, str]) -> Unpickled:
    """Inverse of :func:`pickled`."""
    return Unpickled(*state)


def to_text(plan: Plan) -> str:
    """The lock of a plan, as JSON text.

    Raises:
        UnfreezableError: something in the plan has no name; the message gives its path.
    """
    tree = node_to_json(plan.root)
    dists = {e.dist: e.version for e in (n.entry for n in plan.walk()) if e is not None and e.dist}
    lock = {
        "ptv_lock": VERSION,
        "asked": {
            "spec": str(plan.spec) if plan.spec else None,
            "arguments": {name: _asked(value, name) for name, value in plan.arguments.items()},
            "set": {path: _asked(value, path) for path, value in plan.edits.items()},
        },
        "tree": tree,
        "options": plan.options,
        "after_build": plan.records,
        "distributions": dict(sorted(dists.items())),
        "kernel": _version("ptv-registry"),
        "torch": _version("torch"),
        "python": platform.python_version(),
    }
    try:
        return json.dumps(record_without_secrets(lock), indent=1) + "\n"
    except (TypeError, ValueError) as error:
        msg = f"the options of the build or what a plugin recorded of it ({', '.join([*plan.options, *plan.records])}) is no JSON: {error}"
        raise UnfreezableError(msg) from error


def _asked(value: Any, path: str) -> Any:
    if isinstance(value, Spec):
        return str(value)
    if isinstance(value, Factory):
        return node_to_json(value.__ptv_node__)
    if isinstance(value, Mapping):  # out of another lock
        return dict(value)
    return _literal(value, path, strict=False)


def _version(dist: str) -> str | None:
    try:
        return importlib_metadata.version(dist)
    except importlib_metadata.PackageNotFoundError:
        return None


# Nodes to JSON


def node_to_json(node: Node) -> dict[str, Any]:
    """One node with all below it."""
    if node.entry is None:
        place = node.path or "the outermost component"
        target = getattr(node.target, "__qualname__", repr(node.target))
        msg = f"{place} is {target}, a raw callable that no lock can name; give it a name with ptv_registry.register({node.kind.name!r}, ...) or an entry point"
        raise UnfreezableError(msg, path=node.path)
    out: dict[str, Any] = {
        "kind": node.kind.name,
        "name": node.entry.name,
        "dist": node.entry.dist,
        "version": node.entry.version,
        "entry": node.entry.value,
        "arguments": {},
    }
    for name, argument in node.arguments.items():
        path = f"{node.path}.{name}" if node.path else name
        record: dict[str, Any] = {"source": argument.source, "value": _to_json(argument, argument.value, path)}
        if argument.given_at:
            record["given_at"] = argument.given_at
        out["arguments"][name] = record
    return out


def _to_json(argument: Argument, value: Any, path: str) -> Any:
    if isinstance(value, Node):
        return {"node": node_to_json(value)}
    if isinstance(value, Opaque):
        msg = f"{path} is a {type(value.value).__name__} object, which no lock can name; give it as a spec"
        raise UnfreezableError(msg, path=path)
    if isinstance(value, tuple | list) and any(True for _ in nodes_in(value)):
        return {"list": [_to_json(argument, item, f"{path}[{i}]") for i, item in enumerate(value)]}
    return _literal(value, path, strict=argument.source != "default")


def _literal(value: Any, path: str, *, strict: bool = True) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, tuple | list):
        return [_literal(item, path, strict=strict) for item in value]
    if isinstance(value, Path):
        return {"path": str(value)}
    if strict:
        raise UnfreezableError(f"{path} is {value!r}, a {type(value).__name__} that no lock can hold", path=path)
    return {"opaque": getattr(value, "__qualname__", None) or repr(value)}


# JSON to nodes


def read(lock: str | Mapping[str, Any]) -> dict[str, Any]:
    """A lock's data.

    Raises:
        LockError: it is no lock, or one of a newer format.
    """
    if isinstance(lock, str) and len(lock) > limits.RECORD_BYTES:
        raise LockError(f"the lock is longer than {limits.RECORD_BYTES >> 20} MB")
    try:
        data = records.parse_json(lock) if isinstance(lock, str) else dict(lock)
    except (PtvError, ValueError, TypeError) as error:
        raise LockError(f"the lock {error}") from error
    if not isinstance(data, dict) or "ptv_lock" not in data or not isinstance(data.get("tree"), dict):
        raise LockError("this is not a lock; `ptv freeze SPEC` and ptv_registry.freeze(model) write one")
    if data["ptv_lock"] != VERSION:
        raise LockError(
            f"the lock has format {data['ptv_lock']!r}, and this kernel reads {VERSION}; upgrade ptv-registry"
        )
    return data


def drift(data: Mapping[str, Any], root: Node) -> list[str]:
    """What differs between the lock and what is installed, a line each."""
    lines = []
    today = {node.entry.dist: node.entry.version for node in root.walk() if node.entry}
    for dist, version in data.get("distributions", {}).items():
        installed = today.get(dist) or _version(dist)
        if installed != version:
            lines.append(f"{dist}: locked {version}, installed {installed}")
    for dist, key in (("ptv-registry", "kernel"), ("torch", "torch")):
        if data.get(key) and _version(dist) != data[key]:
            lines.append(f"{dist}: locked {data[key]}, installed {_version(dist)}")
    recorded = {_recorded(record) for record in _records(data["tree"])}
    current = {(n.kind.name, n.entry.name, n.entry.value) for n in root.walk() if n.entry}
    lines += [f"{kind}:{name} was {value}" for kind, name, value in sorted(recorded - current)]
    return lines


def _recorded(record: Mapping[str, Any]) -> tuple[str, str, str]:
    return record["kind"], record["name"], record["entry"]


def _records(record: Any) -> list[Mapping[str, Any]]:
    if isinstance(record, Mapping):
        own = [record] if "entry" in record else []
        return own + [found for value in record.values() for found in _records(value)]
    return [found for item in record for found in _records(item)] if isinstance(record, list) else []


def to_plan(data: Mapping[str, Any], registry: _registry.Registry, *, strict: bool) -> Plan:
    """The plan that a lock records, with today's code and the recorded arguments.

    Raises:
        LockError: the lock is damaged; or ``strict`` and what is installed differs.
    """
    try:
        root = _node(data["tree"], registry, "")
        lines = drift(data, root)
        plan = _plan_of(data, root)
    except PtvError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise LockError(f"the lock is damaged: {type(error).__name__}: {error}") from error
    if lines and strict:
        raise LockError("what is installed differs from the lock:\n  " + "\n  ".join(lines), drift=lines)
    if lines:
        warnings.warn(
            "what is installed differs from the lock:\n  " + "\n  ".join(lines), LockDriftWarning, stacklevel=4
        )
    return plan


def _plan_of(data: Mapping[str, Any], root: Node) -> Plan:
    asked = data.get("asked") or {}
    spec = parse(asked["spec"]) if asked.get("spec") else None
    arguments, edits, options = asked.get("arguments") or {}, asked.get("set") or {}, data.get("options") or {}
    records = data.get("after_build") or {}
    return Plan(root, spec, dict(arguments), dict(edits), dict(options), dict(records), locked_options=set(options))


def _node(record: Mapping[str, Any], registry: _registry.Registry, path: str, slot: Slot | None = None) -> Node:
    kind = registry.kind(record["kind"])
    if slot is not None and slot.kind != kind.name:
        raise LockError(f"the lock is damaged: {path} takes a {slot.kind}, not a {kind.name}")
    entry = registry.find(record["kind"], record["name"], record["dist"])
    target = registry.load(entry)
    node = Node(kind, path, entry, target, signature(target), locked=True)
    for name, item in record["arguments"].items():
        if not node.signature.accepts(name):
            where = f" at {path}" if path else ""
            raise LockError(f"{entry.key}{where} of {entry.origin} no longer takes {name}, which the lock records")
        parameter = node.signature.parameters.get(name)
        slot = parameter.slot if parameter else None
        below = f"{path}.{name}" if path else name
        if item["source"] not in get_args(Source):
            raise LockError(f"the lock is damaged: the source of {below} is {item['source']!r}")
        value = _value(item["value"], registry, below, slot)
        if _is_opaque(value):
            continue  # a default without a text form: today's default is used
        if parameter and slot and not _fits_slot(value, parameter.default, parameter):
            raise LockError(f"the lock is damaged: {below} does not take {show(value)}")
        if parameter and not slot and not takes(parameter.annotation, value) and value != parameter.default:
            raise LockError(
                f"{below} takes {describe_annotation(parameter.annotation)}, and the lock has {show(value)}"
            )
        built = slot.built if slot else False
        node.arguments[name] = Argument(value, item["source"], slot is not None, built, str(item.get("given_at", "")))
    return node


def _fits_slot(value: Any, template: Any, parameter: Parameter, *, within: bool = False) -> bool:
    """Whether a slot's value has the shape that resolution gives it: spread over the default's list, if that is one."""
    wanted = isinstance(template, tuple | list)
    if isinstance(value, tuple):
        if within and not wanted and template is not MISSING:
            return False  # the default has one component in this place of its list
        templates = template if wanted else [MISSING] * len(value)
        same_length = len(value) == len(templates) or not templates
        return (
            parameter.takes_list
            and same_length
            and all(
                _fits_slot(item, part, parameter, within=True)
                for item, part in zip(value, templates or [MISSING] * len(value), strict=True)
            )
        )
    return parameter.takes_none if value is None else not (wanted and template)


_OPAQUE: Final = object()


def _is_opaque(value: Any) -> bool:
    return value is _OPAQUE or (isinstance(value, tuple) and any(map(_is_opaque, value)))


def _value(value: Any, registry: _registry.Registry, path: str, slot: Slot | None) -> Any:
    if isinstance(value, list):
        return tuple(_value(item, registry, f"{path}[{i}]", slot) for i, item in enumerate(value))
    if value is None or (slot is None and isinstance(value, bool | int | float | str)):
        return value
    if isinstance(value, Mapping):
        if "node" in value and slot is not None:
            return _node(value["node"], registry, path, slot)
        if isinstance(value.get("list"), list) and slot is not None:
            return _value(value["list"], registry, path, slot)
        if "float" in value and slot is None:
            return float(value["float"])
        if isinstance(value.get("path"), str) and slot is None:
            return Path(value["path"])
        if "opaque" in value:
            return _OPAQUE
        value = dict(value)
    raise LockError(f"the lock is damaged: {path} is {value!r}")


def factory_from(record: Mapping[str, Any]) -> Factory:
    """A factory out of a pickle."""
    return Factory(_node(record, _registry.default, ""))


def first_party_of(data: Mapping[str, Any]) -> bool:
    """Whether every distribution that a lock names is of this project."""
    return set(data.get("distributions", {})) <= _entries.first_party()
