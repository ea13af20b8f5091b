"""Resizing of clips."""

from __future__ import annotations

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F
from ptv_transforms.frame_pushdown import Pushdown
from ptv_transforms.functional.scale import random_short_side


class ShortSideScale(nn.Module):
    """Scales a clip so that its shorter side gets a given size.

    Args:
        size: the shorter side in pixels.
        interpolation: see :func:`~ptv_transforms.functional.short_side_scale`.
        backend: ``pytorch`` or ``opencv``.
        to_float: gives float32 in [0, 1] for a uint8 clip, as if it were converted first, but makes it small before it
            makes it float; needs bilinear interpolation by ``pytorch``.

    Raises:
        ArgumentError: if the size is not positive, or ``to_float`` is asked for with another interpolation or backend.
    """

    def __init__(
        self, size: int, interpolation: str = "bilinear", backend: str = "pytorch", to_float: bool = False
    ) -> None:
        super().__init__()
        if size < 1:
            raise ArgumentError(f"size is {size}; it must be at least 1")
        if to_float and (interpolation not in ("bilinear", "linear") or backend != "pytorch"):
            raise ArgumentError(
                f"to_float goes with bilinear interpolation by pytorch, not with {interpolation} by {backend}; put "
                "convert_uint8_to_float before instead"
            )
        self.size = size
        self.interpolation = interpolation
        self.backend = backend
        self.to_float = to_float

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes and returns (C, T, H, W), of any dtype."""
        if self.to_float and x.dtype == torch.uint8:
            return F.short_side_scale_to_float(x, self.size)
        return F.short_side_scale(x, self.size, self.interpolation, self.backend)

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"size={self.size}, interpolation={self.interpolation!r}, backend={self.backend!r}, to_float={self.to_float}"

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Scales every frame alike."""
        return Pushdown(rest=self, any_layout=self.to_float, fresh=self.to_float)


class RandomShortSideScale(nn.Module):
    """Scales a clip so that its shorter side gets a random size in [min_size, max_size].

    Args:
        min_size: the smallest size in pixels.
        max_size: the largest size in pixels, included.
        interpolation: see :func:`~ptv_transforms.functional.short_side_scale`.
        backend: ``pytorch`` or ``opencv``.
    """

    def __init__(self, min_size: int, max_size: int, interpolation: str = "bilinear", backend: str = "pytorch") -> None:
        super().__init__()
        if not 1 <= min_size <= max_size:
            raise ArgumentError(f"the range of sizes is [{min_size}, {max_size}]; it needs 1 <= min_size <= max_size")
        self.min_size = min_size
        self.max_size = max_size
        self.interpolation = interpolation
        self.backend = backend

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes and returns (C, T, H, W), of any dtype."""
        size = random_short_side(self.min_size, self.max_size)
        return F.short_side_scale(x, size, self.interpolation, self.backend)

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Scales every frame alike, once the size is drawn."""
        return Pushdown(rest=self, framewise=False, draw=self._draw)

    @torch.jit.unused
    def _draw(self) -> ShortSideScale:
        return ShortSideScale(random_short_side(self.min_size, self.max_size), self.interpolation, self.backend)

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"min_size={self.min_size}, max_size={self.max_size}"
