"""Samples as the original gives them: float32 frames in [0, 255], with ``video_label``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ptv_transforms import ConvertUint8ToFloat


def documented_sample(sample: dict[str, Any], uint8: bool = False) -> dict[str, Any]:
    """The sample with float32 frames, and with the label under its second documented name, ``video_label``.

    Args:
        sample: a sample of ptv_datasets.
        uint8: leave the frames as they are.
    """
    found = sample if uint8 or "video" not in sample else {**sample, "video": as_float32(sample["video"])}
    return {**found, "video_label": found["label"]} if "label" in found and "video_label" not in found else found


def as_float32(frames: Any) -> Any:
    """The frames of a clip, or of several, as float32."""
    if isinstance(frames, list):
        return [as_float32(clip) for clip in frames]
    return frames.to(torch.float32) if isinstance(frames, torch.Tensor) else frames


def wants_uint8(transform: Any) -> bool:
    """Whether there is a ``ConvertUint8ToFloat`` in a transform or in what it is made of: that one takes uint8 only."""
    if isinstance(transform, ConvertUint8ToFloat):
        return True
    parts = [getattr(transform, "transform", None), *getattr(transform, "transforms", ())]
    if isinstance(transform, nn.Module):
        parts += transform.children()
    return any(wants_uint8(part) for part in parts if part is not None)


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
