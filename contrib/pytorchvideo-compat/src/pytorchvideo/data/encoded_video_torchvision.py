"""``EncodedVideoTorchVision``: the class of torchvision's reader, which torchvision no longer has."""

from __future__ import annotations

import logging

from ptv_video import Video
from ptv_video.containers.source import VideoSource
from ptv_video.decoders import deprecated
from pytorchvideo.data.documented_video import OfDecoder
from pytorchvideo.data.utils import pts_to_secs, secs_to_pts, thwc_to_cthw

__all__ = ["EncodedVideoTorchVision", "Video", "logger", "pts_to_secs", "secs_to_pts", "thwc_to_cthw"]

logger = logging.getLogger(__name__)


class EncodedVideoTorchVision(OfDecoder):
    """A video read with what took the place of torchvision's reader, which torchvision no longer has; a warning says what that is.

    Args:
        file: the file, its bytes, or its path.
        video_name: what to call the video.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry sound.
    """

    def __init__(
        self,
        file: VideoSource,
        video_name: str | None = None,
        decode_video: bool = True,
        decode_audio: bool = True,
    ) -> None:
        super().__init__(
            deprecated.torchvision(file, video_name=video_name, decode_video=decode_video, decode_audio=decode_audio)
        )
