"""An iopath handler over fsspec."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from iopath.common.file_io import PathHandler

from ptv_registry.errors import PtvError
from ptv_registry.redaction import without_secrets
from ptv_remote.blocks import BlockFile, Blocks
from ptv_remote.cache import CachedFile, is_offline
from ptv_remote.errors import (
    DownloadError,
    FileChangedError,
    RemoteFileNotFoundError,
    StorageUnavailableError,
)
from ptv_remote.fetching import LocalFile, fetch_pieces, local_copy
from ptv_remote.handlers import as_asked, check_mode

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

WHOLE_BELOW: Final = 8 << 20
"""Smaller files are fetched whole, to the cache."""
_PIECE: Final = 1 << 20
_EXTRAS: Final = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("az", "abfs", "abfss"), "az"),
    **dict.fromkeys(("sftp", "ssh"), "sftp"),
    "hf": "hf",
}


class FsspecHandler(PathHandler):
    """Addresses of one scheme, opened by fsspec: ranges of large files, whole small ones through the cache.

    Args:
        scheme: such as ``"s3"``.
        options: for the file system, as ``fsspec.filesystem(scheme, **options)`` takes them.
    """

    def __init__(self, scheme: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._scheme = scheme
        # What was listed once is not what is there now.
        self._options = {"use_listings_cache": False, **(options or {})}

    def _get_supported_prefixes(self) -> list[str]:
        return [f"{self._scheme}://"]

    def _get_local_path(self, path: str, force: bool = False, **kwargs: Any) -> str:
        if is_offline():
            return str(local_copy(path).path)
        with self._found(path) as (storage, name):
            return str(self._copy(path, storage, name, storage.info(name)).path)

    def _open(self, path: str, mode: str = "r", buffering: int = -1, **kwargs: Any) -> Any:
        check_mode(path, mode)
        return as_asked(self._open_binary(path), path, mode, kwargs.get("encoding"))

    def _open_binary(self, path: str) -> BinaryIO:
        if is_offline():
            return open(local_copy(path).path, "rb")
        with self._found(path) as (storage, name):
            info = storage.info(name)
            if info.get("type") == "directory":
                raise DownloadError(f"{path}: is a folder", uri=without_secrets(path))
            size = info.get("size")
            if not isinstance(size, int) or size < WHOLE_BELOW:
                return open(self._copy(path, storage, name, info).path, "rb")
            version = _version(info)

            def whole() -> BinaryIO:
                with self._found(path) as (storage, name):
                    now = storage.info(name)
                    if _version(now) != version:
                        raise _changed(path)
                    return open(self._copy(path, storage, name, now).path, "rb")

            ranges = _Ranges(path, storage.open(name, "rb", cache_type="none"), size, version)
            return BlockFile(Blocks(ranges, whole))  # type: ignore[return-value]

    def _exists(self, path: str, **kwargs: Any) -> bool:
        if is_offline():
            return CachedFile.of(path).file.is_file()
        with self._found(path) as (storage, name):
            return bool(storage.exists(name))

    def _isfile(self, path: str, **kwargs: Any) -> bool:
        if is_offline():
            return CachedFile.of(path).file.is_file()
        with self._found(path) as (storage, name):
            return bool(storage.isfile(name))

    def _isdir(self, path: str, **kwargs: Any) -> bool:
        if is_offline():
            return False
        with self._found(path) as (storage, name):
            return bool(storage.isdir(name))

    def _ls(self, path: str, **kwargs: Any) -> list[str]:
        if is_offline():
            raise CachedFile.of(path).offline_error()
        with self._found(path) as (storage, name):
            own = name.rstrip("/")
            paths = [found.rstrip("/") for found in storage.ls(name, detail=False)]
            return sorted({found.rsplit("/", 1)[-1] for found in paths if found != own})

    @contextmanager
    def _found(self, path: str) -> Iterator[tuple[AbstractFileSystem, str]]:
        """The file system of an address and the name in it; what goes wrong there becomes an error of this project."""
        shown = without_secrets(path)
        with errors_of(shown):
            try:
                from fsspec.core import url_to_fs

                storage, name = url_to_fs(path, **self._options)
            except ImportError as error:
                extra = _EXTRAS.get(self._scheme)
                install = f' pip install "ptv-fsspec[{extra}]"' if extra else " install what fsspec asks for"
                raise StorageUnavailableError(f"{shown}: {error};{install}") from error
            yield storage, name

    def _copy(self, path: str, storage: AbstractFileSystem, name: str, info: Mapping[str, Any]) -> LocalFile:
        def pieces() -> Iterator[bytes]:
            with storage.open(name, "rb", cache_type="none") as file:
                while piece := file.read(_PIECE):
                    yield piece

        size = info.get("size")
        return fetch_pieces(path, _version(info), size if isinstance(size, int) else None, pieces)


class _Ranges:
    """A file of fsspec for :class:`ptv_remote.blocks.Blocks`."""

    def __init__(self, path: str, file: Any, size: int, version: object) -> None:
        self.uri, self.size, self.version = without_secrets(path), size, version
        self._file, self._lock = file, threading.Lock()

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``."""
        with errors_of(self.uri), self._lock:
            self._file.seek(start)
            data = bytes(self._file.read(stop - start))
        if len(data) != stop - start:
            raise DownloadError(f"{self.uri}: {len(data)} of {stop - start} bytes came", uri=self.uri)
        return data

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _version(info: Mapping[str, Any]) -> str:
    """What tells versions of a file apart: all that the storage says of it."""
    return hashlib.sha256(repr(sorted(info.items(), key=str)).encode("utf-8", "backslashreplace")).hexdigest()


def _changed(uri: str) -> FileChangedError:
    shown = without_secrets(uri)
    return FileChangedError(f"{shown} changed while it was read; open it again", uri=shown)


@contextmanager
def errors_of(uri: str) -> Iterator[None]:
    """Whatever a storage raises becomes an error of this project that names the address."""
    try:
        yield
    except PtvError:
        raise
    except FileNotFoundError as error:
        raise RemoteFileNotFoundError(f"{uri}: no such file", uri=uri) from error
    except Exception as error:  # a storage may raise anything
        if type(error).__name__ == "FileExpired":
            raise _changed(uri) from error
        text = (str(error).strip().splitlines() or [""])[0] or type(error).__name__
        raise DownloadError(f"{uri}: {text}", uri=uri) from error
