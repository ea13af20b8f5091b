"""Transforms that move bounding boxes along with the clip.

Boxes are (N, 4): ``x1, y1, x2, y2`` in pixels, both corners inside the box, so that the largest x is ``width - 1``.
They may be tensors or numpy arrays, and come back as what they were; nothing is changed in place.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms.functional.crop import check_crop, uniform_crop_offsets
from ptv_transforms.functional.scale import random_short_side, short_side_scale

Boxes = TypeVar("Boxes", torch.Tensor, np.ndarray)


def _tensor(boxes: torch.Tensor | np.ndarray) -> torch.Tensor:
    if tuple(boxes.shape[-1:]) != (4,):
        raise ArgumentError(f"boxes have the shape {tuple(boxes.shape)}; it must be (N, 4): x1, y1, x2, y2 in pixels")
    return torch.as_tensor(boxes)


def _like(moved: torch.Tensor, boxes: Boxes) -> Boxes:
    return moved.numpy() if isinstance(boxes, np.ndarray) else moved


def short_side_scale_with_boxes(
    images: torch.Tensor, boxes: Boxes, size: int, interpolation: str = "bilinear", backend: str = "pytorch"
) -> tuple[torch.Tensor, Boxes]:
    """Scales a clip so that its shorter side gets ``size`` pixels, and its boxes by the same factors.

    Args:
        images: a clip, (C, T, H, W).
        boxes: (N, 4) in pixels.
        size: the shorter side in pixels.
        interpolation: see :func:`~ptv_transforms.functional.short_side_scale`.
        backend: ``pytorch`` or ``opencv``.

    Raises:
        ArgumentError: if an argument is not one of these.
    """
    scaled = short_side_scale(images, size, interpolation, backend)
    factor_x, factor_y = scaled.shape[-1] / images.shape[-1], scaled.shape[-2] / images.shape[-2]
    known = _tensor(boxes)
    dtype = known.dtype if known.is_floating_point() else torch.float32
    factors = torch.tensor([factor_x, factor_y, factor_x, factor_y], dtype=dtype, device=known.device)
    return scaled, _like(known * factors, boxes)


def random_short_side_scale_with_boxes(
    images: torch.Tensor,
    boxes: Boxes,
    min_size: int,
    max_size: int,
    interpolation: str = "bilinear",
    backend: str = "pytorch",
) -> tuple[torch.Tensor, Boxes]:
    """Scales a clip and its boxes so that the shorter side gets a random size in [min_size, max_size].

    Args:
        images: a clip, (C, T, H, W).
        boxes: (N, 4) in pixels.
        min_size: the smallest size in pixels.
        max_size: the largest size in pixels, included.
        interpolation: see :func:`~ptv_transforms.functional.short_side_scale`.
        backend: ``pytorch`` or ``opencv``.

    Raises:
        ArgumentError: if an argument is not one of these.
    """
    size = random_short_side(min_size, max_size)
    return short_side_scale_with_boxes(images, boxes, size, interpolation, backend)


def _crop_with_boxes(images: torch.Tensor, size: int, y: int, x: int, boxes: Boxes) -> tuple[torch.Tensor, Boxes]:
    cropped = images[..., y : y + size, x : x + size]
    return cropped, clip_boxes_to_image(crop_boxes(boxes, x, y), size, size)


def random_crop_with_boxes(images: torch.Tensor, size: int, boxes: Boxes) -> tuple[torch.Tensor, Boxes]:
    """Cuts a square at a random place; every place, the last one included, is equally likely.

    Args:
        images: a clip, (C, T, H, W).
        size: side of the square in pixels.
        boxes: (N, 4) in pixels; moved along and clipped to the square.

    Raises:
        ArgumentError: if the crop does not fit.
    """
    height, width = images.shape[-2], images.shape[-1]
    check_crop(height, width, size)
    y = int(torch.randint(0, height - size + 1, (1,)).item())
    x = int(torch.randint(0, width - size + 1, (1,)).item())
    return _crop_with_boxes(images, size, y, x, boxes)


def uniform_crop_with_boxes(
    images: torch.Tensor, size: int, spatial_idx: int, boxes: Boxes
) -> tuple[torch.Tensor, Boxes]:
    """Cuts a square at one of three places along the longer side.

    Args:
        images: a clip, (C, T, H, W).
        size: side of the square in pixels.
        spatial_idx: 0, 1 or 2 for left, centre or right; for top, centre or bottom if the clip is higher than wide.
        boxes: (N, 4) in pixels; moved along and clipped to the square.

    Raises:
        ArgumentError: if ``spatial_idx`` is not 0, 1 or 2, or the crop does not fit.
    """
    y, x = uniform_crop_offsets(images.shape[-2], images.shape[-1], size, spatial_idx)
    return _crop_with_boxes(images, size, y, x, boxes)


def horizontal_flip_with_boxes(prob: float, images: torch.Tensor, boxes: Boxes) -> tuple[torch.Tensor, Boxes]:
    """Mirrors a clip and its boxes left to right with a probability of ``prob``.

    Args:
        prob: probability in [0, 1].
        images: a clip, (C, T, H, W).
        boxes: (N, 4) in pixels.

    Raises:
        ArgumentError: if ``prob`` is not a probability.
    """
    if not 0.0 <= prob <= 1.0:
        raise ArgumentError(f"prob is {prob}; it must be in [0, 1]")
    known = _tensor(boxes)
    if torch.rand(1).item() >= prob:
        return images, _like(known.clone(), boxes)
    x1, y1, x2, y2 = known.unbind(-1)
    last = images.shape[-1] - 1
    return images.flip(-1), _like(torch.stack((last - x2, y1, last - x1, y2), dim=-1), boxes)


def clip_boxes_to_image(boxes: Boxes, height: int, width: int) -> Boxes:
    """Moves the corners of boxes that lie outside a frame to its border.

    Args:
        boxes: (N, 4) in pixels.
        height: height of the frame in pixels.
        width: width of the frame in pixels.

    Raises:
        ArgumentError: if the boxes have not the shape (N, 4).
    """
    x1, y1, x2, y2 = _tensor(boxes).unbind(-1)
    xs, ys = (x.clamp(0, width - 1) for x in (x1, x2)), (y.clamp(0, height - 1) for y in (y1, y2))
    return _like(torch.stack([side for corner in zip(xs, ys, strict=True) for side in corner], dim=-1), boxes)


def crop_boxes(boxes: Boxes, x_offset: int, y_offset: int) -> Boxes:
    """Moves boxes into the coordinates of a crop.

    Args:
        boxes: (N, 4) in pixels.
        x_offset: x of the crop's left border in pixels.
        y_offset: y of the crop's upper border in pixels.

    Raises:
        ArgumentError: if the boxes have not the shape (N, 4).
    """
    known = _tensor(boxes)
    offsets = torch.tensor([x_offset, y_offset, x_offset, y_offset], dtype=known.dtype, device=known.device)
    return _like(known - offsets, boxes)
