"""Where a video's bytes come from: paths and URIs through iopath, bytes, binary file objects."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast
from urllib.parse import unquote

from iopath.common.file_io import HTTPURLHandler, OneDrivePathHandler, PathManager

from ptv_registry.errors import ArgumentError
from ptv_video.errors import VideoDecodeError

VideoSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

#: Every path and URI of this library is opened through this manager. ``path_manager.register_handler(...)`` adds a
#: storage of your own (subclass :class:`iopath.common.file_io.PathHandler`).
path_manager = PathManager()
path_manager.register_handler(HTTPURLHandler())
path_manager.register_handler(OneDrivePathHandler())


def is_uri(path: str) -> bool:
    """Whether ``path`` names a scheme (``http://...``) other than ``file://``."""
    scheme, separator, _ = path.partition("://")
    return bool(separator) and scheme.isidentifier() and scheme != "file"


def storage_hint(path: str) -> str:
    """What to add to a message when nothing is found at ``path``: iopath takes a scheme that it lacks for a folder."""
    if not is_uri(path):
        return ""
    scheme = path.partition("://")[0]
    return f" (if nothing opens {scheme}:// yet, plug it in with ptv_video.path_manager.register_handler)"


def local_path(path: str) -> str:
    """The path that a ``file://`` URI names; anything else is returned as it is.

    Raises:
        ArgumentError: the URI names another machine.
    """
    if path[:7].lower() != "file://":
        return path
    host, slash, rest = path[7:].partition("/")
    if host not in ("", "localhost"):
        msg = f"{path!r} names the machine {host!r}; a file URI of this machine is file:///folder/name, as Path.as_uri() gives"
        raise ArgumentError(msg)
    return unquote(slash + rest)


def name_of(source: VideoSource) -> str:
    """What to call a video in messages and samples when it was given no name: its file name."""
    if isinstance(source, str | os.PathLike):
        text = os.fspath(source)
        return Path(local_path(text).rstrip("/")).name or text
    if isinstance(source, bytes | bytearray | memoryview):
        return f"<{len(source)} bytes>"
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) else f"<{type(source).__name__}>"


def check_source(source: Any) -> VideoSource:
    """Returns the source with ``file://`` and path objects made plain.

    Raises:
        ArgumentError: it is no path, URI, bytes or binary file object.
    """
    if isinstance(source, str | os.PathLike):
        text = os.fspath(source)
        if not isinstance(text, str):
            text = os.fsdecode(text)
        return local_path(text)
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if hasattr(source, "read"):
        return cast(BinaryIO, source)
    msg = f"a video is read from a path, a URI, bytes or a binary file object, not from {source!r}"
    raise ArgumentError(msg)


def open_bytes(source: VideoSource, name: str) -> BinaryIO:
    """Opens a source as a seekable binary file; the caller closes it unless it gave the file object itself.

    Raises:
        VideoDecodeError: the storage does not deliver.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if isinstance(source, str | os.PathLike):
        try:
            file = cast(BinaryIO, path_manager.open(os.fspath(source), "rb"))
        except Exception as error:  # a storage handler may raise anything
            hint = storage_hint(os.fspath(source)) if isinstance(error, FileNotFoundError) else ""
            msg = f"{os.fspath(source)}: cannot be opened: {error or type(error).__name__}{hint}"
            raise VideoDecodeError(msg, video=name) from error
        return file if _is_seekable(file) else _buffered(file)
    if isinstance(source, io.TextIOBase):
        msg = f"{name}: a video is read from a binary file, not from a text file; open it with mode 'rb'"
        raise ArgumentError(msg)
    if not _is_seekable(source):
        return io.BytesIO(source.read())
    source.seek(0)
    return source


def _is_seekable(file: BinaryIO) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable is not None else hasattr(file, "seek")


def _buffered(file: BinaryIO) -> BinaryIO:
    with file:
        return io.BytesIO(file.read())
