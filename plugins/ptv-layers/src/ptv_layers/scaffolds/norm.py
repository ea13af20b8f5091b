"""A norm."""

import torch
from torch import nn


class MineNorm(nn.Module):
    """Divides every channel by its root mean square over time and space, with a learned scale.

    Args:
        num_features: channels of the input, which is (B, C, T, H, W).
        eps: added to the mean square.
    """

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features, 1, 1, 1))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to the same shape."""
        return self.weight * x * torch.rsqrt(x.square().mean((2, 3, 4), keepdim=True) + self.eps)
