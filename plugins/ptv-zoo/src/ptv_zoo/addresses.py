"""From an address to a file on disk; other schemes plug in through iopath."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from attrs import frozen
from iopath.common.file_io import PathHandler, PathManager

from ptv_zoo.cache import CachedFile, is_offline, sha256_of
from ptv_zoo.download import download
from ptv_zoo.errors import DownloadError, OfflineError, WeightsFileError


class HTTPHandler(PathHandler):
    """``http://`` and ``https://`` addresses: cached, resumed, and checked against the sha256 of the first download."""

    def _get_supported_prefixes(self) -> list[str]:
        return ["http://", "https://"]

    def _get_local_path(self, path: str, force: bool = False, **kwargs: Any) -> str:
        cached = CachedFile.of(path)
        if is_offline() and not cached.file.is_file():
            raise _offline(path)
        with cached.lock():
            if cached.file.is_file() and not force:
                cached.check(cached.file)
            else:
                download(cached, progress=bool(kwargs.get("progress")))
        return str(cached.file)

    def _open(self, path: str, mode: str = "r", buffering: int = -1, **kwargs: Any) -> Any:
        return open(self._get_local_path(path), mode, buffering)


def _offline(uri: str) -> OfflineError:
    return OfflineError(
        f"{uri} is not in the cache ({CachedFile.of(uri).folder}), and PTV_OFFLINE forbids downloads; "
        "fetch it with `ptv zoo pull` while online, or give a file: address",
        uri=uri,
    )


#: Opens every address of weights. Plug in a scheme with ``path_manager.register_handler(handler)``, where ``handler`` is
#: an :class:`iopath.common.file_io.PathHandler`.
path_manager: Final = PathManager()
path_manager.register_handler(HTTPHandler())


@frozen
class LocalFile:
    """A file on this machine, with its sha256 and the address it came from."""

    path: Path
    sha256: str
    uri: str


def fetch(uri: str, *, progress: bool | None = None) -> LocalFile:
    """The file behind an address: ``file:...``, ``https://...``, or a scheme plugged into ``path_manager``.

    Args:
        uri: the address. A ``file:`` address may be relative, and ``~`` is the home folder.
        progress: whether to show a progress bar; where standard error is a terminal by default.

    Raises:
        WeightsFileError: there is no such file.
        DownloadError: it cannot be fetched; :class:`OfflineError` if ``PTV_OFFLINE`` forbids it.
        TamperedWeightsError: it is not the file that was first downloaded from there.
    """
    if uri.startswith("file:"):
        path = file_path(uri)
        if not path.is_file():
            raise WeightsFileError(f"there is no file {path} ({uri})", path=str(path))
        return LocalFile(path, sha256_of(path), uri)
    if uri.startswith(("http://", "https://")):
        shown = sys.stderr.isatty() if progress is None else progress
        local = path_manager.get_local_path(uri, progress=shown)
        # The handler compared the file with this record a moment ago.
        return LocalFile(Path(local), CachedFile.of(uri).recorded_sha256() or sha256_of(Path(local)), uri)
    cached = CachedFile.of(uri)
    if is_offline() and cached.recorded_sha256() is None:
        raise _offline(uri)
    try:
        local = path_manager.get_local_path(uri)
    except OSError as error:
        raise DownloadError(f"{uri}: {error}", uri=uri) from error
    if not Path(local).is_file():
        schemes = "file:, http:// and https:// are known, others plug into ptv_zoo.path_manager"
        raise WeightsFileError(f"{uri} leads to {local}, which is no file; {schemes}", path=local)
    with cached.lock():
        return LocalFile(Path(local), cached.check(Path(local)), uri)


def file_path(uri: str) -> Path:
    """The path that a ``file:`` address means: as written, or with its ``%20`` and the like decoded if that is a file."""
    written = Path(re.sub("^file:(//(localhost)?)?", "", uri)).expanduser()
    decoded = Path(unquote(str(written)))
    return written if written.is_file() or not decoded.is_file() else decoded
