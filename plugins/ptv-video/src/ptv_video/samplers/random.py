"""Samplers of clips at random places."""

from __future__ import annotations

import random
from fractions import Fraction

from ptv_video.samplers.clip_sampler import (
    FINEST,
    ClipInfo,
    ClipInfoList,
    Seconds,
    ShortPolicy,
    WholeListSampler,
    positive_count,
    positive_seconds,
)


class RandomClipSampler(WholeListSampler):
    """Randomly samples one clip of ``clip_duration`` seconds from each video.

    Called directly it draws from torch's global generator (:func:`torch.manual_seed`); :meth:`spans` draws from seed,
    epoch and index alone. The arguments are those of :class:`ClipSampler`.
    """

    _count_of_any_video = 1
    _random = True

    def _start(self, video_duration: Fraction, rng: random.Random) -> Fraction:
        latest = max(video_duration - self._clip_duration, Fraction(0))
        return min(Fraction(round(rng.random() * latest * FINEST), FINEST), latest)

    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]:
        start = self._start(video_duration, rng)
        return [ClipInfo(start, start + self._clip_duration, 0, 0, True)]


class RandomMultiClipSampler(RandomClipSampler):
    """Randomly samples several clips from each video, which together form one sample.

    Args:
        clip_duration: length of a clip in seconds.
        num_clips: number of clips.
        num_frames: see :class:`ClipSampler`.
        frame_rate: see :class:`ClipSampler`.
        short: see :class:`ClipSampler`.
    """

    def __init__(
        self,
        clip_duration: Seconds | None = None,
        num_clips: int = 1,
        *,
        num_frames: int | None = None,
        frame_rate: Seconds | None = None,
        short: ShortPolicy = "repeat_last",
    ) -> None:
        super().__init__(clip_duration, num_frames=num_frames, frame_rate=frame_rate, short=short)
        self._num_clips = positive_count("num_clips", num_clips)

    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]:
        starts: list[Seconds] = [self._start(video_duration, rng) for _ in range(self._num_clips)]
        ends: list[Seconds] = [start + self._clip_duration for start in starts]
        zeros = [0] * self._num_clips
        return [ClipInfoList(starts, ends, zeros, list(zeros), [True] * self._num_clips)]


class RandomMultiClipSamplerTruncateFromStart(RandomMultiClipSampler):
    """Randomly samples several clips from the first seconds of each video.

    Args:
        clip_duration: length of a clip in seconds.
        num_clips: number of clips.
        truncation_duration: seconds from the start to sample from; ``None`` for the whole video.
        num_frames: see :class:`ClipSampler`.
        frame_rate: see :class:`ClipSampler`.
        short: see :class:`ClipSampler`.
    """

    def __init__(
        self,
        clip_duration: Seconds | None = None,
        num_clips: int = 1,
        truncation_duration: Seconds | None = None,
        *,
        num_frames: int | None = None,
        frame_rate: Seconds | None = None,
        short: ShortPolicy = "repeat_last",
    ) -> None:
        super().__init__(clip_duration, num_clips, num_frames=num_frames, frame_rate=frame_rate, short=short)
        self.truncation_duration = (
            None if truncation_duration is None else positive_seconds("truncation_duration", truncation_duration)
        )

    def _available(self, video_duration: Fraction) -> Fraction:
        return video_duration if self.truncation_duration is None else min(self.truncation_duration, video_duration)
