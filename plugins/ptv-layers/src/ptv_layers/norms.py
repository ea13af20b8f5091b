"""Norms that torch has under another call: they take ``num_features`` first, as batch norm does."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from ptv_registry.errors import ArgumentError


def create_group_norm(
    num_features: int, num_groups: int | None = None, eps: float = 1e-5, affine: bool = True
) -> nn.GroupNorm:
    """Group normalization of (B, C, ...) with the call of batch norm.

    Wu and He: "Group Normalization", https://arxiv.org/abs/1803.08494

    Args:
        num_features: the number of channels C.
        num_groups: into how many groups the channels are divided; it must divide ``num_features``. ``None`` for the
            paper's 32, or, where the channels do not divide so, for the greatest smaller number into which they do.
        eps: what is added to the variance.
        affine: learn a scale and a shift per channel.

    Raises:
        ArgumentError: the channels do not divide into that many groups.
    """
    divisors = [number for number in range(1, 33) if num_features % number == 0]
    if num_groups is None:
        num_groups = divisors[-1]
    if num_groups < 1 or num_features % num_groups:
        msg = (
            f"{num_features} channels do not divide into num_groups={num_groups}; give a divisor such as "
            f"{divisors[-1]}, or none to have it chosen"
        )
        raise ArgumentError(msg, argument="num_groups", value=num_groups)
    return nn.GroupNorm(num_groups=num_groups, num_channels=num_features, eps=eps, affine=affine)


class ChannelLayerNorm(nn.LayerNorm):
    """Layer normalization over the channels of (B, C, ...), separately at every position.

    Ba, Kiros and Hinton: "Layer Normalization", https://arxiv.org/abs/1607.06450

    Args:
        num_features: the number of channels C.
        eps: what is added to the variance.
        affine: learn a scale and a shift per channel.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__(num_features, eps=eps, elementwise_affine=affine)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Normalize a tensor of shape (B, C, ...)."""
        channels_last = input.movedim(1, -1)
        normed = functional.layer_norm(channels_last, self.normalized_shape, self.weight, self.bias, self.eps)
        return normed.movedim(-1, 1)
