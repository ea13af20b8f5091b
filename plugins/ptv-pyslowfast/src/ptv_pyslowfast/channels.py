"""``ReverseChannels``: RGB as BGR, as models trained on OpenCV's pictures take it."""

from __future__ import annotations

import torch
from torch import nn


class ReverseChannels(nn.Module):
    """Puts the channels of a clip in the opposite order."""

    def forward(self, video: torch.Tensor) -> torch.Tensor:
        """Takes and returns (C, T, H, W)."""
        return video.flip(0)
