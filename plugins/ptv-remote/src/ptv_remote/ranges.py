"""Files of web servers, a stretch at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final, TypeVar

import requests

from ptv_remote.addresses import HTTPAddress
from ptv_remote.blocks import BLOCK, BlockFile, Blocks
from ptv_remote.cache import CachedFile, is_offline
from ptv_remote.download import ATTEMPTS, WAIT_S
from ptv_remote.errors import DownloadError, FileChangedError
from ptv_remote.fetching import fetch_http, keep_head, local_copy
from ptv_remote.http import BROKEN, BrokenConnectionError, ask, content_range, refused, strong_mark, words

WHOLE_BELOW: Final = 8 << 20
"""Smaller files are fetched whole, to the cache."""
FAILURES: Final = 50
"""How often reading one open file may fail in all."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class HTTPRanges:
    """A file of a web server that answers range requests.

    Args:
        address: where the file is.

    Attributes:
        uri: the address, without password.
        size: of the file in bytes, -1 if the server does not answer range requests.
        head: the first bytes, up to a block.
        headers: of the answer that brought them.
    """

    def __init__(self, address: HTTPAddress) -> None:
        self.uri, self.size, self.head = address.uri, -1, b""
        self._address, self._failures = address, 0
        self.headers: Mapping[str, str] = {}
        self._marks: tuple[str | None, str | None] = (None, None)
        self._if_range: str | None = None
        self._again(self._begin)

    @property
    def version(self) -> object:
        """How the server marks the file, and its size."""
        return self._marks, self.size

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``.

        Raises:
            FileChangedError: the server has another file now.
            DownloadError: it does not give them.
        """
        return self._again(lambda: self._read(start, stop))

    def close(self) -> None:
        """Nothing is held: connections belong to the thread."""

    def check_copy(self, etag: str | None, last_modified: str | None) -> None:
        """Raises :class:`FileChangedError` if a copy that was fetched later is of another version."""
        if etag != self._marks[0] or last_modified not in (None, self._marks[1]):
            raise self._changed()

    def _again(self, action: Callable[[], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                return action()
            except BrokenConnectionError as error:
                cause = error
            self._failures += 1
            if self._failures >= FAILURES:
                break
            if attempt + 1 < ATTEMPTS:
                time.sleep(WAIT_S * 2**attempt)
        raise DownloadError(f"{self.uri}: cannot be read ({cause})", uri=self.uri) from None

    def _begin(self) -> None:
        with ask(self._address, {"Range": f"bytes=0-{BLOCK - 1}"}) as answer:
            if answer.status_code in (200, 416):  # an empty file has no range
                return
            if answer.status_code != 206:
                raise refused(self._address, answer)
            first, stop, total = content_range(answer)
            if first != 0 or total is None or not 0 < stop <= min(BLOCK, total) or _is_encoded(answer):
                return
            self._marks = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
            self._if_range = strong_mark(answer.headers)
            self.head, self.headers = _body(answer, stop), answer.headers
            self.size = total

    def _read(self, start: int, stop: int) -> bytes:
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        if self._if_range is not None:
            headers["If-Range"] = self._if_range
        with ask(self._address, headers) as answer:
            if answer.status_code in (200, 412, 416):
                raise self._changed()
            if answer.status_code != 206:
                raise refused(self._address, answer)
            first, end, total = content_range(answer)
            marks = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
            if total not in (None, self.size) or marks != self._marks:
                raise self._changed()
            if (first, end) != (start, stop) or _is_encoded(answer):
                raise BrokenConnectionError(f"bytes {first} to {end} came instead of {start} to {stop}")
            return _body(answer, stop - start)

    def _changed(self) -> FileChangedError:
        return FileChangedError(
            f"{self.uri} changed while it was read: its server has another file there now; open it again", uri=self.uri
        )


def open_http(uri: str) -> BinaryIO:
    """Opens the file of a web server for reading.

    Small files, and those that are in the cache already, are read from the cache; of others only what is read is
    fetched. A server that does not answer range requests gives the whole file, to the cache.

    Raises:
        AddressError: it is not an address.
        DownloadError: the server does not give the file.
    """
    cached = CachedFile.of(uri)
    if is_offline():
        return open(local_copy(uri).path, "rb")
    if cached.file.is_file():
        return open(fetch_http(uri).path, "rb")
    ranges = HTTPRanges(HTTPAddress.of(uri))
    if ranges.size < WHOLE_BELOW:
        if ranges.size < 0:
            logger.info("%s: its server does not answer range requests, so it is fetched whole", ranges.uri)
        elif kept := keep_head(uri, ranges.head, ranges.size, ranges.headers):
            return open(kept.path, "rb")
        return open(fetch_http(uri).path, "rb")

    def whole() -> BinaryIO:
        path = fetch_http(uri).path
        record = cached.record()
        if record is not None:
            ranges.check_copy(record.etag, record.last_modified)
        return open(path, "rb")

    return BlockFile(Blocks(ranges, whole, ranges.head))  # type: ignore[return-value]


def _is_encoded(answer: requests.Response) -> bool:
    return answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")


def _body(answer: requests.Response, size: int) -> bytes:
    """The body of an answer, which has to have this size."""
    data = bytearray()
    try:
        while len(data) <= size and (piece := answer.raw.read1(size + 1 - len(data), decode_content=False)):
            data += piece
    except BROKEN as error:
        raise BrokenConnectionError(words(error)) from None
    if len(data) != size:
        raise BrokenConnectionError(f"{len(data)} of {size} bytes came")
    return bytes(data)
