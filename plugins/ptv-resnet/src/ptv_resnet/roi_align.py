"""The layer that cuts boxes out of features: torchvision's, imported when one is made.

torchvision imports the compiler of torch, which costs more time than torch itself, and only detection needs it.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn


def RoIAlign(
    output_size: Sequence[int] | int, spatial_scale: float, sampling_ratio: int, aligned: bool = False
) -> nn.Module:
    """Make :class:`torchvision.ops.RoIAlign`, from features (B, C, H, W) and boxes (N, 5) to (N, C, height, width).

    Args:
        output_size: (H, W) to which each box is sampled.
        spatial_scale: pixels of the features per pixel of the clip, such as 1/16.
        sampling_ratio: samples for each output sample along each side; 0 for as many as fit.
        aligned: shift the boxes by half a pixel.
    """
    from torchvision.ops import RoIAlign as Layer

    return Layer(output_size, spatial_scale, sampling_ratio, aligned)
