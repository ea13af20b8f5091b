"""An activation."""

import torch
from torch import nn


class MineActivation(nn.Module):
    """The square of the rectified input, at most its limit.

    Args:
        limit: the largest output.
    """

    def __init__(self, limit: float = 6.0) -> None:
        super().__init__()
        self.limit = limit

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape to the same shape."""
        return torch.relu(x).square().clamp(max=self.limit)
