"""Clips within an annotated part of a video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import ClipInfo, ClipInfoList, ClipSampler, Seconds, as_seconds


class UntrimmedClipSampler(ClipSampler):
    """Samples between the ``clip_start_sec`` and ``clip_end_sec`` of a video's annotation.

    Args:
        clip_sampler: samples as if that part were the whole video.
    """

    def __init__(self, clip_sampler: ClipSampler) -> None:
        if isinstance(clip_sampler, type) or not callable(clip_sampler):
            raise ArgumentError(f"clip_sampler={clip_sampler!r} is not a clip sampler; see make_clip_sampler")
        super().__init__(clip_sampler.clip_duration, short=clip_sampler.short)
        self.num_frames, self.frame_rate = clip_sampler.num_frames, clip_sampler.frame_rate
        self._trimmed_clip_sampler = clip_sampler

    @property
    def fixed_count(self) -> int | None:
        """How many clips any part has, or ``None`` where that depends on its duration."""
        return self._trimmed_clip_sampler.fixed_count

    def __call__(
        self, last_clip_time: Seconds | None, video_duration: Seconds, annotation: dict[str, Any] | None
    ) -> ClipInfo | ClipInfoList:
        """The next clip; see :meth:`ClipSampler.__call__`."""
        start, end = _part(annotation)
        last = None if last_clip_time is None else max(as_seconds(last_clip_time) - start, as_seconds(0))
        return _moved(self._trimmed_clip_sampler(last, end - start, annotation), start)

    def reset(self) -> None:
        """Forget the current part."""
        self._trimmed_clip_sampler.reset()

    def spans(
        self,
        video_duration: Seconds,
        annotation: dict[str, Any] | None = None,
        *,
        seed: int = 0,
        epoch: int = 0,
        index: int = 0,
    ) -> Sequence[ClipInfo | ClipInfoList]:
        """All clips of the part; see :meth:`ClipSampler.spans`."""
        start, end = _part(annotation)
        clips = self._trimmed_clip_sampler.spans(end - start, annotation, seed=seed, epoch=epoch, index=index)
        return [_moved(clip, start) for clip in clips]


def _part(annotation: dict[str, Any] | None) -> tuple[Any, Any]:
    try:
        start, end = (as_seconds((annotation or {})[key]) for key in ("clip_start_sec", "clip_end_sec"))
    except KeyError as error:
        raise ArgumentError(f"the annotation lacks {error}; it tells which part of the video to sample") from error
    if not 0 <= start < end:
        raise ArgumentError(f"clip_start_sec={float(start):g} and clip_end_sec={float(end):g} bound no part of a video")
    return start, end


def _moved(clip: ClipInfo | ClipInfoList, by: Any) -> ClipInfo | ClipInfoList:
    if isinstance(clip, ClipInfoList):
        return clip._replace(
            clip_start_sec=[start + by for start in clip.clip_start_sec],
            clip_end_sec=[end + by for end in clip.clip_end_sec],
        )
    return clip._replace(clip_start_sec=clip.clip_start_sec + by, clip_end_sec=clip.clip_end_sec + by)
