"""A clip sampler."""

from fractions import Fraction
from typing import Any

from ptv_video.samplers.factory import ClipInfo, ClipSampler


class MineSampler(ClipSampler):
    """Clips one after the other, with a gap between them; replace it with your sampler.

    Args:
        clip_duration: seconds of a clip.
        gap: seconds between two clips.
    """

    def __init__(self, clip_duration: float, gap: float = 0.5) -> None:
        self.next_index = 0
        self.gap = Fraction(str(gap))
        super().__init__(clip_duration)

    def reset(self) -> None:
        """Forget the current video."""
        self.next_index = 0

    def __call__(self, last_clip_time: Any, video_duration: Any, annotation: dict[str, Any] | None) -> ClipInfo:
        """The clip that begins a gap after the one before ended; the last one may end after the video."""
        index = self.next_index
        start = Fraction(0) if not index else Fraction(last_clip_time) + self.gap
        end = start + self.clip_duration
        is_last = end + self.gap >= video_duration
        self.next_index = 0 if is_last else index + 1
        return ClipInfo(start, end, index, 0, is_last)
