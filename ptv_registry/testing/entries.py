"""The components that a distribution provides."""

from __future__ import annotations

import pytest

from ptv_registry import _registry
from ptv_registry._entries import Entry


def entries_of(dist: str) -> list[Entry]:
    """Every entry of a distribution; a usage error if it has none."""
    found = [e for e in _registry.default.scan.entries if e.dist and _same(e.dist, dist) and not e.deprecated]
    if not found:
        raise pytest.UsageError(f"--ptv-dist {dist}: no such distribution is installed, or it provides no component")
    return found


def _same(left: str, right: str) -> bool:
    return left.replace("_", "-").lower() == right.replace("_", "-").lower()
