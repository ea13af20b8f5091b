"""A transform."""

import torch
from torch import nn


class MineTransform(nn.Module):
    """Makes each clip darker or brighter, all its frames alike; replace it with your transform.

    Args:
        change: the largest change, as a share of the brightness.
    """

    def __init__(self, change: float = 0.2) -> None:
        super().__init__()
        if not 0 <= change <= 1:
            raise ValueError(f"change={change!r} must be from 0 to 1")
        self.change = change

    def forward(self, clip: torch.Tensor) -> torch.Tensor:
        """(C, T, H, W), uint8 or floats from 0 to 1, to the same."""
        factor = 1 + self.change * (2 * torch.rand(()) - 1)
        largest = 1.0 if clip.is_floating_point() else 255.0
        return (clip * factor).clamp(0, largest).to(clip.dtype)
