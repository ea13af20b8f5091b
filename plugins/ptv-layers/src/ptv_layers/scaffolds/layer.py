"""A layer."""

from collections.abc import Callable
from typing import Annotated

import torch
from torch import nn

from ptv_registry import Slot

Conv = Annotated[Callable[..., nn.Module], Slot("conv")]


class MineLayer(nn.Module):
    """Gates each channel by its mean over time and space; it stands in the place of squeeze and excitation.

    Args:
        num_channels: channels of the input.
        num_channels_reduced: taken because X3D gives it; a gate of its own for each channel needs none.
        conv: makes the convolution of size 1 that weighs the means.
    """

    def __init__(self, num_channels: int = 8, num_channels_reduced: int | None = None, conv: Conv = nn.Conv3d) -> None:
        super().__init__()
        self.weigh = conv(
            in_channels=num_channels,
            out_channels=num_channels,
            kernel_size=(1, 1, 1),
            stride=(1, 1, 1),
            padding=(0, 0, 0),
            groups=num_channels,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to the same shape."""
        return x * torch.sigmoid(self.weigh(x.mean((2, 3, 4), keepdim=True)))
