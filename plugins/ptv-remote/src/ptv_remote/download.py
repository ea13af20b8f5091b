"""Downloads over HTTP that resume where they stopped."""

from __future__ import annotations

import errno
import json
import logging
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import requests
from attrs import frozen

from ptv_registry.errors import OutputError
from ptv_registry.files import write_text
from ptv_remote.addresses import HTTPAddress
from ptv_remote.cache import CachedFile
from ptv_remote.errors import DownloadError, TooLargeError
from ptv_remote.http import (
    BROKEN,
    BrokenConnectionError,
    ask,
    content_range,
    refused,
    settled,
    strong_mark,
    whole_size,
    words,
)
from ptv_remote.limits import as_text, download_limit
from ptv_remote.room import make_room

ATTEMPTS: Final = 5
"""How often in a row a download may fail without getting further than it ever was."""
CONNECTIONS: Final = 100
"""How many connections one download may take in all."""
WAIT_S: Final = 0.5
"""Pause before the second attempt; it doubles with each further one."""
STALL_S: Final = 60.0
STALL_BYTES: Final = 1 << 16
"""A connection that brings less than this in ``STALL_S`` seconds is given up."""
_PIECE: Final = 1 << 16

logger = logging.getLogger(__name__)


@frozen
class Downloaded:
    """What a server said of the file that came.

    Attributes:
        whole: whether it said how long the file is, so that it is known to be complete.
        etag: how it marks this version.
        last_modified: when it changed, if that is long enough ago to tell versions apart.
    """

    whole: bool
    etag: str | None
    last_modified: str | None


def download(
    address: HTTPAddress, cached: CachedFile, *, known: Mapping[str, str] | None = None, progress: bool = False
) -> Downloaded | None:
    """Downloads the file of an HTTP address to ``cached.partial``, with the part that an earlier attempt left as a start.

    The caller holds the lock of ``cached``.

    Args:
        address: where the file is.
        cached: its place.
        known: headers that ask for the file only if it is another one than is known.
        progress: whether to show a progress bar.

    Returns:
        What the server said of it; ``None`` if the file is the one that is known.

    Raises:
        DownloadError: the server refuses, or the connection broke too often; what came is kept for the next call if the
            server marks its version.
        TooLargeError: it is larger than allowed.
    """
    from tqdm import tqdm

    failures, best = 0, _size(cached.partial)
    with tqdm(desc=cached.name, unit="B", unit_scale=True, disable=not progress, leave=False, delay=1) as bar:
        for _ in range(CONNECTIONS):
            try:
                return _attempt(address, cached, known or {}, bar)
            except BrokenConnectionError as error:
                cause = error
            now = _size(cached.partial)
            failures = 0 if now > best else failures + 1
            best = max(best, now)
            if failures >= ATTEMPTS:
                break
            time.sleep(WAIT_S * 2 ** max(failures - 1, 0) if failures else 0)
    kept = "what came cannot be resumed, because the server does not state a version"
    if _version(cached):
        kept = f"{_size(cached.partial)} bytes are kept in {cached.partial}; the next download resumes there"
    tried = (
        f"no new bytes in {ATTEMPTS} attempts" if failures >= ATTEMPTS else f"not whole after {CONNECTIONS} connections"
    )
    raise DownloadError(f"{cached.uri}: {tried} ({cause}); {kept}", uri=cached.uri) from None


def _attempt(address: HTTPAddress, cached: CachedFile, known: Mapping[str, str], bar: Any) -> Downloaded | None:
    """One connection: the rest of the file, or all of it if the server does not go on or has another file now."""
    start, version = _size(cached.partial), _version(cached)
    headers = dict(known)
    if start and version is not None:
        headers = {"Range": f"bytes={start}-", "If-Range": version["mark"]}
    else:
        start = 0
    with ask(address, headers) as answer:
        if answer.status_code == 304 and known:
            return None
        if answer.status_code == 416 and start:
            _forget(cached)
            raise BrokenConnectionError("the server has no such range")
        if answer.status_code == 206:
            first, _, total = content_range(answer)
            if not start or version is None or first != start or total != version["size"]:
                _forget(cached)
                raise BrokenConnectionError("the server answers with a range that was not asked for")
        elif answer.status_code == 200:
            start = 0
        else:
            raise refused(address, answer)
        return _receive(answer, cached, start, bar)


def _receive(answer: requests.Response, cached: CachedFile, start: int, bar: Any) -> Downloaded:
    encoded = answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")
    length = whole_size(cached.uri, answer)
    total = None if encoded else length
    limit = download_limit()
    if total is not None:
        _check_size(cached.uri, total, limit)
        make_room(total - start, cached.uri)
    remember_version(cached, answer.headers, total)
    bar.reset(total)
    bar.update(start)
    size = start
    try:
        with open(cached.partial, "r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            for piece in _pieces(answer):
                size += len(piece)
                if total is not None and size > total:
                    break
                _check_size(cached.uri, size, limit)
                _write(file, piece, cached.partial)
                bar.update(len(piece))
    except TooLargeError:
        _forget(cached)
        raise
    if total is not None and size != total:
        raise BrokenConnectionError(f"{size} of {total} bytes came")
    if total is None:
        make_room(size, cached.uri)
    chunked = "chunked" in answer.headers.get("Transfer-Encoding", "").lower()
    return Downloaded(
        whole=length is not None or chunked,
        etag=answer.headers.get("ETag"),
        last_modified=settled(answer.headers),
    )


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    began, came = time.monotonic(), 0
    while True:
        try:
            piece = answer.raw.read1(_PIECE, decode_content=True)
        except BROKEN as error:
            raise BrokenConnectionError(words(error)) from None
        if not piece:
            return
        came += len(piece)
        if time.monotonic() - began > STALL_S:
            if came < STALL_BYTES:
                raise BrokenConnectionError(f"only {came} bytes in {STALL_S:.0f} s")
            began, came = time.monotonic(), 0
        yield piece


def _write(file: BinaryIO, piece: bytes, path: Path) -> None:
    try:
        file.write(piece)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TooLargeError(f"{path}: the disk is full; PTV_CACHE names another folder", uri=str(path)) from error
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}", path=str(path)) from error


def _check_size(uri: str, size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        raise TooLargeError(
            f"{uri} is larger than {as_text(limit)}; PTV_DOWNLOAD_LIMIT=100GB raises the limit for one file", uri=uri
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _forget(cached: CachedFile) -> None:
    cached.partial.unlink(missing_ok=True)
    cached.version_path.unlink(missing_ok=True)


def _version(cached: CachedFile) -> dict[str, Any] | None:
    """Which version of the file the part is of, if that is known for certain: its size, and the server's mark."""
    try:
        version = json.loads(cached.version_path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    fits = isinstance(version, dict) and isinstance(version.get("mark"), str) and isinstance(version.get("size"), int)
    return version if fits else None


def remember_version(cached: CachedFile, headers: Mapping[str, str], size: int | None) -> None:
    """Notes which version of the file the part is of, if the server's answer promises equal bytes."""
    mark = strong_mark(headers)
    if size is not None and mark is not None:
        version = {"mark": mark, "size": size}
        if _version(cached) != version:
            write_text(cached.version_path, json.dumps(version))
    else:
        cached.version_path.unlink(missing_ok=True)
