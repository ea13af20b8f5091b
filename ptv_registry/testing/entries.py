"""The components that a distribution provides."""

from __future__ import annotations

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
