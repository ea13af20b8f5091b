"""Cropping of clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F
from ptv_transforms.frame_pushdown import Pushdown


class CenterCrop(nn.Module):
    """Cuts a box out of the middle of every frame; where it is larger than the frame, the rest is zeros.

    Clips are cut here, and whatever else torchvision's ``CenterCrop`` takes (its images, boxes and masks, and samples
    with these) by that.

    Args:
        size: of the box in pixels: a number, or (height, width).

    Raises:
        ArgumentError: if the size is not one of these, or not positive.
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__()
        sides = list(size) if isinstance(size, Sequence) else [size]
        if len(sides) not in (1, 2) or any(isinstance(side, bool) or not isinstance(side, int) for side in sides):
            raise ArgumentError(f"size is {size!r}; it must be a number of pixels, or [height, width]")
        if min(sides) < 1:
            raise ArgumentError(f"size is {size!r}; a crop has at least 1 pixel")
        self.size = (sides[0], sides[-1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes (..., H, W), of any dtype, and returns (..., height, width)."""
        if not torch.jit.is_scripting():  # noqa: SIM102 - TorchScript would compile the second condition
            if type(x) is not torch.Tensor:
                return self._by_torchvision(x)
        return F.center_crop(x, self.size[0], self.size[1])

    @torch.jit.unused
    def _by_torchvision(self, x: Any) -> Any:
        from torchvision.transforms import v2

        return v2.CenterCrop(self.size)(x)

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Crops every frame alike."""
        return Pushdown(rest=self)

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"size={self.size}"


class RandomResizedCrop(nn.Module):
    """Cuts a box of random size and aspect ratio and resizes it ("Inception" cropping).

    Args:
        target_height: height of the result in pixels.
        target_width: width of the result in pixels.
        scale: range of the area of the box, as a share of the frame's area.
        aspect_ratio: range of width / height of the box.
        shift: draws a second box for the last frame and moves from one to the other.
        log_uniform_ratio: draws the logarithm of the aspect ratio uniformly instead of the ratio.
        interpolation: see :func:`~ptv_transforms.functional.resize`.
        num_tries: how often a box that does not fit is drawn again.
    """

    def __init__(
        self,
        target_height: int,
        target_width: int,
        scale: tuple[float, float] = (0.08, 1.0),
        aspect_ratio: tuple[float, float] = (3.0 / 4.0, 4.0 / 3.0),
        shift: bool = False,
        log_uniform_ratio: bool = True,
        interpolation: str = "bilinear",
        num_tries: int = 10,
    ) -> None:
        super().__init__()
        self.target_height = target_height
        self.target_width = target_width
        self.scale = (float(scale[0]), float(scale[1]))
        self.aspect_ratio = (float(aspect_ratio[0]), float(aspect_ratio[1]))
        self.shift = shift
        self.log_uniform_ratio = log_uniform_ratio
        self.interpolation = interpolation
        self.num_tries = num_tries

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes (C, T, H, W), of any dtype, and returns (C, T, target_height, target_width)."""
        return F.random_resized_crop(
            x,
            self.target_height,
            self.target_width,
            self.scale,
            self.aspect_ratio,
            self.shift,
            self.log_uniform_ratio,
            self.interpolation,
            self.num_tries,
        )

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return (
            f"target_height={self.target_height}, target_width={self.target_width}, scale={self.scale},"
            f" aspect_ratio={self.aspect_ratio}, shift={self.shift}"
        )
