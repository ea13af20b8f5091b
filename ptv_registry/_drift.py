"""What differs between what a lock records and what is installed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import importlib_metadata

from ptv_registry._plan import Node
from ptv_registry.errors import LockError, PtvWarning


class LockDriftWarning(PtvWarning):
    """What is installed differs from what the lock records."""


def check_drift(data: Mapping[str, Any], root: Node, *, strict: bool) -> None:
    """Warn about what differs, or refuse it.

    Raises:
        LockError: something does, and ``strict`` is true.
    """
    lines = drift(data, root)
    message = "what is installed differs from the lock:\n  " + "\n  ".join(lines)
    if lines and strict:
        raise LockError(message, drift=lines)
    if lines:
        warnings.warn(message, LockDriftWarning, stacklevel=5)


def drift(data: Mapping[str, Any], root: Node) -> list[str]:
    """What differs between the lock and what is installed, a line each."""
    lines = []
    today = {node.entry.dist: node.entry.version for node in root.walk() if node.entry}
    locked = dict(data.get("distributions", {}))
    locked |= {dist: data[key] for dist, key in (("ptv-registry", "kernel"), ("torch", "torch")) if data.get(key)}
    for dist, version in locked.items():
        installed = today.get(dist) or installed_version(dist)
        if installed != version:
            lines.append(f"{dist}: locked {version}, installed {installed}")
    recorded = {(record["kind"], record["name"], record["entry"]) for record in _components(data["tree"])}
    current = {(n.kind.name, n.entry.name, n.entry.value) for n in root.walk() if n.entry}
    return lines + [f"{kind}:{name} was {value}" for kind, name, value in sorted(recorded - current)]


def installed_version(dist: str) -> str | None:
    """The version of an installed distribution; ``None`` if it is not."""
    try:
        return importlib_metadata.version(dist)
    except importlib_metadata.PackageNotFoundError:
        return None


def _components(record: Any) -> Iterator[Mapping[str, Any]]:
    """The record of every component in a tree."""
    if isinstance(record, Mapping):
        if "entry" in record:
            yield record
        record = list(record.values())
    if isinstance(record, list):
        for item in record:
            yield from _components(item)
