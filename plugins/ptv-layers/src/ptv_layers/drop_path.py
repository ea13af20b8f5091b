"""Stochastic depth."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from ptv_registry.errors import ArgumentError


def drop_path(x: torch.Tensor, drop_prob: float = 0.0, training: bool = False) -> torch.Tensor:
    """Drop samples of a tensor of shape (B, ...), and scale the others so that the expectation stays.

    Args:
        x: the tensor.
        drop_prob: the probability with which a sample is replaced by zeros.
        training: whether anything is dropped at all.
    """
    if drop_prob == 0.0 or not training:
        return x
    per_sample = torch.ones([x.shape[0]] + [1] * (x.dim() - 1), dtype=x.dtype, device=x.device)
    return x * functional.dropout(per_sample, drop_prob)


class DropPath(nn.Module):
    """Drop the path of whole samples while training, and scale what is kept so that the expectation stays.

    Huang et al.: "Deep Networks with Stochastic Depth", https://arxiv.org/abs/1603.09382

    Args:
        drop_prob: the probability with which a sample is replaced by zeros.

    Raises:
        ArgumentError: the probability is not in [0, 1].
    """

    def __init__(self, drop_prob: float = 0.0) -> None:
        super().__init__()
        if not 0 <= drop_prob <= 1:
            msg = f"drop_prob={drop_prob} is not a probability from 0 to 1"
            raise ArgumentError(msg, argument="drop_prob", value=drop_prob)
        self.drop_prob = drop_prob

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Drop samples of a tensor of shape (B, ...)."""
        return drop_path(x, self.drop_prob, self.training)

    def extra_repr(self) -> str:
        """Show the probability."""
        return f"drop_prob={self.drop_prob}"
