"""Selection of frames."""

from __future__ import annotations

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F
from ptv_transforms.frame_pushdown import Pushdown, contiguous


class UniformTemporalSubsample(nn.Module):
    """Keeps equispaced frames of a clip.

    Args:
        num_samples: frames to keep; more than the clip has repeats the nearest earlier ones.
    """

    def __init__(self, num_samples: int) -> None:
        super().__init__()
        if num_samples < 1:
            raise ArgumentError(f"num_samples is {num_samples}; it must be at least 1")
        self.num_samples = num_samples

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes (C, T, H, W) and returns (C, num_samples, H, W)."""
        return F.uniform_temporal_subsample(x, self.num_samples)

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"num_samples={self.num_samples}"

    @torch.jit.unused
    def frames(self, num_frames: int) -> list[int]:
        """Gives the indices that are kept of a clip of ``num_frames`` frames."""
        return F.uniform_temporal_indices(num_frames, self.num_samples)

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Keeps the sampled frames."""
        return Pushdown(self.frames, rest=contiguous)
