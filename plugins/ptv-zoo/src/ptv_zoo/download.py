"""Downloads over HTTP that go on where they stopped."""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from ptv_zoo.cache import CachedFile, replace_with
from ptv_zoo.errors import DownloadError

ATTEMPTS: Final = 5
"""How often in a row a download may fail without a single new byte."""
WAIT_S: Final = 0.5
"""Pause before the second attempt; it doubles with each further one."""
TIMEOUT_S: Final = 30.0
_PIECE: Final = 1 << 16
_TRANSIENT: Final = (408, 425, 429, 500, 502, 503, 504)
_DROPPED: Final = (ConnectionError, TimeoutError, http.client.HTTPException, urllib.error.URLError, EOFError)


def download(cached: CachedFile, *, progress: bool = False, attempts: int = ATTEMPTS, wait_s: float = WAIT_S) -> None:
    """Bring the file of an HTTP address into the cache, with the part that an earlier attempt left as a start.

    The caller holds the lock of ``cached``. The file appears under its name only when it is whole and its sha256 is the
    recorded one, if one is.

    Args:
        cached: the address and its place.
        progress: whether to show a progress bar.
        attempts: how often in a row to try without a single new byte.
        wait_s: seconds before the second attempt; they double.

    Raises:
        DownloadError: the server refuses, or the connection broke too often; what came is kept for the next call.
        TamperedWeightsError: the file is not the one that was recorded.
    """
    failures = 0
    with tqdm(desc=cached.file.name, unit="B", unit_scale=True, disable=not progress, leave=False) as bar:
        while True:
            before = _size(cached.partial)
            try:
                _fetch(cached, bar)
                break
            except urllib.error.HTTPError as error:
                error.close()
                if error.code not in _TRANSIENT:
                    raise _refused(cached, error) from error
                cause: Exception = error
            except _DROPPED as error:
                cause = error
            failures = 0 if _size(cached.partial) > before else failures + 1
            if failures >= attempts:
                msg = f"{cached.uri}: no new bytes in {attempts} attempts ({cause}); {_size(cached.partial)} bytes are kept in {cached.partial}, and the next download goes on from there"
                raise DownloadError(msg, uri=cached.uri) from cause
            time.sleep(wait_s * 2 ** max(failures - 1, 0) if failures else 0)
    try:
        cached.check(cached.partial)
    except Exception:
        cached.partial.unlink()  # a wrong start would spoil every later attempt
        raise
    cached.partial.replace(cached.file)
    _validator(cached).unlink(missing_ok=True)


def _refused(cached: CachedFile, error: urllib.error.HTTPError) -> DownloadError:
    return DownloadError(f"{cached.uri}: the server says {error.code} {error.reason}", uri=cached.uri, code=error.code)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _validator(cached: CachedFile) -> Path:
    return cached.folder / "download.json"


def _fetch(cached: CachedFile, bar: tqdm[Any]) -> None:
    """One connection: the rest of the file, or all of it if the server does not go on or has another file now."""
    start = _size(cached.partial)
    headers = {"User-Agent": "ptv-zoo", "Accept-Encoding": "identity"}
    version = _version(cached)
    if start and version:
        headers["Range"] = f"bytes={start}-"
        if version.get("mark"):
            headers["If-Range"] = version["mark"]
    else:
        start = 0
    try:
        response = urllib.request.urlopen(urllib.request.Request(cached.uri, headers=headers), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is left, or the part does not belong to this file: begin again
            error.close()
            cached.partial.unlink(missing_ok=True)
            msg = "the server has no such range"
            raise ConnectionError(msg) from error
        raise
    with response:
        total = _total(response, start)
        if response.status == 206 and (_range_start(response) != start or total != (version or {}).get("size")):
            cached.partial.unlink(missing_ok=True)
            msg = "the server has another file now"
            raise ConnectionError(msg)
        start = start if response.status == 206 else 0
        _remember_version(cached, response, total)
        bar.reset(total)
        bar.update(start)
        with cached.partial.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            while piece := response.read(_PIECE):
                file.write(piece)
                bar.update(len(piece))
    if total is not None and _size(cached.partial) != total:
        msg = f"{_size(cached.partial)} of {total} bytes came"
        raise EOFError(msg)


def _total(response: Any, start: int) -> int | None:
    """The size of the whole file, if the server says it."""
    whole = re.search(r"/(\d+)\s*$", response.headers.get("Content-Range") or "")
    if response.status == 206 and whole:
        return int(whole[1])
    length = response.headers.get("Content-Length")
    return None if length is None else int(length) + (start if response.status == 206 else 0)


def _range_start(response: Any) -> int:
    found = re.match(r"bytes\s+(\d+)-", response.headers.get("Content-Range") or "")
    return int(found[1]) if found else -1


def _version(cached: CachedFile) -> dict[str, Any] | None:
    """Which version of the file the part is of: its size, and how the server marks it, if it does."""
    try:
        version = json.loads(_validator(cached).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return version if isinstance(version, dict) else None


def _remember_version(cached: CachedFile, response: Any, size: int | None) -> None:
    etag = response.headers.get("ETag") or ""
    # A weak mark does not promise equal bytes, and servers refuse it in If-Range.
    mark = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")
    if size is not None:
        replace_with(_validator(cached), json.dumps({"mark": mark, "size": size}))
    else:
        _validator(cached).unlink(missing_ok=True)
