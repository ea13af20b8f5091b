"""Which parts of a video become clips.

Times are exact fractions of a second, because a clip of one second at 25 frames per second has 25 frames only if its
end is exactly one second after its start. Each sampler answers in two ways: :meth:`ClipSampler.spans` gives all clips
of one video at once and keeps no state; calling the sampler is the documented interface, one clip per call.

Documentation page: ``pytorchvideo.data``, clip sampling.
"""

from __future__ import annotations

from typing import Any, Final

from ptv_registry.errors import ArgumentError
from ptv_video.samplers.clip_sampler import (
    ClipInfo,
    ClipInfoList,
    ClipSampler,
    Seconds,
    ShortPolicy,
    ShortVideoError,
    as_seconds,
    spans_by_calling,
)
from ptv_video.samplers.random import (
    RandomClipSampler,
    RandomMultiClipSampler,
    RandomMultiClipSamplerTruncateFromStart,
)
from ptv_video.samplers.uniform import (
    ConstantClipsPerVideoSampler,
    UniformClipSampler,
    UniformClipSamplerTruncateFromStart,
    WholeVideoSampler,
)

__all__ = [
    "ClipInfo",
    "ClipInfoList",
    "ClipSampler",
    "ConstantClipsPerVideoSampler",
    "RandomClipSampler",
    "RandomMultiClipSampler",
    "RandomMultiClipSamplerTruncateFromStart",
    "Seconds",
    "ShortPolicy",
    "ShortVideoError",
    "UniformClipSampler",
    "UniformClipSamplerTruncateFromStart",
    "WholeVideoSampler",
    "as_seconds",
    "make_clip_sampler",
    "spans_by_calling",
]

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
        ArgumentError: the sampler is unknown, or does not take the arguments.
    """
    if sampling_type not in _SAMPLERS:
        raise ArgumentError(f"unknown clip sampler {sampling_type!r}; choose from {', '.join(_SAMPLERS)}")
    if "duration" in named:
        if "clip_duration" in named:
            raise ArgumentError("duration and clip_duration are two names of one argument; give one of them")
        named["clip_duration"] = named.pop("duration")
    try:
        return _SAMPLERS[sampling_type](*args, **named)
    except TypeError as error:
        raise ArgumentError(f"clip sampler {sampling_type!r}: {error}") from error
