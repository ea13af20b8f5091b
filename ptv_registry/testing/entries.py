"""The components that a distribution provides."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

import importlib_metadata
import pytest

from ptv_registry import _registry
from ptv_registry._entries import Entry, canonical


def entries_of(dist: str) -> list[Entry]:
    """Every entry of a distribution; a usage error if it has none."""
    wanted = canonical(dist)
    found = [e for e in _registry.default.scan.entries if canonical(e.dist or "") == wanted and not e.deprecated]
    if not found:
        raise pytest.UsageError(f"--ptv-dist {dist}: no such distribution is installed, or it provides no component")
    return found


def suites_of(dists: Iterable[str]) -> list[str]:
    """Files of further tests for the kinds of these distributions, which plugins name in group ``ptv_registry.conformance``."""
    kinds = {entry.kind for dist in dists for entry in entries_of(dist)}
    points = importlib_metadata.entry_points(group="ptv_registry.conformance")
    specs = [find_spec(point.value) for point in points if point.name in kinds]
    return [spec.origin for spec in specs if spec is not None and spec.origin]
