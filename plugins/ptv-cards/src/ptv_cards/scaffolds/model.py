"""A model."""

import torch
from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Classes, Frames, Pixels


@takes_clips(ClipInput(num_frames=8, sampling_rate=4, side=64, crop=56))
class Mine(nn.Module):
    """Convolutions of the clip over space, over time and of the whole; a small network to begin with.

    Args:
        classes: number of classes.
        frames: of a clip.
        edge: side of a clip in pixels.
    """

    def __init__(self, classes: Classes = 10, frames: Frames = 8, edge: Pixels = 56) -> None:
        super().__init__()
        self.stem = nn.Conv3d(3, 16, (1, 7, 7), (1, 4, 4), (0, 3, 3))
        self.over_time = nn.Conv3d(16, 32, (3, 1, 1), (2, 1, 1), (1, 0, 0))
        self.whole = nn.Conv3d(32, 64, 3, 2, 1)
        self.head = nn.Linear(64, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Clips (B, 3, T, H, W) to logits (B, classes)."""
        for layer in (self.stem, self.over_time, self.whole):
            x = layer(x).relu()
        scores: torch.Tensor = self.head(x.mean((2, 3, 4)))
        return scores
