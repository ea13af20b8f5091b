"""``EncodedVideo``: one video file."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import ptv_video
from ptv_video.containers.source import VideoSource
from ptv_video.video import Seconds, Select, Video
from pytorchvideo.data.documented_samples import documented_sample

__all__ = ["EncodedVideo"]


class EncodedVideo(ptv_video.EncodedVideo):
    """A video file, or the bytes of one, whose clips are float32; see :class:`ptv_video.EncodedVideo`."""

    @classmethod
    def from_path(
        cls, file_path: VideoSource, decode_audio: bool = True, decoder: str = "pyav", *, decode_video: bool = True
    ) -> Video:
        """As :meth:`ptv_video.EncodedVideo.from_path`, with float32 frames in [0, 255]."""
        video = super().from_path(file_path, decode_audio, decoder, decode_video=decode_video)
        return video if isinstance(video, cls) else OfFloat32(video)

    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """As in :class:`ptv_video.EncodedVideo`, with float32 frames in [0, 255]."""
        return [documented_sample(clip) for clip in super().get_clips(spans, select=select)]


class OfFloat32(Video):
    """A video of any decoder, whose clips are float32.

    Args:
        video: the video.
    """

    def __init__(self, video: Video) -> None:
        self._video = video

    @property
    def name(self) -> str:
        """See :class:`ptv_video.Video`."""
        return self._video.name

    @property
    def exact_duration(self) -> Fraction:
        """See :class:`ptv_video.Video`."""
        return self._video.exact_duration

    @property
    def fps(self) -> Fraction | None:
        """See :class:`ptv_video.Video`."""
        return self._video.fps

    @property
    def num_frames(self) -> int | None:
        """See :class:`ptv_video.Video`."""
        return self._video.num_frames

    @property
    def size(self) -> tuple[int, int] | None:
        """See :class:`ptv_video.Video`."""
        return self._video.size

    @property
    def has_audio(self) -> bool:
        """See :class:`ptv_video.Video`."""
        return self._video.has_audio

    @property
    def has_video(self) -> bool:
        """See :class:`ptv_video.Video`."""
        return self._video.has_video

    def close(self) -> None:
        """See :class:`ptv_video.Video`."""
        self._video.close()

    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """As in :class:`ptv_video.Video`, with float32 frames in [0, 255]."""
        return [documented_sample(clip) for clip in self._video.get_clips(spans, select=select)]
