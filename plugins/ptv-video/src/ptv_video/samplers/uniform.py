"""Samplers of clips at even distances, and of the whole video."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ptv_registry.errors import ArgumentError
from ptv_video.samplers.clip_sampler import (
    FINEST,
    ClipInfo,
    ClipInfoList,
    Seconds,
    ShortPolicy,
    WholeListSampler,
    as_seconds,
    positive_count,
    positive_seconds,
)


class UniformClipSampler(WholeListSampler):
    """Evenly splits the video into clips of ``clip_duration`` seconds.

    A video of 39 frames at 30 frames per second, with clips of 32 frames and a stride of 16, gives the frames [0, 32),
    and with ``backpad_last`` also [7, 39): the clip [16, 48) moved back until it fits.

    Args:
        clip_duration: length of a clip in seconds.
        stride: seconds from one start to the next; longer than a clip, it leaves out what lies between. ``None`` for
            ``clip_duration``.
        backpad_last: add a clip that ends with the video where the others leave a rest.
        eps: a clip may exceed the video by this many seconds and still counts as whole.
        num_frames: see :class:`ClipSampler`.
        frame_rate: see :class:`ClipSampler`.
        short: see :class:`ClipSampler`.

    Raises:
        ArgumentError: as in :class:`ClipSampler`, or the stride is not positive.
    """

    def __init__(
        self,
        clip_duration: Seconds | None = None,
        stride: Seconds | None = None,
        backpad_last: bool = False,
        eps: float = 1e-6,
        *,
        num_frames: int | None = None,
        frame_rate: Seconds | None = None,
        short: ShortPolicy = "repeat_last",
    ) -> None:
        super().__init__(clip_duration, num_frames=num_frames, frame_rate=frame_rate, short=short)
        self._stride = self._clip_duration if stride is None else positive_seconds("stride", stride)
        self._backpad_last = backpad_last
        self._eps = Fraction(eps)

    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]:
        whole = max((video_duration + self._eps - self._clip_duration) // self._stride, 0) + 1
        starts = [number * self._stride for number in range(whole)]
        latest = video_duration - self._clip_duration
        if self._backpad_last and latest - starts[-1] >= self._eps:
            starts.append(latest)
        last = len(starts) - 1
        return [ClipInfo(start, start + self._clip_duration, i, 0, i == last) for i, start in enumerate(starts)]

    def _position(self, last_clip_time: Seconds | None, clips: Sequence[Any]) -> int:
        done = Fraction(0) if last_clip_time is None else as_seconds(last_clip_time) + self._eps
        position = next((clip.clip_index for clip in clips if clip.clip_end_sec > done), None)
        if position is None:
            raise ArgumentError(
                f"last_clip_time={float(done):g} s is at or behind the end of the last clip, "
                f"{float(clips[-1].clip_end_sec):g} s; give None to start over"
            )
        return int(position)


class UniformClipSamplerTruncateFromStart(UniformClipSampler):
    """Evenly splits the first seconds of the video into clips of ``clip_duration`` seconds.

    Args:
        clip_duration: length of a clip in seconds.
        stride: see :class:`UniformClipSampler`.
        backpad_last: see :class:`UniformClipSampler`.
        eps: see :class:`UniformClipSampler`.
        truncation_duration: seconds from the start to split; ``None`` for the whole video.
        num_frames: see :class:`ClipSampler`.
        frame_rate: see :class:`ClipSampler`.
        short: see :class:`ClipSampler`.
    """

    def __init__(
        self,
        clip_duration: Seconds | None = None,
        stride: Seconds | None = None,
        backpad_last: bool = False,
        eps: float = 1e-6,
        truncation_duration: Seconds | None = None,
        *,
        num_frames: int | None = None,
        frame_rate: Seconds | None = None,
        short: ShortPolicy = "repeat_last",
    ) -> None:
        super().__init__(
            clip_duration, stride, backpad_last, eps, num_frames=num_frames, frame_rate=frame_rate, short=short
        )
        self.truncation_duration = (
            None if truncation_duration is None else positive_seconds("truncation_duration", truncation_duration)
        )

    def _available(self, video_duration: Fraction) -> Fraction:
        return video_duration if self.truncation_duration is None else min(self.truncation_duration, video_duration)


class ConstantClipsPerVideoSampler(WholeListSampler):
    """Samples the same number of evenly spaced clips from every video.

    Clip i starts at i / clips_per_video of the room that the video leaves beside one clip. A video shorter than a clip
    has as many clips as any other (unless ``short="drop"``), so that no view is missing;
    with ``short="wrap"`` they start at different times.

    Args:
        clip_duration: length of a clip in seconds.
        clips_per_video: number of clips.
        augs_per_clip: how often each clip is given, with ``aug_index`` counting.
        num_frames: see :class:`ClipSampler`.
        frame_rate: see :class:`ClipSampler`.
        short: see :class:`ClipSampler`.
    """

    def __init__(
        self,
        clip_duration: Seconds | None = None,
        clips_per_video: int = 1,
        augs_per_clip: int = 1,
        *,
        num_frames: int | None = None,
        frame_rate: Seconds | None = None,
        short: ShortPolicy = "repeat_last",
    ) -> None:
        super().__init__(clip_duration, num_frames=num_frames, frame_rate=frame_rate, short=short)
        self._clips_per_video = positive_count("clips_per_video", clips_per_video)
        self._augs_per_clip = positive_count("augs_per_clip", augs_per_clip)
        self._count_of_any_video = self._clips_per_video * self._augs_per_clip

    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]:
        room = video_duration - self._clip_duration
        if room < 0:
            room = video_duration if self.short == "wrap" else Fraction(0)
        last = (self._clips_per_video - 1, self._augs_per_clip - 1)
        return [
            ClipInfo(start, start + self._clip_duration, clip, aug, (clip, aug) == last)
            for clip, start in enumerate(room * i / self._clips_per_video for i in range(self._clips_per_video))
            for aug in range(self._augs_per_clip)
        ]


class WholeVideoSampler(WholeListSampler):
    """Takes each whole video as one clip."""

    _count_of_any_video = 1

    def __init__(self) -> None:
        super().__init__(Fraction(1, FINEST))  # no video is shorter than that

    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]:
        return [ClipInfo(Fraction(0), video_duration, 0, 0, True)]
