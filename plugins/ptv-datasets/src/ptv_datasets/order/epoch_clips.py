"""Which clips an epoch has, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import frozen

from ptv_datasets.order.video_order import VideoOrder, seeded
from ptv_datasets.video_lists.exact_seconds import ExactSeconds
from ptv_datasets.video_lists.videos import LabeledVideo
from ptv_video.samplers.factory import ClipInfo, ClipInfoList, spans_by_calling


@frozen(eq=False)
class Places:
    """The clips of an epoch, video by video.

    Attributes:
        order: the videos in their order.
        ends: for each place in the order, the number of clips up to the end of its video.
    """

    order: np.ndarray[Any, Any]
    ends: np.ndarray[Any, Any]

    @property
    def total(self) -> int:
        """Number of clips."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def video(self, place: int) -> int:
        """The number of the video at this place."""
        return int(self.order[place])

    def clips(self, place: int) -> range:
        """The numbers of the clips of the video at this place."""
        return range(int(self.ends[place - 1]) if place else 0, int(self.ends[place]))

    def find(self, index: int) -> tuple[int, int]:
        """The place in the order, and the number within its video, of a clip; negative numbers count from the end.

        Raises:
            IndexError: the index is out of range.
        """
        if not -self.total <= index < self.total:
            raise IndexError(f"clip {index} of {self.total}")
        index %= self.total
        place = int(np.searchsorted(self.ends, index, "right"))
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
        self.sampler: Any = clip_sampler
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

    def counts(self, durations: ExactSeconds | None) -> np.ndarray[Any, Any]:
        """The number of clips of each video.

        Args:
            durations: of each video, ``None`` for one that does not count; ``None`` for all if :attr:`fixed_count` is
                known.
        """
        fixed = self.fixed_count
        if durations is None:
            return np.full(len(self._videos), fixed or 0, np.int64)
        if fixed is not None or getattr(self.sampler, "counts_by_duration", False):
            values, where = durations.distinct()
            of_values = [0 if value is None else fixed or len(self.sampler.spans(value)) for value in values]
            return np.asarray(of_values, np.int64)[where]
        found = (0 if value is None else len(self.spans(video, value, 0)) for video, value in enumerate(durations))
        return np.fromiter(found, np.int64)

    def places(self, epoch: int, counts: np.ndarray[Any, Any]) -> Places:
        """The clips of an epoch, of whose videos each has so many."""
        if self._places is None or self._places[0] != epoch:
            order = self._order.indices(epoch)
            self._places = epoch, Places(order, np.cumsum(counts[order]))
        return self._places[1]
