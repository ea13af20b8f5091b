"""A random choice among transforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms.slots import BuiltTransform


class OpSampler(nn.Module):
    """Draws some of several transforms and applies them one after the other, in the order drawn.

    Args:
        transforms_list: what to draw from.
        transforms_prob: a positive weight for each transform; they need not sum up to 1. Without, all are equally
            likely.
        num_sample_op: how many are drawn.
        replacement: whether one may be drawn more than once.
        randomly_sample_depth: draws between 1 and ``num_sample_op`` transforms instead, uniformly.

    Raises:
        ArgumentError: if no transforms are given, too few for the draw, or not one positive weight for each.
    """

    def __init__(
        self,
        transforms_list: Sequence[BuiltTransform],
        transforms_prob: Sequence[float] | None = None,
        num_sample_op: int = 1,
        replacement: bool = False,
        randomly_sample_depth: bool = False,
    ) -> None:
        super().__init__()
        available = len(transforms_list)
        if available == 0:
            raise ArgumentError("transforms_list is empty; there must be a transform to draw")
        if num_sample_op < 1 or (num_sample_op > available and not replacement):
            raise ArgumentError(
                f"num_sample_op is {num_sample_op}; of {available} transforms, 1 to {available} can be drawn, or more"
                " with replacement=True"
            )
        if transforms_prob is None:
            transforms_prob = [1.0] * available
        if len(transforms_prob) != available or min(transforms_prob) <= 0:
            raise ArgumentError(
                f"transforms_prob is {list(transforms_prob)}; each of the {available} transforms needs a positive"
                " weight"
            )
        self.transforms_list = list(transforms_list)
        self.transforms_prob = torch.tensor(transforms_prob, dtype=torch.float32)
        self.num_sample_op = num_sample_op
        self.replacement = replacement
        self.randomly_sample_depth = randomly_sample_depth

    def forward(self, x: Any) -> Any:
        """Takes and returns what the transforms do."""
        depth = self.num_sample_op
        if self.randomly_sample_depth:
            depth = int(torch.randint(1, depth + 1, (1,)).item())
        for index in torch.multinomial(self.transforms_prob, depth, replacement=self.replacement).tolist():
            x = self.transforms_list[index](x)
        return x
