"""Transforms of samples, the dicts that datasets give."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from torch import nn

from ptv_registry.errors import ArgumentError, PtvError
from ptv_transforms.frame_pushdown import Pushdown, clip_pushdown
from ptv_transforms.functional import uniform_crop
from ptv_transforms.slots import BuiltTransform


class MissingKeyError(PtvError, KeyError):
    """The sample lacks the key that a transform operates on."""

    __str__ = PtvError.__str__


def value_of(sample: dict[str, Any], key: str, receiver: str) -> Any:
    """The value that a transform works on.

    Raises:
        MissingKeyError: the sample lacks it.
    """
    if key not in sample:
        msg = f"{receiver} works on the key {key!r}, which this sample lacks; it has {', '.join(map(str, sample))}"
        raise MissingKeyError(msg, key=key)
    return sample[key]


class ApplyTransformToKey:
    """Applies a transform to one value of a sample.

    Args:
        key: the value's key, such as ``video`` or ``audio``.
        transform: a callable that takes the value and returns the new one.
    """

    def __init__(self, key: str, transform: BuiltTransform) -> None:
        self.key = key
        self.transform = transform

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample with the new value; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample lacks the key.
        """
        return {**x, self.key: self.transform(value_of(x, self.key, "ApplyTransformToKey"))}

    def __repr__(self) -> str:
        return f"ApplyTransformToKey(key={self.key!r}, transform={self.transform!r})"

    def sample_pushdown(self, key: str) -> Pushdown | None:
        """Hands on the frames that the inner transform keeps, if it works on the clip."""
        if key != self.key:
            return Pushdown(rest=self)
        found = clip_pushdown(self.transform)
        if found is None or found.rest is None:
            return found
        each_frame, after = (found.rest, None) if found.framewise else (found.each_frame, found.after)
        return evolve(
            found,
            rest=ApplyTransformToKey(self.key, found.rest),
            each_frame=each_frame,
            after=None if after is None else ApplyTransformToKey(self.key, after),
            draw=None,
        )


class RemoveKey(nn.Module):
    """Removes a value from a sample, if it is there.

    Args:
        key: the value's key.
    """

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    def forward(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample without the value; the one given stays as it is."""
        return {key: value for key, value in x.items() if key != self.key}

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"key={self.key!r}"

    def sample_pushdown(self, key: str) -> Pushdown | None:
        """Leaves the frames of other keys alone."""
        return None if key == self.key else Pushdown(rest=self)


class UniformCropVideo(nn.Module):
    """Cuts a square at one of three places; the sample says at which.

    Args:
        size: side of the square in pixels.
        video_key: where the sample has its clip, (C, T, H, W).
        aug_index_key: where the sample has the place: 0, 1 or 2, see :func:`~ptv_transforms.functional.uniform_crop`.
    """

    def __init__(self, size: int, video_key: str = "video", aug_index_key: str = "aug_index") -> None:
        super().__init__()
        if size < 1:
            raise ArgumentError(f"size is {size}; it must be at least 1")
        self.size = size
        self.video_key = video_key
        self.aug_index_key = aug_index_key

    def forward(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample with the cropped clip; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample lacks a key.
            ArgumentError: if the place is not 0, 1 or 2, or the crop does not fit.
        """
        clip = value_of(x, self.video_key, "UniformCropVideo")
        place = int(value_of(x, self.aug_index_key, "UniformCropVideo"))
        return {**x, self.video_key: uniform_crop(clip, self.size, place)}

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"size={self.size}, video_key={self.video_key!r}, aug_index_key={self.aug_index_key!r}"

    def sample_pushdown(self, key: str) -> Pushdown | None:
        """Crops every frame alike."""
        return Pushdown(rest=self)
