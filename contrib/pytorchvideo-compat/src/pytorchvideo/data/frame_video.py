"""``FrameVideo``: a video stored as images."""

from __future__ import annotations

import logging
from typing import Any

import ptv_video
from ptv_video import Video
from ptv_video.video import Seconds
from pytorchvideo.data.documented_video import DocumentedVideo
from pytorchvideo.data.utils import optional_threaded_foreach, thwc_to_cthw

__all__ = ["FrameVideo", "Video", "logger", "optional_threaded_foreach", "thwc_to_cthw"]

logger = logging.getLogger(__name__)


class FrameVideo(DocumentedVideo, ptv_video.FrameVideo):
    """A video stored as images, whose clips are float32; see :class:`ptv_video.FrameVideo`."""

    documented_keys = ("video", "frame_indices", "audio")

    def get_clip(self, start_sec: Seconds, end_sec: Seconds, *arguments: Any, **named: Any) -> Any:
        """As :meth:`DocumentedVideo.get_clip`, with ``frame_indices``; ``None`` for a clip behind the video."""
        if start_sec > self.duration:
            logger.warning("%s: no frames in [%g, %g) s, it is %g s long", self.name, start_sec, end_sec, self.duration)
            return None
        return super().get_clip(start_sec, end_sec, *arguments, **named)

    def _lies_outside(self, start_sec: Seconds, end_sec: Seconds) -> bool:
        return False
