"""Videos whose clips are as documented: float32 frames in [0, 255] under ``"video"``, sound under ``"audio"``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from ptv_video.errors import ClipRangeError
from ptv_video.video import Seconds, Select, Video
from pytorchvideo.data.documented_samples import as_float32


class DocumentedVideo(Video):
    """Mixin before a video of ptv_video: its clips are the documented dicts.

    A clip outside of the video is not an error: its entries are ``None``.
    """

    #: What a clip holds.
    documented_keys: tuple[str, ...] = ("video", "audio")

    def _lies_outside(self, start_sec: Seconds, end_sec: Seconds) -> bool:
        """Whether a clip without frames is given without an error."""
        return True

    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """As in :class:`ptv_video.Video`, with float32 frames in [0, 255]."""
        clips = super().get_clips(spans, select=select)  # type: ignore[safe-super]
        return [{**clip, "video": as_float32(clip["video"])} for clip in clips]

    def get_clip(
        self,
        start_sec: Seconds,
        end_sec: Seconds,
        frame_filter: Callable[[list[int]], Sequence[int]] | None = None,
        *,
        select: Select | None = None,
    ) -> Any:
        """The frames and the sound of ``[start_sec, end_sec)``.

        Args:
            start_sec: start in seconds.
            end_sec: end in seconds, exclusive.
            frame_filter: given the places of the frames in the clip, those to keep.
            select: given the number of frames, the places of those to keep.

        Returns:
            ``video``, float32 (C, T, H, W) in [0, 255], and ``audio``, float32 (samples); both are ``None`` for a clip
            outside of the video.
        """
        if frame_filter is not None:
            kept = frame_filter

            def select(count: int) -> Sequence[int]:
                return kept(list(range(count)))

        try:
            (clip,) = self.get_clips([(start_sec, end_sec)], select=select)
        except ClipRangeError:
            if not self._lies_outside(start_sec, end_sec):
                raise
            clip = {}
        return {key: clip.get(key) for key in self.documented_keys}


class OfDecoder(DocumentedVideo):
    """A video of any decoder, with documented clips.

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
        clips = self._video.get_clips(spans, select=select)
        return [{**clip, "video": as_float32(clip["video"])} for clip in clips]
