"""A convolution."""

import torch
from torch import nn


class MineConv(nn.Conv3d):
    """A convolution whose filters have zero mean, so that a constant input gives the bias alone.

    Takes what :class:`torch.nn.Conv3d` takes; (B, C, T, H, W) to (B, C', T', H', W').
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve with centred filters."""
        weight = self.weight - self.weight.mean((1, 2, 3, 4), keepdim=True)
        return self._conv_forward(x, weight, self.bias)
