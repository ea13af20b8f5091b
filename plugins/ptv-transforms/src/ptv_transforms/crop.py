"""Cropping of clips."""

from __future__ import annotations

import torch
from torch import nn

from ptv_transforms import functional as F


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
