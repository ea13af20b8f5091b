"""What goes wrong when video is read."""

from __future__ import annotations

from ptv_registry.errors import PtvError


class VideoDecodeError(PtvError, OSError):
    """The video cannot be opened or decoded; names the video and the cause. Fields: ``video``."""


class ClipRangeError(PtvError, ValueError):
    """The clip asked for holds nothing of the video; states the video's range.

    Fields: ``video``, ``start_sec``, ``end_sec`` (the clip) and ``duration`` (the video's, in seconds).
    """


class DecoderUnavailableError(PtvError, ImportError):
    """A decoder's own library is missing or does not load; says what to install."""
