"""Which stretches of a video become clips.

Times are exact fractions of a second, because a clip of one second at 25 frames per second has 25 frames only if its
end is exactly one second after its start. Each sampler answers in two ways: :meth:`ClipSampler.spans` gives all clips
of one video at once and keeps no state; calling the sampler is the documented interface, one clip per call.

Documentation page: ``pytorchvideo.data``, clip sampling.
"""

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

_FINEST: Final = 10**6
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
    return Fraction(value).limit_denominator(_FINEST) if isinstance(value, float) else Fraction(value)


def _positive(name: str, value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction) or not math.isfinite(value):
        raise ArgumentError(f"{name}={value!r} is not a number of seconds; give a positive int, float or Fraction")
    seconds = as_seconds(value)
    if seconds <= 0:
        raise ArgumentError(f"{name}={value!r} must be greater than 0")
    return seconds


def _count(name: str, value: Any) -> int:
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
            ``short`` is none of the policies.
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
            raise ArgumentError(f"short={short!r} is no policy; choose from {', '.join(get_args(ShortPolicy))}")
        self.short: ShortPolicy = short
        self.num_frames: int | None = None
        self.frame_rate: Fraction | None = None
        if clip_duration is not None:
            self._clip_duration = _positive("clip_duration", clip_duration)
        elif num_frames is not None and frame_rate is not None:
            self.num_frames = _count("num_frames", num_frames)
            self.frame_rate = _positive("frame_rate", frame_rate)
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


class _WholeListSampler(ClipSampler):
    """A sampler that knows all clips of a video at once; a call gives the next of them."""

    @abstractmethod
    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]: ...

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
        duration = self._available(_positive("video_duration", video_duration))
        if duration + Fraction(1, _FINEST) < self._clip_duration:
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


class RandomClipSampler(_WholeListSampler):
    """Randomly samples one clip of ``clip_duration`` seconds from each video.

    Called directly it draws from torch's global generator (:func:`torch.manual_seed`); :meth:`spans` draws from seed,
    epoch and index alone. The arguments are those of :class:`ClipSampler`.
    """

    _count_of_any_video = 1
    _random = True

    def _start(self, video_duration: Fraction, rng: random.Random) -> Fraction:
        latest = max(video_duration - self._clip_duration, Fraction(0))
        return min(Fraction(round(rng.random() * latest * _FINEST), _FINEST), latest)

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
        self._num_clips = _count("num_clips", num_clips)

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
            None if truncation_duration is None else _positive("truncation_duration", truncation_duration)
        )

    def _available(self, video_duration: Fraction) -> Fraction:
        return video_duration if self.truncation_duration is None else min(self.truncation_duration, video_duration)


class UniformClipSampler(_WholeListSampler):
    """Evenly splits the video into clips of ``clip_duration`` seconds.

    A video of 39 frames at 30 frames per second, with clips of 32 frames and a stride of 16, gives the frames [0, 32),
    and with ``backpad_last`` also [7, 39): the clip [16, 48) moved back until it fits.

    Args:
        clip_duration: length of a clip in seconds.
        stride: seconds from one start to the next, at most ``clip_duration``; ``None`` for ``clip_duration``.
        backpad_last: add a clip that ends with the video where the others leave a rest.
        eps: a clip may exceed the video by this many seconds and still counts as whole.
        num_frames: see :class:`ClipSampler`.
        frame_rate: see :class:`ClipSampler`.
        short: see :class:`ClipSampler`.

    Raises:
        ArgumentError: as in :class:`ClipSampler`, or the stride is not in (0, clip_duration].
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
        self._stride = self._clip_duration if stride is None else _positive("stride", stride)
        if self._stride > self._clip_duration:
            raise ArgumentError(f"stride={stride!r} must be > 0 and <= the clip's {float(self._clip_duration):g} s")
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
            None if truncation_duration is None else _positive("truncation_duration", truncation_duration)
        )

    def _available(self, video_duration: Fraction) -> Fraction:
        return video_duration if self.truncation_duration is None else min(self.truncation_duration, video_duration)


class ConstantClipsPerVideoSampler(_WholeListSampler):
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
        self._clips_per_video = _count("clips_per_video", clips_per_video)
        self._augs_per_clip = _count("augs_per_clip", augs_per_clip)
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


class WholeVideoSampler(_WholeListSampler):
    """Takes each video whole, as one clip that ends with the video."""

    _count_of_any_video = 1

    def __init__(self) -> None:
        super().__init__(Fraction(1, _FINEST))  # no video is shorter than that

    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]:
        return [ClipInfo(Fraction(0), video_duration, 0, 0, True)]


_SAMPLERS: Final[dict[str, type[ClipSampler]]] = {
    "random": RandomClipSampler,
    "uniform": UniformClipSampler,
    "constant_clips_per_video": ConstantClipsPerVideoSampler,
    "random_multi": RandomMultiClipSampler,
    "uniform_truncated": UniformClipSamplerTruncateFromStart,
    "random_multi_truncated": RandomMultiClipSamplerTruncateFromStart,
    "whole_video": WholeVideoSampler,
}


def make_clip_sampler(sampling_type: str, *args: Any, **named: Any) -> ClipSampler:
    """Construct a clip sampler by its name.

    Args:
        sampling_type: ``uniform``, ``random``, ``constant_clips_per_video``, ``random_multi``,
            ``uniform_truncated``, ``random_multi_truncated`` or ``whole_video``.
        *args: positional arguments of the sampler, as documented: ``make_clip_sampler("random", 2)``.
        **named: named arguments of the sampler; ``duration`` is another name of ``clip_duration``.

    Raises:
        ArgumentError: there is no such sampler, or it does not take the arguments.
    """
    if sampling_type not in _SAMPLERS:
        raise ArgumentError(f"there is no clip sampler {sampling_type!r}; choose from {', '.join(_SAMPLERS)}")
    if "duration" in named:
        if "clip_duration" in named:
            raise ArgumentError("duration and clip_duration are two names of one argument; give one of them")
        named["clip_duration"] = named.pop("duration")
    try:
        return _SAMPLERS[sampling_type](*args, **named)
    except TypeError as error:
        raise ArgumentError(f"clip sampler {sampling_type!r}: {error}") from error
