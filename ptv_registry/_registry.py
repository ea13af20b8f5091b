"""``Registry``: which component a name means, in this process."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import RLock
from typing import Any, Final, TypeVar

from attrs import evolve

from ptv_registry import _entries, _kinds, _meaning, _suggest
from ptv_registry._entries import NAME, Entry, Scan, canonical
from ptv_registry._kinds import Kind
from ptv_registry.errors import (
    AmbiguousNameError,
    ArgumentError,
    ContractError,
    DeprecatedNameWarning,
    DuplicateNameError,
    PluginLoadError,
    TrustError,
    UnknownNameError,
)

_T = TypeVar("_T")


class Registry:
    """Names of components by kind: those of the installed distributions and those registered in this process.

    Args:
        trusted_dists: if given, only components of these distributions can be named (and those of this process); by
            default those that the environment variable ``PTV_TRUSTED_DISTS`` lists, with commas between, else all.
        prefer: ``{"norm/ghost": "acme-ptv"}``: which distribution has a bare name; adds to ``PTV_PREFER``.
        scan: the installed entry points; by default they are read once per process.
    """

    def __init__(
        self,
        *,
        trusted_dists: Iterable[str] | None = None,
        prefer: Mapping[str, str] | None = None,
        scan: Scan | None = None,
    ) -> None:
        self._lock = RLock()
        self._given_scan = scan
        if trusted_dists is None and (listed := os.environ.get("PTV_TRUSTED_DISTS", "").strip()):
            trusted_dists = map(str.strip, listed.split(","))
        self._trusted = None if trusted_dists is None else frozenset(map(canonical, trusted_dists))
        self._given_prefer = dict(prefer or {})
        self._preferred: dict[str, str] | None = None
        self._local: dict[tuple[str, str], Entry] = {}
        self._index: dict[tuple[str, str], list[Entry]] = {}
        self._indexed: Scan | None = None
        self._kinds: dict[str, Kind] = {}
        self._found: dict[tuple[str, int], Entry] = {}

    def copy(self) -> Registry:
        """An independent registry that knows the same names."""
        other = Registry(trusted_dists=self._trusted, prefer=self._given_prefer, scan=self._given_scan)
        other._local = dict(self._local)
        other._kinds = dict(self._kinds)
        return other

    def refresh(self) -> None:
        """Look again for installed distributions, for instance after ``pip install`` in a notebook."""
        global _process_scan
        with self._lock:
            importlib.invalidate_caches()
            _meaning.look_again()
            _process_scan = None
            self._preferred = None

    @property
    def scan(self) -> Scan:
        """What the installed distributions offer."""
        return self._given_scan or _scan_of_process()

    @property
    def _prefer(self) -> dict[str, str]:
        if self._preferred is None:
            self._preferred = _entries.preferences(os.environ.get("PTV_PREFER", "")) | self._given_prefer
        return self._preferred

    # Kinds

    def kind_names(self) -> list[str]:
        """Every kind's name; imports none of those that distributions add."""
        return [*_kinds.BUILT_IN, *(entry.name for entry in self.scan.kinds)]

    def kind_owner(self, name: str) -> str | None:
        """The distribution that adds a kind; ``None`` for those of the kernel."""
        return next((entry.dist for entry in self.scan.kinds if entry.name == name), None)

    def kinds(self) -> dict[str, str]:
        """Every kind's name and meaning; that of a kind that a distribution adds is read from its source, not imported."""
        added = {entry.name: entry.meaning or f"a kind of {entry.dist}" for entry in self.scan.kinds}
        return {name: kind.meaning for name, kind in _kinds.BUILT_IN.items()} | added

    def kind(self, name: str) -> Kind:
        """The kind of this name.

        Raises:
            UnknownNameError: neither the kernel nor an installed distribution has it.
        """
        found = _kinds.BUILT_IN.get(name) or self._kinds.get(name)
        if found:
            return found
        for entry in self.scan.kinds:
            if entry.name == name:
                self.check_trust(entry)
                kind = entry.load()
                if not isinstance(kind, Kind) or kind.name != name:
                    raise ContractError(f"{entry.value} of {entry.origin} is not a Kind named {name}")
                return self._kinds.setdefault(name, kind)
        raise self._no_kind(name)

    def _check_kind(self, name: str) -> None:
        names = self.kind_names()
        if name not in names:
            raise self._no_kind(name)

    def _no_kind(self, name: str) -> UnknownNameError:
        names = self.kind_names()
        return UnknownNameError(f"{name!r} is not a kind.{_suggest.near(name, names)} Kinds: {', '.join(names)}")

    # Names

    def register(self, kind: str, name: str, *, replace: bool = False) -> Callable[[_T], _T]:
        """A decorator that gives a component a name in this process, for notebooks and tests.

        Running the same definition again is not a duplicate.

        Raises:
            DuplicateNameError: the name is taken and ``replace`` is false.
            ArgumentError: the name is not of the form ``[a-z][a-z0-9_]*``.
        """
        self._check_kind(kind)
        if not NAME.match(name):
            raise ArgumentError(f"{name!r} cannot be a component's name; use lower case letters, digits and _")

        def decorate(target: _T) -> _T:
            if not callable(target):
                raise ArgumentError(f"{kind}:{name} cannot be {target!r}, which is not callable")
            value = f"{getattr(target, '__module__', '?')}:{getattr(target, '__qualname__', repr(target))}"
            with self._lock:
                taken = self._local.get((kind, name)) or next(iter(self._installed(kind, name)), None)
                if taken and not replace and not (taken.target is not None and taken.value == value):
                    msg = f"{kind}:{name} is already provided by {taken.origin} ({taken.value}); register(..., replace=True) takes it over"
                    raise DuplicateNameError(msg)
                self._local[kind, name] = Entry(kind, name, value, target=target)
            return target

        return decorate

    def _installed(self, kind: str, name: str) -> list[Entry]:
        with self._lock:
            scan = self.scan
            if self._indexed is not scan:
                index: dict[tuple[str, str], list[Entry]] = {}
                for entry in filter(_entries.is_valid, scan.entries):
                    index.setdefault((entry.kind, entry.name), []).append(entry)
                self._index, self._indexed = index, scan
            return self._index.get((kind, name), [])

    def find(self, kind: str, name: str, dist: str | None = None) -> Entry:
        """The entry that a name means; imports nothing.

        Raises:
            UnknownNameError: nobody provides it.
            AmbiguousNameError: several third parties do, and no preference says which.
            TrustError: its distribution is not trusted.
        """
        entry = self._choose(kind, name, dist)
        self.check_trust(entry)
        if entry.deprecated:
            new = next((e.name for e in self.entries(kind) if e.value == entry.value and not e.deprecated), None)
            hint = f"; use {kind}:{new}" if new else ""
            warnings.warn(f"{entry.key} is a deprecated name{hint}", DeprecatedNameWarning, stacklevel=2)
        return entry

    @property
    def trusted(self) -> frozenset[str] | None:
        """The distributions (canonical names) that may be named; ``None``: all."""
        return self._trusted

    def trusts(self, entry: Entry) -> bool:
        """Whether an entry is of a trusted distribution, or of this process."""
        return self._trusted is None or not entry.dist or canonical(entry.dist) in self._trusted

    def check_trust(self, entry: Entry) -> None:
        """Refuse an entry of a distribution that is not trusted.

        Raises:
            TrustError: it is of one.
        """
        if self._trusted is not None and not self.trusts(entry):
            msg = f"{entry.key} is of {entry.dist}, which is not among the trusted distributions: {_suggest.listed(self._trusted)}"
            raise TrustError(msg)

    def _choose(self, kind: str, name: str, dist: str | None) -> Entry:
        installed = self._installed(kind, name)
        if dist is not None:
            for entry in installed:
                if entry.dist and canonical(entry.dist) == canonical(dist):
                    return entry
            raise self._unknown(kind, name, dist)
        if (kind, name) in self._local:
            return self._local[kind, name]
        if not installed:
            raise self._unknown(kind, name, None)
        preferred = self._prefer.get(f"{kind}/{name}")
        if preferred is not None and canonical(preferred) not in {canonical(entry.dist or "") for entry in installed}:
            msg = f"PTV_PREFER (or prefer=) asks for {kind}/{name} of {preferred}, which is not installed or does not provide it"
            raise UnknownNameError(msg, kind=kind, name=name)
        winner = self._winner(kind, name, installed)
        if winner is None:
            dists = [entry.dist or "?" for entry in installed]
            msg = (
                f"{kind}:{name} is ambiguous: provided by {' and '.join(dists)}. Write {dists[0]}/{name}, or set "
                f"PTV_PREFER={kind}/{name}={dists[0]}"
            )
            raise AmbiguousNameError(msg, kind=kind, name=name, dists=dists)
        return winner

    def _winner(self, kind: str, name: str, installed: list[Entry]) -> Entry | None:
        preferred = self._prefer.get(f"{kind}/{name}")
        if preferred is not None:
            for entry in installed:
                if canonical(entry.dist or "") == canonical(preferred):
                    return entry
        if len(installed) == 1:
            return installed[0]
        current = [entry for entry in installed if not entry.deprecated] or installed
        ours = [entry for entry in current if canonical(entry.dist or "") in _entries.first_party()]
        candidates = ours or current
        return candidates[0] if len({entry.dist for entry in candidates}) == 1 else None

    def _unknown(self, kind: str, name: str, dist: str | None) -> UnknownNameError:
        self._check_kind(kind)
        names = {entry.name for entry in self.entries(kind) if not entry.deprecated and _entries.is_valid(entry)}
        shown = f"{dist}/{name}" if dist else name
        newer = [e for e in self.scan.newer if (e.kind, e.name) == (kind, name) and dist in (None, e.dist)]
        if newer:
            msg = (
                f"{kind}:{name} of {newer[0].origin} is written for a newer plugin API than this kernel reads; upgrade it: "
                "pip install -U ptv-registry"
            )
            return UnknownNameError(msg, kind=kind, name=name)
        parts = [f"no {kind} is called {shown!r}.{_suggest.near(name, names)}"]
        others = sorted({entry.kind for entry in self.entries() if entry.name == name} - {kind})
        if others:
            parts.append(f"{name!r} is {' and '.join(map(_a, others))}, not {_a(kind)}.")
        elsewhere = _suggest.known_elsewhere().get(f"{kind}:{name}")
        if elsewhere and not self._installed(kind, name):
            parts.append(f"It is provided by {elsewhere!r}, which is not installed: pip install {elsewhere}")
        if dist and self._installed(kind, name):
            parts.append(f"{name!r} is provided by {' and '.join(str(e.dist) for e in self._installed(kind, name))}.")
        parts.append(f"Names of this kind: {_suggest.listed(names)}")
        return UnknownNameError(" ".join(parts), kind=kind, name=name)

    def entries(self, kind: str | None = None) -> list[Entry]:
        """Every entry of a kind, of this process first; imports nothing."""
        local = [entry for entry in self._local.values() if kind in (None, entry.kind)]
        return local + [entry for entry in self.scan.entries if kind in (None, entry.kind)]

    def entry_of(self, kind: str, target: Any) -> Entry | None:
        """The entry under which an already imported object is registered in a kind, if it is."""
        found = self._found.get((kind, id(target)))
        if found is not None and found.loaded() is target:
            return found
        for entry in self.entries(kind):
            if not entry.deprecated and _entries.is_valid(entry) and entry.loaded() is target:
                self._found[kind, id(target)] = entry
                return entry
        return None

    def components(self, kind: str | None = None) -> list[Entry]:
        """Every listed component with its status, by kind and name; imports none of them, and no kind.

        Raises:
            UnknownNameError: ``kind`` is not a kind.
        """
        if kind is not None:
            self._check_kind(kind)
        listed = [entry for entry in self.entries(kind) if not entry.deprecated]
        listed = [evolve(entry, status=status) if (status := self._status(entry)) else entry for entry in listed]
        return sorted(listed, key=lambda entry: (entry.kind, entry.name, entry.dist or ""))

    def _status(self, entry: Entry) -> str:
        if not _entries.is_valid(entry):
            return "invalid"
        if (entry.kind, entry.name) in self._local:
            return "" if entry.dist is None else "shadowed"
        winner = self._winner(entry.kind, entry.name, self._installed(entry.kind, entry.name))
        if winner is None:
            return "ambiguous"
        return "" if winner is entry else "shadowed"

    def load(self, entry: Entry) -> Callable[..., Any]:
        """The component behind an entry.

        Raises:
            PluginLoadError: it does not import, or is not callable.
        """
        target = entry.load()
        if not callable(target):
            msg = f"{entry.key} of {entry.origin} ({entry.value!r}) is {type(target).__name__}, not a callable"
            raise PluginLoadError(msg, kind=entry.kind, component=entry.name, dist=entry.dist, value=entry.value)
        return target


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


_process_scan: Scan | None = None


def _scan_of_process() -> Scan:
    global _process_scan
    if _process_scan is None:
        _process_scan = _entries.scan()
    return _process_scan


default = Registry()

_current: Final[ContextVar[Registry | None]] = ContextVar("_current", default=None)


def current() -> Registry:
    """The registry of the build that this is part of; outside of one, the process's own."""
    return _current.get() or default


@contextmanager
def within(registry: Registry) -> Iterator[None]:
    """What is looked up by name in this context, and given no registry, is looked up in this one."""
    token = _current.set(registry)
    try:
        yield
    finally:
        _current.reset(token)
