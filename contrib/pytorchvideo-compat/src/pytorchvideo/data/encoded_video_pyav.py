"""``EncodedVideoPyAV``: a video that PyAV decodes, with PyAV's own objects at hand."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import Any

from ptv_registry.errors import ArgumentError
from ptv_video.containers.source import VideoSource, name_of
from ptv_video.errors import VideoDecodeError
from pytorchvideo.data.encoded_video import EncodedVideo, EncodedVideoError
from pytorchvideo.data.utils import pts_to_secs, secs_to_pts, thwc_to_cthw

__all__ = ["EncodedVideo", "EncodedVideoPyAV", "logger", "pts_to_secs", "secs_to_pts", "thwc_to_cthw"]

logger = logging.getLogger(__name__)


class EncodedVideoPyAV(EncodedVideo):
    """A video that PyAV decodes; see :class:`ptv_video.PyAVVideo` for the other arguments.

    Args:
        file: the file, its bytes, or its path.
        video_name: what to call the video.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry sound.
        perform_seek: accepted as documented; a clip is found by its keyframe in any case.
        **settings: of :class:`ptv_video.PyAVVideo`.

    Raises:
        EncodedVideoError: it cannot be opened as a video.
    """

    def __init__(
        self,
        file: VideoSource,
        video_name: str | None = None,
        decode_video: bool = True,
        decode_audio: bool = True,
        perform_seek: bool = True,
        **settings: Any,
    ) -> None:
        if hasattr(file, "read"):  # which its owner may close before clips are read
            video_name, file = video_name or name_of(file), file.read()
        super().__init__(file, video_name=video_name, decode_video=decode_video, decode_audio=decode_audio, **settings)
        self.perform_seek = perform_seek
        try:
            _ = self._open  # whose streams clients look at
        except VideoDecodeError as error:
            raise EncodedVideoError(str(error), **error.fields) from error

    @property
    def rate(self) -> Fraction | None:
        """Frames per second."""
        rate: Fraction | None = self._pictures.average_rate
        return rate

    @property
    def bit_rate(self) -> int | None:
        """Bits per second of the pictures."""
        rate: int | None = self._pictures.bit_rate
        return rate

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of the pixel format."""
        name: str = self._pictures.pix_fmt
        return name

    @property
    def _pictures(self) -> Any:
        return self._stream_at(self._open.pictures, "pictures")

    @property
    def _video_name(self) -> str:
        return self.name

    @property
    def _duration(self) -> float:
        return self.duration

    @property
    def _has_audio(self) -> bool:
        return self.has_audio

    @property
    def _video_time_base(self) -> Fraction:
        base: Fraction = self._pictures.time_base
        return base

    @property
    def _video_start_pts(self) -> int:
        return self._pictures.start_time or 0

    @property
    def _audio_time_base(self) -> Fraction:
        base: Fraction = self._sound_stream.time_base
        return base

    @property
    def _audio_start_pts(self) -> int:
        return self._sound_stream.start_time or 0

    @property
    def _sound_stream(self) -> Any:
        return self._stream_at(self._open.sound, "sound")

    def _stream_at(self, index: int | None, what: str) -> Any:
        if index is None:
            raise ArgumentError(f"{self.name} has no {what}")
        return self._open.av.streams[index]


def _pyav_decode_stream(
    container: Any,
    start_pts: int,
    end_pts: int,
    stream: Any,
    stream_name: dict[str, int],
    buffer_size: int = 0,
    perform_seek: bool = True,
) -> tuple[list[Any], int]:
    """The decoded frames of a stream of PyAV from one time stamp to before another, and the last time stamp seen."""
    container = getattr(container, "av", container)  # PyAV's, if it is that of an EncodedVideoPyAV
    if perform_seek:
        container.seek(max(int(start_pts), 0), any_frame=False, backward=True, stream=stream)
    frames: dict[int, Any] = {}
    last = 0
    for frame in container.decode(**stream_name):
        if frame.pts is None:
            continue
        last = max(last, frame.pts)
        if frame.pts >= end_pts:
            break
        if frame.pts >= start_pts:
            frames[frame.pts] = frame
    return [frames[pts] for pts in sorted(frames)], last
