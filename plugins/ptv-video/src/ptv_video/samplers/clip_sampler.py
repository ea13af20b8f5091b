"""The interface of clip samplers, and what their clips are."""

from __future__ import annotations

import copy
import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Final, Literal, NamedTuple, get_args

import torch

from ptv_registry.errors import ArgumentError, PtvError

Seconds = int | float | Fraction
ShortPolicy = Literal["repeat_last", "wrap", "error", "drop"]

#: The finest division of a second that a float is taken for.
FINEST: Final = 10**6
_MOST_CLIPS: Final = 10**6


class ShortVideoError(PtvError, ValueError):
    """The video is shorter than one clip, and the sampler's policy (``short``) gives no clip for it."""


class ClipInfo(NamedTuple):
    """One clip of a video.

    Attributes:
        clip_start_sec: where the clip starts, in seconds.
        clip_end_sec: where it ends, in seconds; a frame shown at just that time is not part of it.
        clip_index: number of the clip in the video.
        aug_index: number of the augmentation of this clip; several may share one start and end.
        is_last_clip: whether the video has no further clip.
    """

    clip_start_sec: Seconds
    clip_end_sec: Seconds
    clip_index: int
    aug_index: int
    is_last_clip: bool


class ClipInfoList(NamedTuple):
    """Several clips of a video that form one sample; each field as in :class:`ClipInfo`, one entry per clip."""

    clip_start_sec: list[Seconds]
    clip_end_sec: list[Seconds]
    clip_index: list[int]
    aug_index: list[int]
    is_last_clip: list[bool]


def as_seconds(value: Seconds) -> Fraction:
    """The exact time that a number means: 0.1 is one tenth, 2 / 30 is one fifteenth (to a millionth of a second)."""
    return Fraction(value).limit_denominator(FINEST) if isinstance(value, float) else Fraction(value)


def positive_seconds(name: str, value: Any) -> Fraction:
    """The exact time that a length means; an ``ArgumentError`` names the argument if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction) or not math.isfinite(value):
        raise ArgumentError(f"{name}={value!r} is not a number of seconds; give a positive int, float or Fraction")
    seconds = as_seconds(value)
    if seconds <= 0:
        raise ArgumentError(f"{name}={value!r} must be greater than 0")
    return seconds


def positive_count(name: str, value: Any) -> int:
    """The value, if it is a whole number of at least 1; an ``ArgumentError`` names the argument otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ArgumentError(f"{name}={value!r} must be a whole number of at least 1")
    return value


class ClipSampler(ABC):
    """Interface of clip samplers: which clips a video of a given duration has.

    A subclass must say what a call returns. It should override :meth:`spans` too, and :attr:`fixed_count` where that is
    known without the duration; the defaults make a subclass that has only ``__call__`` work as well.

    Args:
        clip_duration: length of a clip in seconds.
        num_frames: number of frames of a clip, together with ``frame_rate`` instead of ``clip_duration``. Every clip
            then has exactly this many frames whatever the rate of the file is.
        frame_rate: frames per second at which ``num_frames`` are taken.
        short: what becomes of a video that is shorter than a clip. ``"repeat_last"`` fills the clip up with the last
            frame, ``"wrap"`` starts the video over, ``"error"`` raises :class:`ShortVideoError`, ``"drop"`` gives no
            clip.

    Raises:
        ArgumentError: a duration, count or rate is not positive, both or neither way of giving the length is used, or
            ``short`` is not one of the policies.
    """

    _count_of_any_video: int | None = None

    def __init__(
        self,
        clip_duration: Seconds | None = None,
        *,
        num_frames: int | None = None,
        frame_rate: Seconds | None = None,
        short: ShortPolicy = "repeat_last",
    ) -> None:
        if (num_frames is None) != (frame_rate is None) or (clip_duration is None) == (num_frames is None):
            raise ArgumentError(
                f"clip_duration={clip_duration!r}, num_frames={num_frames!r}, frame_rate={frame_rate!r}: give the "
                "length of a clip either as clip_duration (seconds) or as num_frames and frame_rate"
            )
        if short not in get_args(ShortPolicy):
            raise ArgumentError(f"short={short!r} is not a policy; choose from {', '.join(get_args(ShortPolicy))}")
        self.short: ShortPolicy = short
        self.num_frames: int | None = None
        self.frame_rate: Fraction | None = None
        if clip_duration is not None:
            self._clip_duration = positive_seconds("clip_duration", clip_duration)
        elif num_frames is not None and frame_rate is not None:
            self.num_frames = positive_count("num_frames", num_frames)
            self.frame_rate = positive_seconds("frame_rate", frame_rate)
            self._clip_duration = self.num_frames / self.frame_rate
        self._current_clip_index = 0
        self._current_aug_index = 0

    @property
    def clip_duration(self) -> Fraction:
        """Length of a clip in seconds."""
        return self._clip_duration

    @property
    def fixed_count(self) -> int | None:
        """How many clips any video has, or ``None`` where that depends on its duration."""
        return None if self.short == "drop" else self._count_of_any_video

    @property
    def counts_by_duration(self) -> bool:
        """Whether the number of clips depends on the video's duration alone."""
        return False

    @abstractmethod
    def __call__(
        self, last_clip_time: Seconds | None, video_duration: Seconds, annotation: dict[str, Any] | None
    ) -> ClipInfo | ClipInfoList:
        """The next clip of a video.

        Args:
            last_clip_time: end of the clip before, in seconds; ``None`` or 0 before the first one.
            video_duration: duration of the video in seconds.
            annotation: what is known about the video.
        """

    def reset(self) -> None:
        """Forget the current video."""
        self._current_clip_index = 0
        self._current_aug_index = 0

    def spans(
        self,
        video_duration: Seconds,
        annotation: dict[str, Any] | None = None,
        *,
        seed: int = 0,
        epoch: int = 0,
        index: int = 0,
    ) -> Sequence[ClipInfo | ClipInfoList]:
        """All clips of one video, in order, without any effect on the sampler.

        Args:
            video_duration: duration of the video in seconds.
            annotation: what is known about the video.
            seed: together with ``epoch`` and ``index`` decides what is random.
            epoch: number of the pass over the data.
            index: number of the video in the data.
        """
        return spans_by_calling(self, video_duration, annotation)


def spans_by_calling(
    sampler: Callable[..., Any], video_duration: Seconds, annotation: dict[str, Any] | None = None
) -> list[Any]:
    """All clips of one video from a sampler that has only the documented call; the sampler itself is left alone."""
    sampler = copy.deepcopy(sampler)
    reset = getattr(sampler, "reset", None)
    if reset is not None:
        reset()
    clips: list[Any] = []
    last: Any = None
    while len(clips) < _MOST_CLIPS:
        clip = sampler(last, video_duration, annotation)
        clips.append(clip)
        done, last = clip.is_last_clip, clip.clip_end_sec
        if done[-1] if isinstance(done, list) else done:
            return clips
    raise ArgumentError(f"{type(sampler).__name__} gave {_MOST_CLIPS} clips of one video and no last one")


class WholeListSampler(ClipSampler):
    """A sampler that knows all clips of a video at once; a call gives the next of them."""

    @abstractmethod
    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]: ...

    @property
    def counts_by_duration(self) -> bool:
        """See :class:`ClipSampler`; true for the samplers of this package, but not for classes derived from them."""
        return type(self).__module__.partition(".")[0] == __name__.partition(".")[0]

    def _available(self, video_duration: Fraction) -> Fraction:
        return video_duration

    def spans(
        self,
        video_duration: Seconds,
        annotation: dict[str, Any] | None = None,
        *,
        seed: int = 0,
        epoch: int = 0,
        index: int = 0,
    ) -> Sequence[ClipInfo | ClipInfoList]:
        """All clips of one video, in order; see :meth:`ClipSampler.spans`."""
        duration = self._available(positive_seconds("video_duration", video_duration))
        if duration + Fraction(1, FINEST) < self._clip_duration:
            if self.short == "drop":
                return []
            if self.short == "error":
                raise ShortVideoError(
                    f"the video lasts {float(duration):g} s, a clip {float(self._clip_duration):g} s; "
                    "give short='repeat_last', 'wrap' or 'drop' to the sampler to accept such videos"
                )
        return self._clips(duration, random.Random(f"{seed}/{epoch}/{index}"))

    def __call__(
        self, last_clip_time: Seconds | None, video_duration: Seconds, annotation: dict[str, Any] | None = None
    ) -> ClipInfo | ClipInfoList:
        """The next clip of a video; see :meth:`ClipSampler.__call__`.

        Raises:
            ShortVideoError: the video is too short and the policy is ``"error"`` or ``"drop"``.
        """
        clips = self.spans(video_duration, annotation, seed=int(torch.randint(2**62, ()).item()) if self._random else 0)
        if not clips:
            raise ShortVideoError(
                f"the video lasts {float(video_duration):g} s, less than a clip, and is dropped (short='drop')"
            )
        clip = clips[self._position(last_clip_time, clips)]
        if clip is clips[-1]:
            self.reset()
        return clip

    _random: ClassVar[bool] = False

    def _position(self, last_clip_time: Seconds | None, clips: Sequence[Any]) -> int:
        position = min(self._current_clip_index, len(clips) - 1)
        self._current_clip_index += 1
        return position
