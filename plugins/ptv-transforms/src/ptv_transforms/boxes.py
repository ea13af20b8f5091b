"""Transforms of samples whose boxes move with the clip: ``video`` (C, T, H, W) and ``boxes`` (N, 4)."""

from __future__ import annotations

from typing import Any

import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F
from ptv_transforms.frame_pushdown import Pushdown
from ptv_transforms.sample_keys import value_of


class BoxesToPixels:
    """Turns boxes in shares of the frame, as AVA has them, into pixels of the clip, and clips them to it.

    What they were is kept as ``given_boxes``.
    """

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample has no clip or no boxes.
            ArgumentError: if a corner lies outside [0, 1].
        """
        clip, boxes = value_of(x, "video", "BoxesToPixels"), value_of(x, "boxes", "BoxesToPixels")
        if bool(((boxes < 0) | (boxes > 1)).any()):
            raise ArgumentError(f"boxes {boxes.tolist()} are not shares of the frame; corners lie in [0, 1]")
        height, width = clip.shape[-2:]
        pixels = boxes * torch.tensor([width, height, width, height], dtype=boxes.dtype)
        return {**x, "given_boxes": boxes, "boxes": F.clip_boxes_to_image(pixels, height, width)}

    def sample_pushdown(self, key: str) -> Pushdown:
        """Leaves the frames alone."""
        return Pushdown(rest=self)


class ShortSideScaleWithBoxes:
    """Scales clip and boxes so that the shorter side gets a size in [min_size, max_size], at random if these differ.

    Args:
        min_size, max_size: of the shorter side in pixels; ``max_size`` is included, and ``min_size`` by default.

    Raises:
        ArgumentError: if the range is empty or not positive.
    """

    def __init__(self, min_size: int, max_size: int | None = None) -> None:
        self.min_size, self.max_size = min_size, min_size if max_size is None else max_size
        if not 1 <= self.min_size <= self.max_size:
            raise ArgumentError(f"the range of sizes is [{min_size}, {max_size}]; it needs 1 <= min_size <= max_size")

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample has no clip or no boxes.
        """
        clip, boxes = value_of(x, "video", type(self).__name__), value_of(x, "boxes", type(self).__name__)
        scaled, moved = F.random_short_side_scale_with_boxes(clip, boxes, self.min_size, self.max_size)
        return {**x, "video": scaled, "boxes": moved}


class RandomCropWithBoxes:
    """Cuts a square at a random place; boxes move along and are clipped to it.

    Args:
        size: side of the square in pixels.

    Raises:
        ArgumentError: if the size is not positive.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ArgumentError(f"size is {size}; it must be at least 1")
        self.size = size

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample has no clip or no boxes.
            ArgumentError: if the crop does not fit.
        """
        clip, boxes = value_of(x, "video", type(self).__name__), value_of(x, "boxes", type(self).__name__)
        cropped, moved = F.random_crop_with_boxes(clip, self.size, boxes)
        return {**x, "video": cropped, "boxes": moved}


class HorizontalFlipWithBoxes:
    """Mirrors clip and boxes left to right, by chance.

    Args:
        p: how often, in [0, 1].

    Raises:
        ArgumentError: if ``p`` is not a probability.
    """

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ArgumentError(f"p is {p}; it must be in [0, 1]")
        self.p = p

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample has no clip or no boxes.
        """
        clip, boxes = value_of(x, "video", type(self).__name__), value_of(x, "boxes", type(self).__name__)
        flipped, moved = F.horizontal_flip_with_boxes(self.p, clip, boxes)
        return {**x, "video": flipped, "boxes": moved}
