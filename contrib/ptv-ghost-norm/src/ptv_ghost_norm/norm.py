"""Ghost batch normalization."""

from __future__ import annotations

import torch
from torch import nn

from ptv_registry.errors import ArgumentError


class GhostBatchNorm3d(nn.BatchNorm3d):
    """Batch norm of (B, C, T, H, W) that trains with the statistics of small "ghost" batches of the batch.

    Hoffer, Hubara and Soudry: "Train longer, generalize better: closing the generalization gap in large batch
    training of neural networks", https://arxiv.org/abs/1705.08741

    While training, the batch is cut into ``B // ghost_batch_size`` parts (at least one) of consecutive clips, as equal
    as possible, so that no part is smaller than ``ghost_batch_size`` unless the batch is. Each part is normalized by
    its own mean and variance, and the running statistics take in one part after the other. In evaluation this is batch
    norm: one set of running statistics (or, without any, the statistics of the whole batch).

    Args:
        num_features: the number of channels C.
        eps: what is added to the variance.
        momentum: the weight of one ghost batch in the running statistics; ``None`` for their cumulative average.
        affine: learn a scale and a shift per channel.
        track_running_stats: keep running statistics for evaluation.
        ghost_batch_size: the number of clips of a ghost batch.

    Raises:
        ArgumentError: ``ghost_batch_size`` is less than 1.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        ghost_batch_size: int = 4,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)
        if ghost_batch_size < 1:
            msg = f"ghost_batch_size={ghost_batch_size}: a ghost batch has at least 1 clip"
            raise ArgumentError(msg, argument="ghost_batch_size", value=ghost_batch_size)
        self.ghost_batch_size = ghost_batch_size

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Normalize a tensor of shape (B, C, T, H, W)."""
        if not self.training:
            return super().forward(input)
        # One value has no variance: where a clip has one position, a ghost batch needs two clips.
        smallest = 2 if input[:1, :1].numel() == 1 else 1
        parts = max(1, input.shape[0] // max(self.ghost_batch_size, smallest))
        if parts == 1:
            return super().forward(input)
        return torch.cat([super(GhostBatchNorm3d, self).forward(part) for part in input.tensor_split(parts)])

    def extra_repr(self) -> str:
        """Show the arguments."""
        return f"{super().extra_repr()}, ghost_batch_size={self.ghost_batch_size}"
