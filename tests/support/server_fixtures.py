"""Fixtures of tests that download: a server on loopback, and a cache of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import FileServer, file_server


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as state:
        yield state


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, online."""
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PTV_OFFLINE", raising=False)
    return tmp_path / "cache"
