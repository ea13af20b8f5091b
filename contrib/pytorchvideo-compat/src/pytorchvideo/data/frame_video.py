"""``FrameVideo``: a video stored as images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ptv_video
from ptv_video.video import Seconds, Select
from pytorchvideo.data.documented_samples import documented_sample

__all__ = ["FrameVideo"]


class FrameVideo(ptv_video.FrameVideo):
    """A video stored as images, whose clips are float32; see :class:`ptv_video.FrameVideo`."""

    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """As in :class:`ptv_video.FrameVideo`, with float32 frames in [0, 255]."""
        return [documented_sample(clip) for clip in super().get_clips(spans, select=select)]
