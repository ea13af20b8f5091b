"""How much the cache holds, and what is evicted when it is full."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen
from filelock import FileLock, Timeout

from ptv_remote.cache import CachedFile, cache_dir, lock_path
from ptv_remote.errors import TooLargeError
from ptv_remote.limits import as_text, cache_limit

_IN_USE_S: Final = 3600
"""A file that was used less than this ago is not removed to make room."""
_LOOK_AGAIN: Final = 1000
"""Number of downloads after which the size of the cache is recalculated."""


@frozen
class Entry:
    """One folder of the cache.

    Attributes:
        folder: where it is.
        uri: the address, without password; empty if nothing was finished.
        size: bytes on the disk, parts of unfinished downloads too.
        used: when it was last used, in seconds since 1970.
        pinned: whether it holds weights, whose sha256 is kept.
    """

    folder: Path
    uri: str
    size: int
    used: float
    pinned: bool


def entries() -> Iterator[Entry]:
    """What is in the cache."""
    try:
        folders = sorted(path for path in cache_dir().iterdir() if path.is_dir())
    except FileNotFoundError:
        return
    for folder in folders:
        size, used = 0, 0.0
        for path in folder.iterdir():
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            size, used = size + stat.st_size, max(used, stat.st_mtime)
        record = CachedFile("", folder, "").record()
        yield Entry(folder, record.uri if record else "", size, used, bool(record and record.pinned))


def remove(entry: Entry) -> bool:
    """Removes one folder of the cache, record and all, unless some process is using it; whether it did."""
    try:
        with FileLock(lock_path(entry.folder), timeout=0.5):
            shutil.rmtree(entry.folder, ignore_errors=True)
    except Timeout:
        return False
    return True


class _Room:
    """How much this process believes the cache to hold."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.size = 0
        self.downloads = 0

    def make(self, needed: int, uri: str) -> None:
        limit = cache_limit()
        if limit is None:
            return
        if needed > limit:
            raise _no_room(uri, needed, limit)
        self.downloads += 1
        if self.folder != cache_dir() or self.downloads > _LOOK_AGAIN or self.size + needed > limit:
            self.folder, self.downloads = cache_dir(), 0
            self.size = _shrink(limit - needed)
        if self.size + needed > limit:
            raise _no_room(uri, needed, limit)
        self.size += needed


_ROOM: Final = _Room()


def make_room(needed: int, uri: str) -> None:
    """Makes room in the cache: the least recently used files are evicted, their records stay.

    Raises:
        TooLargeError: it has not, or the disk has not.
    """
    _ROOM.make(needed, uri)
    place = next(path for path in (cache_dir(), *cache_dir().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        msg = f"{uri} has {as_text(needed)}, but the disk of {cache_dir()} has only {as_text(free)} left"
        raise TooLargeError(f"{msg}; `ptv cache clear` makes room, PTV_CACHE names another folder", uri=uri)


def _shrink(room: int) -> int:
    found = sorted(entries(), key=lambda entry: entry.used)
    size = sum(entry.size for entry in found)
    for entry in found:
        if size <= room or time.time() - entry.used < _IN_USE_S:
            break
        try:
            with FileLock(lock_path(entry.folder), timeout=0):
                for path in entry.folder.iterdir():
                    if path.name != ".record.json":
                        path.unlink(missing_ok=True)
        except (Timeout, OSError):
            continue
        size -= entry.size
    return size


def _no_room(uri: str, needed: int, limit: int) -> TooLargeError:
    return TooLargeError(
        f"{uri} ({as_text(needed)}) has no room in the cache {cache_dir()}, which may hold {as_text(limit)}; "
        "`ptv cache clear` makes room, PTV_CACHE_LIMIT=200GB raises the limit",
        uri=uri,
    )
