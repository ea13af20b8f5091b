"""The operations that RandAugment and AugMix draw from.

Each takes a video, (T, C, H, W), of dtype uint8 (0 to 255) or float (0 to 1), and returns one of the same dtype and
range. ``factor`` says how strongly; ``fill`` is the value of pixels that come from outside the frame, one per channel,
as a share of the dtype's range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as TF

from ptv_registry.errors import ArgumentError


def _pixel(share: float, video: torch.Tensor) -> float:
    return share if video.is_floating_point() else 255.0 * share


def _fill(fill: Sequence[float], video: torch.Tensor) -> list[float]:
    channels = video.shape[-3]
    if len(fill) not in (1, channels) and len(set(fill)) > 1:
        raise ArgumentError(f"fill is {tuple(fill)}; the video has {channels} channels")
    values = list(fill) if len(fill) == channels else [fill[0]] * channels
    shares = [value / 255 for value in values] if max(values) > 1 and video.dtype == torch.uint8 else values
    if not all(0.0 <= share <= 1.0 for share in shares):
        raise ArgumentError(
            f"fill is {tuple(fill)}; each value is a share of the range, in [0, 1], or for uint8 a pixel value"
        )
    return [_pixel(share, video) for share in shares]


def _affine(
    video: torch.Tensor, fill: Sequence[float], translate: Sequence[float] = (0, 0), shear: Sequence[float] = (0, 0)
) -> torch.Tensor:
    return TF.affine(
        video,
        angle=0.0,
        translate=list(translate),
        scale=1.0,
        shear=[math.degrees(math.atan(slope)) for slope in shear],
        interpolation=InterpolationMode.BILINEAR,
        fill=_fill(fill, video),
        center=[0.0, 0.0],
    )


def auto_contrast(video: torch.Tensor, **hparas: Any) -> torch.Tensor:
    """Stretches each channel of each frame so that its darkest pixel is black and its lightest white."""
    return TF.autocontrast(video)


def equalize(video: torch.Tensor, **hparas: Any) -> torch.Tensor:
    """Equalises the histogram of each channel of each frame."""
    return TF.equalize(video)


def invert(video: torch.Tensor, **hparas: Any) -> torch.Tensor:
    """Inverts the colours."""
    return TF.invert(video)


def rotate(video: torch.Tensor, factor: float, *, fill: Sequence[float], **hparas: Any) -> torch.Tensor:
    """Rotates by ``factor`` degrees, counter-clockwise."""
    return TF.rotate(video, factor, interpolation=InterpolationMode.BILINEAR, fill=_fill(fill, video))


def solarize(video: torch.Tensor, factor: float, **hparas: Any) -> torch.Tensor:
    """Inverts all values from ``factor``, a share of the range, on."""
    return TF.solarize(video, min(_pixel(factor, video), _pixel(1.0, video)))


def posterize(video: torch.Tensor, factor: int, **hparas: Any) -> torch.Tensor:
    """Keeps ``factor`` bits of each value, at least 1; from 8 on the video stays as it is."""
    if factor >= 8:
        return video
    return TF.posterize(video, max(1, int(factor)))


def adjust_brightness(video: torch.Tensor, factor: float, **hparas: Any) -> torch.Tensor:
    """Multiplies values: 0 gives black, 1 the video, 2 twice the brightness."""
    return TF.adjust_brightness(video, factor)


def adjust_contrast(video: torch.Tensor, factor: float, **hparas: Any) -> torch.Tensor:
    """Moves values away from their mean: 0 gives grey, 1 the video, 2 twice the contrast."""
    return TF.adjust_contrast(video, factor)


def adjust_saturation(video: torch.Tensor, factor: float, **hparas: Any) -> torch.Tensor:
    """Moves colours away from grey: 0 gives black and white, 1 the video, 2 twice the saturation."""
    return TF.adjust_saturation(video, factor)


def adjust_sharpness(video: torch.Tensor, factor: float, **hparas: Any) -> torch.Tensor:
    """Moves values away from a blurred video: 0 gives the blurred one, 1 the video, 2 twice the sharpness."""
    return TF.adjust_sharpness(video, factor)


def shear_x(video: torch.Tensor, factor: float, *, fill: Sequence[float], **hparas: Any) -> torch.Tensor:
    """Shears along the horizontal axis: pixel (x, y) comes from (x + factor * y, y)."""
    return _affine(video, fill, shear=(factor, 0.0))


def shear_y(video: torch.Tensor, factor: float, *, fill: Sequence[float], **hparas: Any) -> torch.Tensor:
    """Shears along the vertical axis: pixel (x, y) comes from (x, y + factor * x)."""
    return _affine(video, fill, shear=(0.0, factor))


def translate_x(video: torch.Tensor, factor: float, *, fill: Sequence[float], **hparas: Any) -> torch.Tensor:
    """Moves to the left by ``factor`` of the width."""
    return _affine(video, fill, translate=(-factor * video.shape[-1], 0.0))


def translate_y(video: torch.Tensor, factor: float, *, fill: Sequence[float], **hparas: Any) -> torch.Tensor:
    """Moves up by ``factor`` of the height."""
    return _affine(video, fill, translate=(0.0, -factor * video.shape[-2]))
