"""``FrameVideo``: a video stored as images."""

from __future__ import annotations

import logging

import ptv_video
from ptv_video import Video
from pytorchvideo.data.documented_video import DocumentedVideo
from pytorchvideo.data.utils import optional_threaded_foreach, thwc_to_cthw

__all__ = ["FrameVideo", "Video", "logger", "optional_threaded_foreach", "thwc_to_cthw"]

logger = logging.getLogger(__name__)


class FrameVideo(DocumentedVideo, ptv_video.FrameVideo):
    """A video stored as images, whose clips are float32; see :class:`ptv_video.FrameVideo`."""

    documented_keys = ("video", "frame_indices", "audio")
