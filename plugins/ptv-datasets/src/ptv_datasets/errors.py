"""Errors raised for the videos of a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ptv_video.errors import VideoDecodeError

if TYPE_CHECKING:
    from ptv_datasets.reading.failures import Failure

_MOST_LISTED = 20


class BrokenVideoError(VideoDecodeError):
    """One or several videos cannot be read; the message lists each path with its cause. Fields: ``paths``."""

    @classmethod
    def of(cls, failures: Sequence[Failure], remedy: str) -> BrokenVideoError:
        """The error for these failures, with the way out."""
        lines = [f"{failure.path}: {failure.error}: {failure.message}" for failure in failures]
        more = [] if len(lines) <= _MOST_LISTED else [f"... and {len(lines) - _MOST_LISTED} more"]
        head = "1 video cannot be read" if len(lines) == 1 else f"{len(lines)} videos cannot be read"
        return cls(
            "\n  ".join([f"{head}; {remedy}", *lines[:_MOST_LISTED], *more]),
            paths=[failure.path for failure in failures],
        )
