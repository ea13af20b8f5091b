"""Which clips an epoch has, and in which order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from attrs import frozen

from ptv_datasets.order import VideoOrder, seeded
from ptv_datasets.videos import LabeledVideo
from ptv_video.clip_sampling import ClipInfo, ClipInfoList, spans_by_calling


@frozen
class Places:
    """The clips of an epoch, video by video.

    Attributes:
        order: the videos in their order.
        ends: for each place in the order, the number of clips up to the end of its video.
    """

    order: list[int]
    ends: list[int]

    @property
    def total(self) -> int:
        """Number of clips."""
        return self.ends[-1] if self.ends else 0

    def clips(self, place: int) -> range:
        """The numbers of the clips of the video at this place."""
        return range(self.ends[place - 1] if place else 0, self.ends[place])

    def find(self, index: int) -> tuple[int, int]:
        """The place in the order, and the number within its video, of a clip; negative numbers count from the end.

        Raises:
            IndexError: there is no such clip.
        """
        if not -self.total <= index < self.total:
            raise IndexError(f"clip {index} of {self.total}")
        index %= self.total
        place = bisect_right(self.ends, index)
        return place, index - self.clips(place).start


class EpochClips:
    """The clips that a sampler takes of videos, for any epoch, the same in every process.

    Args:
        clip_sampler: which clips of a video are taken.
        videos: the videos.
        order: their order.
        seed: decides what is random, together with the epoch.
    """

    def __init__(
        self, clip_sampler: Callable[..., Any], videos: Sequence[LabeledVideo], order: VideoOrder, seed: int
    ) -> None:
        self.sampler = clip_sampler
        self._videos = videos
        self._order = order
        self._seed = seed
        self._places: tuple[int, Places] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_places": None}  # found again sooner than it is sent to a worker

    @property
    def fixed_count(self) -> int | None:
        """How many clips any video has, or ``None`` where that depends on its duration."""
        count: int | None = getattr(self.sampler, "fixed_count", None)
        return count

    def spans(self, video: int, seconds: Fraction, epoch: int) -> Sequence[ClipInfo | ClipInfoList]:
        """The clips of a video of this duration."""
        annotation = self._videos[video].info
        spans = getattr(self.sampler, "spans", None)
        if spans is not None:
            found: Sequence[ClipInfo | ClipInfoList] = spans(
                seconds, annotation, seed=self._seed, epoch=epoch, index=video
            )
            return found
        with seeded(self._seed, epoch, video, "clips"):
            return spans_by_calling(self.sampler, seconds, annotation)

    def counts(self, durations: Sequence[Fraction | None] | None) -> list[int]:
        """The number of clips of each video.

        Args:
            durations: of each video, ``None`` for one that does not count; ``None`` for all if :attr:`fixed_count` is
                known.
        """
        fixed = self.fixed_count
        if durations is None:
            return [fixed or 0] * len(self._videos)
        return [
            0 if seconds is None else fixed or len(self.spans(video, seconds, 0))
            for video, seconds in enumerate(durations)
        ]

    def places(self, epoch: int, counts: Sequence[int]) -> Places:
        """The clips of an epoch, of whose videos each has so many."""
        if self._places is None or self._places[0] != epoch:
            order = self._order.indices(epoch)
            self._places = epoch, Places(order, list(accumulate(counts[video] for video in order)))
        return self._places[1]
