"""A pool."""

import torch
from torch import nn

Size = int | tuple[int, int, int]


class MinePool(nn.Module):
    """The mean of average and maximum pooling.

    Args:
        kernel_size, stride, padding: (time, height, width), as for :class:`torch.nn.MaxPool3d`.
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.max = nn.MaxPool3d(kernel_size, stride, padding)
        self.mean = nn.AvgPool3d(kernel_size, stride, padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to (B, C, T', H', W')."""
        return (self.max(x) + self.mean(x)) / 2
