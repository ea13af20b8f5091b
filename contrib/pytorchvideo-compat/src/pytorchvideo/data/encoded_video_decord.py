"""``EncodedVideoDecord``: the class of decord, which is unmaintained."""

from __future__ import annotations

import logging
from typing import TypeVar

from ptv_registry.errors import ArgumentError
from ptv_video import Video
from ptv_video.containers.source import VideoSource
from ptv_video.decoders import deprecated
from pytorchvideo.data.documented_video import OfDecoder
from pytorchvideo.data.utils import thwc_to_cthw

__all__ = ["DecordDevice", "EncodedVideoDecord", "Video", "logger", "thwc_to_cthw"]

logger = logging.getLogger(__name__)

DecordDevice = TypeVar("DecordDevice")


class EncodedVideoDecord(OfDecoder):
    """A video read with what took the place of decord, which is unmaintained; a warning says what that is.

    Args:
        file: the file, its bytes, or its path.
        video_name: what to call the video.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry sound.
        sample_rate: samples a second of the sound; -1 for those of the file.
        mono: average the channels of the sound.
        width: -1; scale with a transform, such as ``ShortSideScale``.
        height: -1; likewise.
        num_threads: threads of the decoder; 0 for its own choice.
        fault_tol: accepted as documented; a frame that cannot be decoded is an error in any case.

    Raises:
        ArgumentError: width or height are given.
    """

    def __init__(
        self,
        file: VideoSource,
        video_name: str | None = None,
        decode_video: bool = True,
        decode_audio: bool = True,
        sample_rate: int = -1,
        mono: bool = True,
        width: int = -1,
        height: int = -1,
        num_threads: int = 0,
        fault_tol: int = -1,
    ) -> None:
        if (width, height) != (-1, -1):
            raise ArgumentError(f"width={width}, height={height}: scale clips with a transform, such as ShortSideScale")
        super().__init__(
            deprecated.decord(
                file,
                video_name=video_name,
                decode_video=decode_video,
                decode_audio=decode_audio,
                sample_rate=None if sample_rate == -1 else sample_rate,
                mono=mono,
                threads=num_threads or None,
            )
        )
