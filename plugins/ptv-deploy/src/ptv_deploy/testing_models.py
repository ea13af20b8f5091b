"""The small models that the conformance suite exports; a fresh process must run them without this module."""

from __future__ import annotations

import torch
from torch import nn

from ptv_deploy.artifacts.signature import Nested


def pathway() -> nn.Sequential:
    """A clip (B, 3, 4, 16, 16) to 8 features."""
    return nn.Sequential(
        nn.Conv3d(3, 8, 3, stride=(1, 2, 2), padding=1, bias=False),
        nn.BatchNorm3d(8),
        nn.ReLU(),
        nn.Conv3d(8, 8, 3, padding=1, groups=2),
        nn.BatchNorm3d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool3d(1),
        nn.Flatten(),
    )


class OnePathway(nn.Module):
    """A clip (B, 3, 4, 16, 16) to (B, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = pathway()
        self.head = nn.Linear(8, 5)
        _settle(self)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores."""
        scores: torch.Tensor = self.head(self.features(clips))
        return scores


class TwoPathways(nn.Module):
    """A list of two clips, of 2 and of 4 frames, to (B, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.slow, self.fast = pathway(), pathway()
        self.head = nn.Linear(16, 5)
        _settle(self)

    def forward(self, clips: list[torch.Tensor]) -> torch.Tensor:
        """Scores."""
        scores: torch.Tensor = self.head(torch.cat([self.slow(clips[0]), self.fast(clips[1])], 1))
        return scores


class Untraceable(nn.Module):
    """Branches on what is in the clip, which no graph can follow."""

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores."""
        if clips.mean() > 0:
            return clips.mean((2, 3, 4))
        return clips.amax((2, 3, 4))


def clips_for(model: nn.Module, batch: int, seed: int = 0) -> Nested:
    """Inputs of one of the models above."""
    generator = torch.Generator().manual_seed(seed)
    frames = (2, 4) if isinstance(model, TwoPathways) else (4,)
    clips = [torch.randn(batch, 3, count, 16, 16, generator=generator) for count in frames]
    return clips if len(clips) > 1 else clips[0]


def _settle(model: nn.Module) -> None:
    """Weights that are the same each time, and norms that do something."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(
                    torch.rand(tensor.shape, generator=generator) + 0.1 * (tensor.ndim == 1) - 0.2 * (tensor.ndim > 1)
                )
