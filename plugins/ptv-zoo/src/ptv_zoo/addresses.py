"""From the address of weights to a file on disk, whose sha256 is that of the first time."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from ptv_registry.redaction import without_secrets
from ptv_remote.cache import CachedFile, is_offline, sha256_of
from ptv_remote.fetching import LocalFile, fetch_http, local_copy, pin
from ptv_remote.handlers import HTTPHandler
from ptv_remote.manager import path_manager
from ptv_zoo.errors import DownloadError, WeightsFileError

__all__ = ["LocalFile", "fetch", "file_path", "path_manager"]


def fetch(uri: str, *, progress: bool | None = None) -> LocalFile:
    """The file behind an address: ``file:...``, ``https://...``, or a scheme that ``path_manager`` opens.

    Args:
        uri: the address. A ``file:`` address may be relative, and ``~`` is the home folder.
        progress: whether to show a progress bar; where standard error is a terminal by default.

    Raises:
        WeightsFileError: the file does not exist.
        AddressError: it is not an address.
        DownloadError: it cannot be fetched; :class:`OfflineError` if ``PTV_OFFLINE`` forbids it.
        TamperedWeightsError: it is not the file that was first downloaded from there.
    """
    if uri.startswith("file:"):
        path = file_path(uri)
        if not path.is_file():
            raise WeightsFileError(f"the file {path} ({uri}) does not exist", path=str(path))
        return LocalFile(path, sha256_of(path), uri)
    handler = path_manager.handler_for(uri)
    if isinstance(handler, HTTPHandler):
        return fetch_http(handler.address(uri), pinned=True, progress=progress)
    if is_offline():
        cached = CachedFile.of(uri)
        record = cached.record()
        if cached.file.is_file():
            return local_copy(uri)
        if record is None:
            raise cached.offline_error()
    try:
        local = path_manager.get_local_path(uri)
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(f"{uri}: {error}", uri=without_secrets(uri)) from error
    if not Path(local).is_file():
        schemes = "file:, http:// and https:// are known, ptv-fsspec opens many others, and more plug into ptv_zoo.path_manager"
        raise WeightsFileError(f"{uri} leads to {local}, which is not a file; {schemes}", path=local)
    return pin(uri, Path(local))


def file_path(uri: str) -> Path:
    """The path that a ``file:`` address means: as written, or with its ``%20`` and the like decoded if that is a file."""
    written = Path(re.sub("^file:(//(localhost)?)?", "", uri)).expanduser()
    decoded = Path(unquote(str(written)))
    return written if written.is_file() or not decoded.is_file() else decoded
