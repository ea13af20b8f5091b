"""Where a video's bytes come from: paths and URIs through the path manager, bytes, binary file objects."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from ptv_registry.errors import ArgumentError
from ptv_registry.redaction import without_secrets
from ptv_remote.addresses import local_path, name_in, scheme_of
from ptv_remote.manager import path_manager, storage_hint
from ptv_video.errors import VideoDecodeError

VideoSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

__all__ = [
    "VideoSource",
    "check_source",
    "is_uri",
    "local_path",
    "name_of",
    "open_bytes",
    "path_manager",
    "storage_hint",
]


def is_uri(path: str) -> bool:
    """Whether ``path`` names a scheme (``http://...``) other than ``file://``."""
    return scheme_of(path) not in (None, "file")


def name_of(source: VideoSource) -> str:
    """What to call a video in messages and samples when it was given no name: its file name."""
    if isinstance(source, str | os.PathLike):
        text = os.fspath(source)
        if is_uri(text):
            return name_in(text) or without_secrets(text)
        return Path(local_path(text).rstrip("/")).name or text
    if isinstance(source, bytes | bytearray | memoryview):
        return f"<{len(source)} bytes>"
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) else f"<{type(source).__name__}>"


def check_source(source: Any) -> VideoSource:
    """Returns the source with ``file://`` and path objects made plain.

    Raises:
        ArgumentError: it is not a path, URI, bytes or binary file object.
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
            shown = without_secrets(os.fspath(source))
            hint = storage_hint(shown) if isinstance(error, FileNotFoundError) else ""
            words = str(error).removeprefix(f"{shown}: ") or type(error).__name__
            msg = f"{shown}: cannot be opened: {words}{hint}"
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
