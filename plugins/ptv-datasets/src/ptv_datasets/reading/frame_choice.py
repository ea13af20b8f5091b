"""Which frames make up a clip: the arithmetic of frame counts, short videos and frames that nobody needs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import torch
from attrs import frozen

Pick = Callable[[int], Sequence[int]]


@frozen
class Spread:
    """Picks ``count`` frames evenly spread over the clip: the first of each of ``count`` equal parts."""

    count: int

    def __call__(self, total: int) -> list[int]:
        """The indices among ``total`` frames."""
        return [number * total // self.count for number in range(self.count)]


@frozen
class Segments:
    """Picks one frame of each of ``count`` segments of the clip, as Something-Something models are trained.

    Attributes:
        count: number of frames.
        key: makes the choice within each segment random, depending on the key alone; ``None`` takes the middle.
    """

    count: int
    key: str | None = None

    def __call__(self, total: int) -> list[int]:
        """The indices among ``total`` frames."""
        bounds = [round(Fraction((total - 1) * number, self.count)) for number in range(self.count + 1)]
        rng = None if self.key is None else random.Random(self.key)
        return [(low + high) // 2 if rng is None else rng.randint(low, high) for low, high in pairwise(bounds)]


class FrameChoice:
    """Which frames of a stretch of video make up a clip.

    Args:
        start: where the clip starts, in seconds.
        end: where the clip ends, in seconds; behind the end of the video if that is too short.
        duration: duration of the video in seconds.
        wrap: a clip that the video is too short for starts over; otherwise its last frame is repeated.
        pick: given the number of frames of that stretch, those of the clip; ``None`` for all.
        keep: given the number of frames of the clip, those that are needed; ``None`` for all.
    """

    def __init__(
        self,
        start: Fraction,
        end: Fraction,
        duration: Fraction,
        *,
        wrap: bool = False,
        pick: Pick | None = None,
        keep: Pick | None = None,
    ) -> None:
        self._length = end - start
        self._wraps = wrap and end > duration
        self._start = start if self._wraps else Fraction(0)
        #: The stretch of video to read, in seconds.
        self.span = (Fraction(0), duration) if self._wraps else (start, end)
        self._there = min(self.span[1], duration) - self.span[0]
        self._fits = self._there >= self._length and not self._wraps
        self._pick = pick
        self._keep = keep

    def is_like(self, other: FrameChoice) -> bool:
        """Whether both choose the same of any number of frames, so that one decoding pass can serve both."""
        return self._fits and other._fits and (self._pick, self._keep) == (other._pick, other._keep)

    def __call__(self, available: int) -> list[int]:
        """The frames of the clip, as indices into the ``available`` frames of :attr:`span`; repeats are allowed."""
        if not self._fits:
            total = max(round(available * self._length / self._there), 1)
            first = round(available * self._start / self._there)
            if self._wraps:
                clip = [(first + number) % available for number in range(total)]
            else:
                clip = [min(number, available - 1) for number in range(max(total, available))]
        else:
            clip = list(range(available))
        for choose in self._pick, self._keep:
            if choose is not None:
                clip = [clip[number] for number in choose(len(clip))]
        return clip

    def audio(self, samples: torch.Tensor, sample_rate: int) -> torch.Tensor:
        """The sound of the clip (S), from that of :attr:`span`: silent behind the end, or from the start again."""
        total = round(self._length * sample_rate)
        if self._wraps and samples.shape[-1]:
            first = round(self._start * sample_rate)
            return samples[..., (first + torch.arange(total)) % samples.shape[-1]]
        return torch.nn.functional.pad(samples, (0, total - samples.shape[-1]))
