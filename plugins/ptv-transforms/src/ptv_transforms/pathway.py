"""One clip per pathway, for SlowFast and other models of several frame rates."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F
from ptv_transforms.frame_pushdown import Pushdown
from ptv_transforms.functional.temporal import pathway_lengths


class UniformTemporalSubsampleRepeated(nn.Module):
    """Makes one clip per pathway, each of ``T // ratio`` equispaced frames.

    Args:
        frame_ratios: by how much each pathway has fewer frames than the clip, such as ``(4, 1)`` for slow and fast.

    Raises:
        ArgumentError: if no ratio is given, or one is not positive.
    """

    def __init__(self, frame_ratios: Sequence[int]) -> None:
        super().__init__()
        if not frame_ratios or min(frame_ratios) < 1:
            raise ArgumentError(f"frame_ratios is {frame_ratios}; it must hold ratios of at least 1, such as (4, 1)")
        self.frame_ratios = list(frame_ratios)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Takes (C, T, H, W) and returns a list of (C, T // ratio, H, W)."""
        return F.uniform_temporal_subsample_repeated(x, self.frame_ratios)

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"frame_ratios={self.frame_ratios}"

    @torch.jit.unused
    def frames(self, num_frames: int) -> list[int]:
        """Gives the indices of all pathways' frames, one pathway after the other."""
        lengths = pathway_lengths(num_frames, self.frame_ratios)
        return [i for length in lengths for i in F.uniform_temporal_indices(num_frames, length)]

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown | None:
        """Keeps the frames of any pathway; a pathway with all frames needs all."""
        if min(self.frame_ratios) == 1:
            return None
        return Pushdown(self.frames, rest=_SplitPathways(self.frame_ratios), framewise=False)


class PackPathway(UniformTemporalSubsampleRepeated):
    """Makes the pair of clips that SlowFast takes: ``[slow, fast]``.

    The fast pathway gets every frame, the slow one ``T // alpha`` equispaced ones.

    Args:
        alpha: ratio of the frame rates of the fast and the slow pathway.

    Raises:
        ArgumentError: if ``alpha`` is not positive.
    """

    def __init__(self, alpha: int = 4) -> None:
        super().__init__((alpha, 1))


class _SplitPathways(nn.Module):
    """Takes the frames of all pathways, one pathway after the other, apart."""

    def __init__(self, frame_ratios: list[int]) -> None:
        super().__init__()
        self.frame_ratios = frame_ratios

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        # The length of no pathway falls when the clip gets longer, so that the sum of the lengths determines each.
        num_frames = max(self.frame_ratios)
        while sum(lengths := pathway_lengths(num_frames, self.frame_ratios)) < x.shape[-3]:
            num_frames += 1
        return [pathway.contiguous() for pathway in x.split(lengths, dim=-3)]
