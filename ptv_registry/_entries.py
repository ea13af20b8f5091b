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

from ptv_registry._meaning import meaning_of
from ptv_registry.errors import ArgumentError, PluginLoadError

GROUP: Final = "ptv_registry.v1"
_PREFIX: Final = "ptv_registry.v"
_OF_ALL: Final = re.compile(r"extra\s*==\s*['\"]all['\"]")
_UNREADABLE: Final = "unreadable"  # a distribution without metadata
NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")


@frozen
class Entry:
    """A component's name and where it comes from.

    Attributes:
        kind, name: what a spec says.
        value: ``module:attribute``.
        dist, version: the distribution, or ``None`` for what this process registered itself.
        deprecated: an old name: it works, warns, and is not listed.
        target: the component, when this process registered it.
        status: where it is listed: empty, ``shadowed`` (another distribution has the bare name), ``ambiguous`` (nobody has)
            or ``invalid`` (no spec can hold the name).
    """

    kind: str
    name: str
    value: str
    dist: str | None = None
    version: str | None = None
    deprecated: bool = False
    target: Any = field(default=None, repr=False, eq=False)
    status: str = field(default="", eq=False)

    @property
    def key(self) -> str:
        """The name as a spec writes it, with its kind."""
        return f"{self.kind}:{self.name}"

    @property
    def meaning(self) -> str:
        """One line of what it is: the first of its docstring, read from the source and not imported; empty without one."""
        if self.target is not None:
            return (getattr(self.target, "__doc__", None) or "").strip().partition("\n")[0]
        return meaning_of(self.value)

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
        target: Any = sys.modules.get(module)
        try:
            for part in filter(None, attribute.split(".")):
                target = getattr(target, part, None)
        except Exception:  # noqa: BLE001 - a stranger's __getattr__ must not matter to who looks for something else
            return None
        return target


@cache
def _load(entry: Entry) -> Any:
    module, _, attribute = entry.value.partition(":")
    try:
        target = importlib.import_module(module)
        for part in filter(None, attribute.split(".")):
            target = getattr(target, part)
    except (Exception, SystemExit) as error:
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
    seen: set[Entry] = set()
    origins = cache(_origin)  # to read a distribution's metadata once, not once per name
    for group, point in _points():
        version, _, rest = group.removeprefix(_PREFIX).partition(".")
        kind, _, flag = rest.partition(".")
        dist: Any = point.dist
        entry = Entry(kind, point.name, _value(point), *origins(dist), flag == "deprecated")
        if entry in seen:  # a distribution that is both built and installed editable is found twice
            continue
        seen.add(entry)
        if version != "1" or flag not in ("", "deprecated"):
            newer.append(entry)
        else:
            {"kinds": kinds, "hooks": hooks}.get(kind, entries).append(entry)
    return Scan(tuple(sorted(entries, key=_order)), tuple(kinds), tuple(hooks), tuple(newer), tuple(sys.path))


def _points() -> Iterator[tuple[str, importlib_metadata.EntryPoint]]:
    for point in importlib_metadata.entry_points():
        if point.group.startswith(_PREFIX):
            yield point.group, point


def _value(point: importlib_metadata.EntryPoint) -> str:
    """``module:attribute`` without the spaces and extras that an entry point may have; as written where it is not valid."""
    try:
        return f"{point.module}:{point.attr}" if point.attr else point.module
    except AttributeError:
        return point.value


def _origin(dist: importlib_metadata.Distribution | None) -> tuple[str, str | None]:
    try:
        return (dist.name or _UNREADABLE, dist.version) if dist else (_UNREADABLE, None)
    except (OSError, LookupError, TypeError, AttributeError):  # as importlib_metadata's versions differ
        return _UNREADABLE, None


def _order(entry: Entry) -> tuple[str, str, str, bool]:
    return entry.kind, entry.name, entry.dist or "", entry.deprecated


def canonical(dist: str) -> str:
    """A distribution's name as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", dist).lower()


@cache
def first_party() -> frozenset[str]:
    """The distributions of this project (canonical names): those that the kernel's own extra ``all`` names."""
    try:
        requires = importlib_metadata.requires("ptv-registry") or []
    except importlib_metadata.PackageNotFoundError:
        return frozenset()
    wanted = (re.match(r"[\w.-]+", line) for line in requires if _OF_ALL.search(line))
    return frozenset(canonical(match[0]) for match in wanted if match)


def is_valid(entry: Entry) -> bool:
    """Whether a name is one that specs can write."""
    return NAME.match(entry.name) is not None


def preferences(text: str) -> dict[str, str]:
    """What ``PTV_PREFER`` says: distributions by ``kind/name``.

    Raises:
        ArgumentError: it is not a list of ``kind/name=distribution``.
    """
    found = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, dist = item.partition("=")
        if not equals or "/" not in name:
            raise ArgumentError(
                f"PTV_PREFER has {item!r}; it is a list of kind/name=distribution, as in norm/ghost=acme-ptv"
            )
        found[name.strip()] = dist.strip()
    return found
