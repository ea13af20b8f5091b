"""From an address to a whole file on this machine, through the cache."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from attrs import evolve, frozen

from ptv_remote.addresses import HTTPAddress
from ptv_remote.cache import CachedFile, Record, is_offline, sha256_of
from ptv_remote.errors import DownloadError, TamperedFileError, TooLargeError
from ptv_remote.limits import as_text, download_limit
from ptv_remote.room import make_room

logger = logging.getLogger(__name__)


@frozen
class LocalFile:
    """A file on this machine, with its sha256 and the address it came from.

    Attributes:
        path: where it is.
        sha256: of its content, in hexadecimal.
        uri: the address, without password.
        whole: whether it is known to be complete; a server that does not say how long a file is may have cut it.
    """

    path: Path
    sha256: str
    uri: str
    whole: bool = True


def fetch_http(uri: str, *, pinned: bool = False, force: bool = False, progress: bool | None = None) -> LocalFile:
    """The file behind an address of a web server, from the cache if it is there and up to date.

    Args:
        uri: the address.
        pinned: the file must be what it was at the first pinned download, for ever, so that the server is not asked
            about it again: for weights. Otherwise the server is asked each time whether it has another file now.
        force: download it in any case.
        progress: whether to show a progress bar; where standard error is a terminal by default.

    Raises:
        AddressError: it is not an address.
        DownloadError: the file cannot be fetched; :class:`OfflineError` if ``PTV_OFFLINE`` forbids it.
        TamperedFileError: a pinned file is another one than it was.
    """
    from ptv_remote.download import download

    began = time.time()
    address, cached = HTTPAddress.of(uri), CachedFile.of(uri)
    with cached.lock():
        record = cached.record()
        here = record is not None and cached.file.is_file()
        if pinned and here and record is not None and record.pinned and not force:
            return _local(cached, _unchanged(cached, record))
        if is_offline():
            if record is None or not here:
                raise cached.offline_error()
            return _local(cached, _unchanged(cached, record))
        known = {}
        if here and record is not None and not force and record.whole and cached.is_sound(record):
            if cached.checked() >= began:  # while this process waited for the lock
                return _local(cached, _pin(cached, record) if pinned else record)
            known = _only_if_new(record)
        shown = sys.stderr.isatty() if progress is None else progress
        got = download(address, cached, known=known, progress=shown)
        if got is None:
            if record is None:  # only one who knows a version is told that it is still there
                raise DownloadError(f"{cached.uri}: the server says 304, although nothing was known of the file")
            cached.touch()
            return _local(cached, _pin(cached, record) if pinned else record)
        return _appear(cached, record, pinned, got.whole, got.etag, got.last_modified)


def keep_head(uri: str, head: bytes, size: int, headers: Mapping[str, str]) -> LocalFile | None:
    """Puts the beginning of a web server's file into the cache, for a download to resume from.

    Args:
        uri: the address.
        head: the first bytes.
        size: of the whole file.
        headers: of the server's answer.

    Returns:
        The file, if that is all of it.
    """
    from ptv_remote.download import remember_version
    from ptv_remote.http import settled

    cached = CachedFile.of(uri)
    with cached.lock():
        make_room(len(head), cached.uri)
        cached.partial.write_bytes(head)
        remember_version(cached, headers, size)
        if len(head) < size:
            return None
        return _appear(cached, cached.record(), False, True, headers.get("ETag"), settled(headers))


def fetch_pieces(
    uri: str, version: str, size: int | None, pieces: Callable[[], Iterable[bytes]], *, pinned: bool = False
) -> LocalFile:
    """The file behind an address of another storage, from the cache if it is there in this version.

    Args:
        uri: the address.
        version: what the storage says to tell versions of the file apart.
        size: in bytes, if it is known.
        pieces: called to get the content.
        pinned: see :func:`fetch_http`.

    Raises:
        DownloadError: the content is cut, or cannot be read.
        TooLargeError: it is larger than allowed.
        TamperedFileError: a pinned file is another one than it was.
    """
    cached = CachedFile.of(uri)
    with cached.lock():
        record = cached.record()
        if record is not None and record.etag == version and cached.file.is_file() and cached.is_sound(record):
            cached.touch()
            return _local(cached, _pin(cached, record) if pinned else record)
        limit, came = download_limit(), 0
        if size is not None:
            make_room(size, cached.uri)
        with open(cached.partial, "wb") as file:
            for piece in pieces() if size is None or limit is None or size <= limit else (b"",):
                came += len(piece)
                if limit is not None and max(came, size or 0) > limit:
                    msg = f"{cached.uri} is larger than {as_text(limit)}; PTV_DOWNLOAD_LIMIT=100GB raises the limit"
                    raise TooLargeError(f"{msg} for one file", uri=cached.uri)
                file.write(piece)
        if size is not None and came != size:
            raise DownloadError(f"{cached.uri}: {came} of {size} bytes came", uri=cached.uri)
        return _appear(cached, record, pinned, True, version, None)


def local_copy(uri: str) -> LocalFile:
    """What the cache has of an address, without asking anybody.

    Raises:
        OfflineError: it has nothing.
    """
    cached = CachedFile.of(uri)
    record = cached.record()
    if record is None or not cached.file.is_file():
        raise cached.offline_error()
    return _local(cached, _unchanged(cached, record))


def pin(uri: str, path: Path) -> LocalFile:
    """Records the sha256 of a file that a path handler keeps somewhere else, or compares it with the record.

    Raises:
        TamperedFileError: it is another one than was recorded.
    """
    cached = CachedFile.of(uri)
    with cached.lock():
        found, record = sha256_of(path), cached.record()
        if record is None or record.pinned is None:
            new = record or Record(cached.uri, found, path.stat().st_size, time.time())
            cached.write(evolve(new, pinned=found))
        elif found != record.pinned:
            raise _tampered(cached, path, found, record.pinned)
    return LocalFile(path, found, cached.uri)


def _local(cached: CachedFile, record: Record) -> LocalFile:
    if not record.whole:
        logger.warning(
            "%s: unverified: its server does not say how long the file is, so it may have been cut", cached.uri
        )
    return LocalFile(cached.file, record.sha256, cached.uri, record.whole)


def _unchanged(cached: CachedFile, record: Record) -> Record:
    """The record of a file that has to be what was downloaded."""
    if not cached.is_sound(record) or (record.pinned and record.sha256 != record.pinned):
        raise _tampered(cached, cached.file, sha256_of(cached.file), record.pinned or record.sha256)
    cached.touch()
    return record


def _pin(cached: CachedFile, record: Record) -> Record:
    if record.pinned is None and record.whole:
        record = evolve(record, pinned=record.sha256)
        cached.write(record)
    elif record.pinned is not None and record.pinned != record.sha256:
        raise _tampered(cached, cached.file, record.sha256, record.pinned)
    return record


def _only_if_new(record: Record) -> dict[str, str]:
    if record.etag is not None:
        return {"If-None-Match": record.etag}
    return {} if record.last_modified is None else {"If-Modified-Since": record.last_modified}


def _appear(
    cached: CachedFile, before: Record | None, pinned: bool, whole: bool, etag: str | None, last_modified: str | None
) -> LocalFile:
    """Gives the downloaded file its name, if it may have it."""
    found = sha256_of(cached.partial)
    pin = before.pinned if before is not None else None
    if pinned and pin is not None and found != pin:
        cached.partial.unlink()  # a wrong start would spoil every later attempt
        raise _tampered(cached, cached.partial, found, pin)
    whole = whole or found == pin
    if pinned and pin is None and whole:
        pin = found
    size = cached.partial.stat().st_size
    os.replace(cached.partial, cached.file)
    cached.version_path.unlink(missing_ok=True)
    record = Record(cached.uri, found, size, time.time(), whole, etag, last_modified, pin)
    cached.write(record)
    return _local(cached, record)


def _tampered(cached: CachedFile, path: Path, found: str, expected: str) -> TamperedFileError:
    return TamperedFileError(
        f"{path} is not what was first downloaded from {cached.uri}: sha256 {found}, recorded {expected}. If the "
        f"publisher replaced the file, delete {cached.folder} to accept the new one",
        uri=cached.uri,
        found=found,
        expected=expected,
    )
