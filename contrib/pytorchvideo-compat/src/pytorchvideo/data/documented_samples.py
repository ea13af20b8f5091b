"""Samples as the original gives them: float32 frames in [0, 255], and nothing that it does not give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from ptv_transforms import ConvertUint8ToFloat


def documented_sample(sample: dict[str, Any], uint8: bool = False) -> dict[str, Any]:
    """The sample with float32 frames.

    Args:
        sample: a sample of ptv_datasets.
        uint8: leave the frames as they are.
    """
    return sample if uint8 or "video" not in sample else {**sample, "video": as_float32(sample["video"])}


def as_float32(frames: Any) -> Any:
    """The frames of a clip, or of several, as float32."""
    if isinstance(frames, list):
        return [as_float32(clip) for clip in frames]
    return frames.to(torch.float32) if isinstance(frames, torch.Tensor) else frames


def wants_uint8(transform: Any) -> bool:
    """Whether there is a ``ConvertUint8ToFloat`` in a transform or in what it is made of: that one takes uint8 only."""
    return any(isinstance(part, ConvertUint8ToFloat) for part in _parts(transform, set()))


def _parts(transform: Any, seen: set[int]) -> Iterator[Any]:
    """The transform and what it is made of; programs' own classes may raise whatever they like when they are asked."""
    if transform is None or id(transform) in seen:
        return
    seen.add(id(transform))
    yield transform
    for name in "transform", "transforms":
        found = _attribute(transform, name)
        for part in found if isinstance(found, list | tuple) else [found]:
            yield from _parts(part, seen)
    if isinstance(transform, nn.Module):
        for part in (vars(transform).get("_modules") or {}).values():
            yield from _parts(part, seen)


def _attribute(transform: Any, name: str) -> Any:
    try:
        return getattr(transform, name, None)
    except Exception:  # noqa: BLE001 - a search never raises
        return None


class OfDocumentedSample:
    """A transform that is given samples as the original gives them.

    Args:
        transform: called with the sample; ``None`` gives the sample itself.
    """

    def __init__(self, transform: Callable[[dict[str, Any]], Any] | None) -> None:
        self._transform = transform
        self._uint8 = wants_uint8(transform)

    def __call__(self, sample: dict[str, Any]) -> Any:
        """What the transform makes of the sample."""
        sample = documented_sample(sample, self._uint8)
        return sample if self._transform is None else self._transform(sample)
