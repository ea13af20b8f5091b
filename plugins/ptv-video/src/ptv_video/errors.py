"""Errors raised while reading video."""

from __future__ import annotations

from ptv_registry.errors import PtvError


class VideoDecodeError(PtvError, OSError):
    """The video cannot be opened or decoded; names the video and the cause. Fields: ``video``."""


class ClipRangeError(PtvError, ValueError):
    """The requested clip lies outside the video; states the video's range.

    Fields: ``video``, ``start_sec``, ``end_sec`` (the clip) and ``duration`` (the video's, in seconds).
    """


class DecoderUnavailableError(PtvError, ImportError):
    """A decoder's library is missing or does not load; says what to install."""
