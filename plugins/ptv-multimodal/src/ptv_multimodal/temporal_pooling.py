"""Pooling over the valid part of a sequence."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import nn

from ptv_multimodal.masks import checked_mask
from ptv_registry.errors import ArgumentError

Method = Literal["max", "avg", "sum"]


class MaskedTemporalPooling(nn.Module):
    """Pools sequences (B, L, C) over time to (B, C), ignoring invalid elements. A row without a valid one becomes 0.

    Args:
        method: ``max``, ``avg`` or ``sum`` of the valid elements.

    Raises:
        ArgumentError: the method is unknown.
    """

    def __init__(self, method: Method) -> None:
        super().__init__()
        if method not in get_args(Method):
            msg = f"method={method!r} is not one of {list(get_args(Method))}"
            raise ArgumentError(msg, argument="method", value=method)
        self.method = method

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Pool ``x``.

        Args:
            x: (B, L, C).
            mask: bool (B, L), False where an element is invalid; ``None`` if all are valid.

        Returns:
            (B, C).

        Raises:
            ArgumentError: the input or the mask has another shape, or the mask is not bool.
        """
        mask = checked_mask(x, mask)
        invalid = ~mask.unsqueeze(-1)
        if self.method == "max":
            largest = x.masked_fill(invalid, float("-inf")).max(dim=1).values
            return largest.masked_fill(~mask.any(dim=1, keepdim=True), 0)
        total = x.masked_fill(invalid, 0).sum(dim=1)
        if self.method == "sum":
            return total
        return total / mask.sum(dim=1, keepdim=True).clamp(min=1)

    def extra_repr(self) -> str:
        """The arguments, for ``repr``."""
        return f"method={self.method!r}"
