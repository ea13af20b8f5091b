"""Which decoder a video asks for, where none is named."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from ptv_registry import Registry, as_factory, call_hook
from ptv_registry.errors import PtvError
from ptv_video.containers.source import VideoSource, local_path, name_of, open_bytes
from ptv_video.decoders.pyav import PyAVVideo
from ptv_video.video import Video

_HEAD_BYTES: Final = 512


def decoder_for(source: VideoSource, *, registry: Registry | None = None) -> Callable[..., Video]:
    """The decoder that an installed plugin names for a video (hook ``ptv_guess_decoder``); PyAV where none does.

    Args:
        source: see :data:`ptv_video.containers.source.VideoSource`; a file object is read from and set back.
        registry: whose plugins are asked and where the name is looked up, for instance one with ``trusted_dists``.

    Raises:
        UnknownNameError: a plugin names a decoder that is not installed.
    """
    uri = local_path(os.fspath(source)) if isinstance(source, str | os.PathLike) else ""
    name = call_hook("ptv_guess_decoder", registry=registry, uri=uri, head=_head(source))
    found: Any = as_factory("decoder", name, registry=registry)
    return found or PyAVVideo


def _head(source: VideoSource) -> bytes:
    """The first bytes of a video; none where it cannot be opened, which its decoder will say better."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source[:_HEAD_BYTES])
    if not isinstance(source, str | os.PathLike):
        return _peek(source)
    try:
        with open_bytes(source, name_of(source)) as file:
            return file.read(_HEAD_BYTES)
    except (PtvError, OSError):
        return b""


def _peek(file: Any) -> bytes:
    """The first bytes of an open file, which stays where it is; none of one that cannot go back."""
    seekable = getattr(file, "seekable", None)
    if seekable is None or not seekable():
        return b""
    place = file.tell()
    file.seek(0)
    head: bytes = file.read(_HEAD_BYTES)
    file.seek(place)
    return head
