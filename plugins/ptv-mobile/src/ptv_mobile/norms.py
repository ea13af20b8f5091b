"""Batch norm as an efficient block, for norms that stand alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_mobile.block_base import EfficientBlock
from ptv_registry.errors import ArgumentError


class BatchNormBlock(EfficientBlock):
    """A batch norm of (B, C, T, H, W); in the deployable form a product and a sum.

    Args:
        bn: the batch norm, with running statistics.
    """

    def __init__(self, bn: nn.BatchNorm3d) -> None:
        super().__init__()
        self.bn: nn.Module = bn

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Replace the norm by its scale and shift per channel."""
        self.begin_conversion()
        if type(self.bn) is nn.BatchNorm3d:
            self.bn = _ScaleAndShift(self.bn)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalize ``x``."""
        return self.bn(x)


class _ScaleAndShift(nn.Module):
    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, bn: nn.BatchNorm3d) -> None:
        super().__init__()
        if bn.running_mean is None or bn.running_var is None:
            raise ArgumentError(f"{bn} has no running statistics, so its scale is not fixed", argument="bn")
        scale = (bn.running_var + bn.eps).rsqrt()
        if bn.affine:
            scale = scale * bn.weight.detach()
        shift = -bn.running_mean * scale
        if bn.affine:
            shift = shift + bn.bias.detach()
        self.register_buffer("scale", scale.reshape(-1, 1, 1, 1))
        self.register_buffer("shift", shift.reshape(-1, 1, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scale + self.shift
