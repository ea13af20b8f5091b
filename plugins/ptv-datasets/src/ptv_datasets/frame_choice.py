"""Which frames make up a clip: the arithmetic of frame counts, short videos and frames that nobody needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import torch


def spread(total: int, count: int) -> list[int]:
    """``count`` indices evenly spread over ``total`` frames: the first of each of ``count`` equal parts."""
    return [number * total // count for number in range(count)]


class FrameChoice:
    """Which frames of a stretch of video make up a clip.

    Args:
        start: where the clip starts, in seconds.
        end: where the clip ends, in seconds; behind the end of the video if that is too short.
        duration: duration of the video in seconds.
        wrap: a clip that the video is too short for starts over; otherwise its last frame is repeated.
        num_frames: number of frames of the clip; ``None`` for all that there are.
        keep: given the number of frames of the clip, those that are needed; ``None`` for all.
    """

    def __init__(
        self,
        start: Fraction,
        end: Fraction,
        duration: Fraction,
        *,
        wrap: bool = False,
        num_frames: int | None = None,
        keep: Callable[[int], Sequence[int]] | None = None,
    ) -> None:
        self._length = end - start
        self._wraps = wrap and end > duration
        self._start = start if self._wraps else Fraction(0)
        #: The stretch of video to read, in seconds.
        self.span = (Fraction(0), duration) if self._wraps else (start, end)
        self._there = min(self.span[1], duration) - self.span[0]
        #: Whether the video is long enough for the clip. Choices that fit are alike.
        self.fits = self._there >= self._length and not self._wraps
        self._num_frames = num_frames
        self._keep = keep

    def __call__(self, available: int) -> list[int]:
        """The frames of the clip, as indices into the ``available`` frames of :attr:`span`; repeats are allowed."""
        if not self.fits:
            total = max(round(available * self._length / self._there), 1)
            first = round(available * self._start / self._there)
            if self._wraps:
                clip = [(first + number) % available for number in range(total)]
            else:
                clip = [min(number, available - 1) for number in range(max(total, available))]
        else:
            clip = list(range(available))
        if self._num_frames is not None:
            clip = [clip[number] for number in spread(len(clip), self._num_frames)]
        return clip if self._keep is None else [clip[number] for number in self._keep(len(clip))]

    def audio(self, samples: torch.Tensor, sample_rate: int) -> torch.Tensor:
        """The sound of the clip (S), from that of :attr:`span`: silent behind the end, or from the start again."""
        total = round(self._length * sample_rate)
        if self._wraps and samples.shape[-1]:
            first = round(self._start * sample_rate)
            return samples[..., (first + torch.arange(total)) % samples.shape[-1]]
        return torch.nn.functional.pad(samples, (0, total - samples.shape[-1]))
