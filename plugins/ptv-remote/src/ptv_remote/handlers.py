"""Addresses of web servers, for iopath."""

from __future__ import annotations

import base64
import io
from typing import IO, Any, BinaryIO

from iopath.common.file_io import NativePathHandler, PathHandler

from ptv_registry.errors import ArgumentError
from ptv_registry.redaction import without_secrets
from ptv_remote.addresses import local_path


def as_asked(file: BinaryIO, path: str, mode: str, encoding: str | None = None) -> IO[Any]:
    """The file as its mode says: binary, or text."""
    if "b" in mode:
        return file
    return io.TextIOWrapper(file, encoding=encoding or "utf-8")


def check_mode(path: str, mode: str) -> None:
    """Raises :class:`ptv_registry.errors.ArgumentError` unless the mode reads only."""
    if mode not in ("r", "rb", "br", "rt", "tr"):
        raise ArgumentError(f"{without_secrets(path)} can be read only: mode 'r' or 'rb', not {mode!r}")


class HTTPHandler(PathHandler):
    """``http://`` and ``https://`` addresses: ranges of large files, whole small ones, through the cache."""

    def _get_supported_prefixes(self) -> list[str]:
        return ["http://", "https://"]

    def _get_local_path(self, path: str, force: bool = False, **kwargs: Any) -> str:
        from ptv_remote.fetching import fetch_http

        return str(fetch_http(self.address(path), force=force, progress=kwargs.get("progress")).path)

    def _open(self, path: str, mode: str = "r", buffering: int = -1, **kwargs: Any) -> Any:
        from ptv_remote.ranges import open_http

        check_mode(path, mode)
        return as_asked(open_http(self.address(path)), path, mode, kwargs.get("encoding"))

    def _exists(self, path: str, **kwargs: Any) -> bool:
        from ptv_remote.presence import exists

        return exists(self.address(path))

    def _isfile(self, path: str, **kwargs: Any) -> bool:
        return self._exists(path)

    def _isdir(self, path: str, **kwargs: Any) -> bool:
        return False  # a web server has no folders

    def address(self, path: str) -> str:
        """What the web server is asked for."""
        return path


class OneDriveHandler(HTTPHandler):
    """Links that OneDrive gives to share a file."""

    def _get_supported_prefixes(self) -> list[str]:
        return ["https://1drv.ms/u/s!"]

    def address(self, path: str) -> str:
        """The file itself."""
        share = base64.urlsafe_b64encode(path.encode()).decode().rstrip("=")
        return f"https://api.onedrive.com/v1.0/shares/u!{share}/root/content"


class FileHandler(NativePathHandler):
    """``file://`` addresses of this machine, as ``Path.as_uri()`` gives them."""

    def _get_supported_prefixes(self) -> list[str]:
        return ["file://"]

    def _get_path_with_cwd(self, path: str) -> str:
        return str(super()._get_path_with_cwd(local_path(path)))

    def _get_local_path(self, path: str, force: bool = False, **kwargs: Any) -> str:
        return local_path(path)
