"""Locks: the JSON of what was asked, of the whole resolved tree, and of what it was resolved with."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

from ptv_registry import limits, records
from ptv_registry._drift import check_drift, installed_version
from ptv_registry._factory import Factory
from ptv_registry._given import Given, Recorded
from ptv_registry._parser import parse
from ptv_registry._plan import Argument, Node, Plan, Source, nodes_in
from ptv_registry._registry import Registry
from ptv_registry._resolve import Resolver
from ptv_registry._spec import Spec
from ptv_registry.errors import ArgumentError, LockError, PtvError, UnfreezableError
from ptv_registry.redaction import record_without_secrets

VERSION: Final = 1

# Plan to JSON


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
        "options": dict(plan.options),
        "after_build": dict(plan.records),
        "distributions": dict(sorted(dists.items())),
        "kernel": installed_version("ptv-registry"),
        "torch": installed_version("torch"),
        "python": platform.python_version(),
    }
    try:
        return json.dumps(record_without_secrets(lock), indent=1) + "\n"
    except (TypeError, ValueError) as error:
        names = ", ".join([*plan.options, *plan.records])
        msg = f"the options of the build or what a plugin recorded of it ({names}) is not JSON: {error}"
        raise UnfreezableError(msg) from error


def _asked(value: Any, path: str) -> Any:
    if isinstance(value, Spec):
        return str(value)
    if isinstance(value, Factory):
        return node_to_json(value.node)
    if isinstance(value, Mapping):  # out of another lock
        return dict(value)
    return _literal(value, path, strict=False)


def node_to_json(node: Node) -> dict[str, Any]:
    """One node with all below it."""
    if node.entry is None:
        place = node.path or "the outermost component"
        target = getattr(node.target, "__qualname__", repr(node.target))
        msg = f"{place} is {target}, a raw callable that no lock can name; give it a name with ptv_registry.register({node.kind.name!r}, ...) or an entry point"
        raise UnfreezableError(msg, path=node.path)
    arguments = {}
    for name, argument in node.arguments.items():
        arguments[name] = {"source": argument.source, "value": _to_json(argument, argument.value, node.below(name))}
        if argument.given_at:
            arguments[name]["given_at"] = argument.given_at
    return {
        "kind": node.kind.name,
        "name": node.entry.name,
        "dist": node.entry.dist,
        "version": node.entry.version,
        "entry": node.entry.value,
        "arguments": arguments,
    }


def _to_json(argument: Argument, value: Any, path: str) -> Any:
    if argument.slot is None or value is None:
        return _literal(value, path, strict=argument.source != "default")
    if isinstance(value, Node):
        return {"node": node_to_json(value)}
    if isinstance(value, tuple):
        items = [_to_json(argument, item, f"{path}[{i}]") for i, item in enumerate(value)]
        return {"list": items} if any(True for _ in nodes_in(value)) else items
    msg = f"{path} is a {type(value).__name__} object, which no lock can name; give it as a spec"
    raise UnfreezableError(msg, path=path)


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


# JSON to plan


def read(lock: str | Mapping[str, Any]) -> dict[str, Any]:
    """A lock's data.

    Raises:
        LockError: it is not a lock, or one of a newer format.
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


def to_plan(data: Mapping[str, Any], registry: Registry, *, strict: bool) -> Plan:
    """The plan that a lock records, with today's code and the recorded arguments.

    Raises:
        LockError: the lock is damaged; or ``strict`` and what is installed differs.
    """
    try:
        root = node_from_json(data["tree"], registry)
        asked = data.get("asked") or {}
        options, after_build = data.get("options") or {}, data.get("after_build") or {}
        plan = Plan(
            root,
            parse(asked["spec"]) if asked.get("spec") else None,
            asked.get("arguments") or {},
            asked.get("set") or {},
            options,
            after_build,
            locked_options=frozenset(options),
            registry=registry,
        )
        check_drift(data, root, strict=strict)
    except PtvError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise LockError(f"the lock is damaged: {type(error).__name__}: {error}") from error
    return plan


def node_from_json(record: Mapping[str, Any], registry: Registry) -> Node:
    """Inverse of :func:`node_to_json`.

    Raises:
        LockError: the record is damaged, or what is installed takes other values.
        PtvError: what it names is not installed, or not trusted.
    """
    recorded = _recorded(record, "")
    try:
        return Resolver(registry).root(recorded, recorded.kind, complete=False)
    except ArgumentError as error:
        raise LockError(f"the lock is damaged, or what is installed takes other values: {error}") from error


_NOT_RECORDED: Final = object()  # a default without a text form: today's default is used


def _recorded(record: Mapping[str, Any], path: str) -> Recorded:
    arguments = {}
    for name, item in record["arguments"].items():
        below = f"{path}.{name}" if path else name
        if item["source"] not in get_args(Source):
            raise LockError(f"the lock is damaged: the source of {below} is {item['source']!r}")
        value = _value(item["value"], below)
        if value is not _NOT_RECORDED:
            arguments[name] = Given(value, below, None, item["source"], str(item.get("given_at", "")))
    return Recorded(record["kind"], record["name"], record["dist"], arguments)


def _value(value: Any, path: str) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        (form, content), *_ = value.items()
        if form == "node":
            return _recorded(content, path)
        if form == "list" and isinstance(content, list):
            value = content
        elif form in ("float", "path") and isinstance(content, str):
            return float(content) if form == "float" else Path(content)
        elif form == "opaque":
            return _NOT_RECORDED
    if isinstance(value, list):
        items = tuple(_value(item, f"{path}[{i}]") for i, item in enumerate(value))
        return _NOT_RECORDED if any(item is _NOT_RECORDED for item in items) else items
    raise LockError(f"the lock is damaged: {path} is {value!r}")
