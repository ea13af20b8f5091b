"""The branch that the samples of stages and blocks pass: without a convolution or norm that an override could miss."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class Branch(nn.Module):
    """Mean over windows of the size of the stride, its channels repeated.

    Args:
        dim_out: channels of the output.
        stride: (time, height, width).
    """

    def __init__(self, dim_out: int, stride: Sequence[int]) -> None:
        super().__init__()
        self.dim_out = dim_out
        time, height, width = stride
        self.pool = nn.AvgPool3d((time, height, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to (B, dim_out, T', H', W')."""
        pooled: torch.Tensor = self.pool(x)
        return pooled.repeat(1, -(-self.dim_out // x.shape[1]), 1, 1, 1)[:, : self.dim_out]


def branch_of_resnet(
    *, dim_out: int, conv_a_stride: Sequence[int], conv_b_stride: Sequence[int], **others: object
) -> nn.Module:
    """The branch, as a block of ResNet makes it."""
    return Branch(dim_out, [a * b for a, b in zip(conv_a_stride, conv_b_stride, strict=True)])


def branch_of_x3d(*, dim_out: int, conv_stride: Sequence[int], **others: object) -> nn.Module:
    """The branch, as a block of X3D makes it."""
    return Branch(dim_out, conv_stride)
