"""The components that a distribution provides."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

import pytest

from ptv_registry import Registry
from ptv_registry._entries import Entry, canonical
from ptv_registry.contracts import contract_of, providers
from ptv_registry.testing.distribution_checks import groups_of


def entries_of(dist: str) -> list[Entry]:
    """Every component of a distribution, of the kinds that there are; a usage error if it has nothing to do with us."""
    wanted = canonical(dist)
    registry = Registry()
    kinds = registry.kinds()
    found = [
        e for e in registry.entries() if canonical(e.dist or "") == wanted and not e.deprecated and e.kind in kinds
    ]
    if not found and not groups_of(dist):
        raise pytest.UsageError(f"--ptv-dist {dist}: no such distribution is installed, or it provides no entry points")
    return found


def suites_of(dists: Iterable[str]) -> list[str]:
    """Files of the further tests that the contracts of these distributions' kinds name."""
    kinds = {entry.kind for dist in dists for entry in entries_of(dist)}
    modules = [contract_of(kind).tests for kind in sorted(kinds & providers().keys())]
    specs = [find_spec(module) for module in modules if module]
    return [spec.origin for spec in specs if spec is not None and spec.origin]
