"""Batches of all processes of a distributed training."""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed
from torch.nn import functional as F


def is_distributed() -> bool:
    """Whether there is a process group of more than one process."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def gather_rows(rows: torch.Tensor) -> tuple[torch.Tensor, int]:
    """The rows of all processes, by rank, and how many stand before those of this process.

    Every process has to call it. The processes may have different numbers of rows. The gradient of a row is the sum of
    the gradients that it has in all processes, so that, after the mean that distributed training takes, it is that of
    the mean of the losses. Without a process group the rows are those of this process.

    Args:
        rows: (N, ...), all dimensions but the first the same in every process.
    """
    if not is_distributed():
        return rows, 0
    counts = [torch.zeros(1, dtype=torch.long, device=rows.device) for _ in range(distributed.get_world_size())]
    distributed.all_gather(counts, torch.tensor([len(rows)], device=rows.device))
    lengths = [int(count) for count in counts]
    return _Gather.apply(rows, lengths), sum(lengths[: distributed.get_rank()])


class _Gather(torch.autograd.Function):
    """All rows in the forward pass; in the backward pass the gradients of this process's rows, summed."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, lengths: list[int]) -> torch.Tensor:
        ctx.lengths = lengths
        longest = max(lengths)
        padded = F.pad(rows, [0, 0] * (rows.dim() - 1) + [0, longest - len(rows)]).contiguous()
        gathered = [torch.empty_like(padded) for _ in lengths]
        distributed.all_gather(gathered, padded)
        return torch.cat([part[:length] for part, length in zip(gathered, lengths, strict=True)])

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor, None]:
        total = grad_output.contiguous().clone()
        distributed.all_reduce(total)
        return total.split(ctx.lengths)[distributed.get_rank()], None
