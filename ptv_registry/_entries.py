"""``Entry``: one name that an installed distribution (or this process) gives to a component, before any import."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

import importlib_metadata
from attrs import field, frozen

from ptv_registry.errors import PluginLoadError

GROUP: Final = "ptv_registry.v1"
_PREFIX: Final = "ptv_registry.v"


@frozen
class Entry:
    """A component's name and where it comes from.

    Attributes:
        kind, name: what a spec says.
        value: ``module:attribute``.
        dist, version: the distribution, or ``None`` for what this process registered itself.
        deprecated: an old name: it works, warns, and is not listed.
        target: the component, when this process registered it.
    """

    kind: str
    name: str
    value: str
    dist: str | None = None
    version: str | None = None
    deprecated: bool = False
    target: Any = field(default=None, repr=False, eq=False)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def origin(self) -> str:
        """Who provides it, for messages."""
        return f"{self.dist} {self.version}" if self.dist else "this process"

    def load(self) -> Callable[..., Any]:
        """Import the component.

        Raises:
            PluginLoadError: the import fails, whatever the cause; nothing falls back to another implementation.
        """
        return self.target if self.target is not None else _load(self)

    def loaded(self) -> Any:
        """The component if its module is already imported, else ``None``; imports nothing."""
        if self.target is not None:
            return self.target
        module, _, attribute = self.value.partition(":")
        target = sys.modules.get(module)
        for part in attribute.split("."):
            target = getattr(target, part, None)
        return target


@cache
def _load(entry: Entry) -> Any:
    module, _, attribute = entry.value.partition(":")
    try:
        target = importlib.import_module(module)
        for part in filter(None, attribute.split(".")):
            target = getattr(target, part)
    except Exception as error:
        msg = (
            f"{entry.key} of {entry.origin} (entry point {entry.value!r}) does not load: "
            f"{type(error).__name__}: {error}\nReinstall or upgrade {entry.dist}, or choose another {entry.kind} "
            f"(ptv list {entry.kind}); `ptv doctor` checks every installed component."
        )
        raise PluginLoadError(msg, kind=entry.kind, component=entry.name, dist=entry.dist, value=entry.value) from error
    return target


@frozen
class Scan:
    """What one look over the installed distributions found."""

    entries: tuple[Entry, ...]
    kinds: tuple[Entry, ...]
    hooks: tuple[Entry, ...]
    newer: tuple[Entry, ...]  # written for an API version that this kernel does not read
    paths: tuple[str, ...]


def scan() -> Scan:
    """Read the entry points of all installed distributions; imports none of them."""
    entries: list[Entry] = []
    kinds: list[Entry] = []
    hooks: list[Entry] = []
    newer: list[Entry] = []
    for group, point in _points():
        dist = point.dist
        version, _, rest = group.removeprefix(_PREFIX).partition(".")
        kind, _, flag = rest.partition(".")
        entry = Entry(
            kind,
            point.name,
            point.value,
            dist.name if dist else None,
            dist.version if dist else None,
            flag == "deprecated",
        )
        if version != "1" or flag not in ("", "deprecated"):
            newer.append(entry)
        else:
            {"kinds": kinds, "hooks": hooks}.get(kind, entries).append(entry)
    return Scan(tuple(sorted(entries, key=_order)), tuple(kinds), tuple(hooks), tuple(newer), tuple(sys.path))


def _points() -> Iterator[tuple[str, importlib_metadata.EntryPoint]]:
    seen: set[tuple[str | None, str, str, str]] = set()
    for point in importlib_metadata.entry_points():
        if not point.group.startswith(_PREFIX):
            continue
        # A distribution that is both built and installed editable is found twice.
        identity = (point.dist.name if point.dist else None, point.group, point.name, point.value)
        if identity not in seen:
            seen.add(identity)
            yield point.group, point


def _order(entry: Entry) -> tuple[str, str, str, bool]:
    return entry.kind, entry.name, entry.dist or "", entry.deprecated


@cache
def first_party() -> frozenset[str]:
    """The distributions of this project: those that the kernel's own extra ``all`` names."""
    try:
        requires = importlib_metadata.requires("ptv-registry") or []
    except importlib_metadata.PackageNotFoundError:
        return frozenset()
    return frozenset(re.match(r"[\w.-]+", line)[0] for line in requires if "extra ==" in line)  # type: ignore[index]
