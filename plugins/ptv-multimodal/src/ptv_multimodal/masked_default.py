"""A learned stand-in for missing inputs."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import nn

from ptv_registry.errors import ArgumentError

InitMethod = Literal["gaussian", "zeros"]


class LearnMaskedDefault(nn.Module):
    """Replaces rows of (B, C) by a learned default where the whole row of the mask is invalid.

    Args:
        feature_dim: the dimension C.
        init_method: the default starts as ``gaussian`` noise of standard deviation 1, or as ``zeros``.
        freeze: do not train the default.

    Raises:
        ArgumentError: the method is unknown.
    """

    def __init__(self, feature_dim: int, init_method: InitMethod = "gaussian", freeze: bool = False) -> None:
        super().__init__()
        if init_method not in get_args(InitMethod):
            msg = f"init_method={init_method!r} is not one of {list(get_args(InitMethod))}"
            raise ArgumentError(msg, argument="init_method", value=init_method)
        start = torch.randn(feature_dim) if init_method == "gaussian" else torch.zeros(feature_dim)
        self._learned_defaults = nn.Parameter(start, requires_grad=not freeze)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Fill in the default.

        Args:
            x: (B, C), or (B, ..., C).
            mask: bool (B, L); the default stands in for rows that are False throughout.

        Returns:
            A tensor like ``x``.

        Raises:
            ArgumentError: the mask is not bool or belongs to another batch.
        """
        if mask.dtype != torch.bool or mask.dim() < 1 or len(mask) != len(x):
            msg = f"the mask is {mask.dtype} of shape {tuple(mask.shape)}, but must be torch.bool with {len(x)} rows"
            raise ArgumentError(msg, argument="mask", value=tuple(mask.shape))
        valid = mask.reshape(len(x), -1).any(dim=1).reshape(-1, *[1] * (x.dim() - 1))
        return torch.where(valid, x, self._learned_defaults.to(x.dtype))
