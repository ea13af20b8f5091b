"""Helpers of the efficient convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ptv_mobile.decomposed_conv import DecomposedConv3d

__all__: list[str] = []


class _Reshape(nn.Module):
    def __init__(self, reshape_size: Sequence[int]) -> None:
        super().__init__()
        self.reshape_size = tuple(reshape_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(self.reshape_size)


class _SkipConnectMul(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.layer(x)


class _OfSize(DecomposedConv3d):
    """A convolution as 2-D convolutions, for clips of one size (T, H, W)."""

    def __init__(self, conv3d: Any, input_THW_tuple: Sequence[int]) -> None:
        super().__init__(conv3d, (1, conv3d.in_channels, *input_THW_tuple))


_Conv3dTemporalKernel1Decomposed = _Conv3dTemporalKernel3Decomposed = _Conv3dTemporalKernel5Decomposed = _OfSize
