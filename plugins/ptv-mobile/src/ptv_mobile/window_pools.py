"""Pools with a window as efficient blocks: a pool of frames, then of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ptv_layers.sizes import triple
from ptv_mobile.block_base import CalibratedSize, EfficientBlock
from ptv_mobile.time_first import transposed
from ptv_registry.errors import ArgumentError


def why_not_separable(pool: Any) -> str | None:
    """Why a pool cannot be written as one of frames and one of time exactly, or ``None`` if it can."""
    if type(pool) not in (nn.AvgPool3d, nn.MaxPool3d):
        return f"it is a {type(pool).__name__}, not exactly an AvgPool3d or a MaxPool3d"
    if pool.ceil_mode:
        return "it rounds its output up"
    if triple(pool.padding, "padding")[0] > 0:
        return "it pads time"
    if isinstance(pool, nn.AvgPool3d):
        return "it has a divisor of its own" if pool.divisor_override else None
    if triple(pool.dilation, "dilation") != (1, 1, 1):
        return "it is dilated"
    return "it returns indices" if pool.return_indices else None


class WindowPool3d(EfficientBlock):
    """An average or maximum pool of clips (B, C, T, H, W); in the deployable form one of frames, then one of time.

    Args:
        pool: the pool.

    Raises:
        ArgumentError: the pool is not the same as one of frames and then one of time.
    """

    def __init__(self, pool: nn.AvgPool3d | nn.MaxPool3d) -> None:
        super().__init__()
        reason = why_not_separable(pool)
        if reason:
            raise ArgumentError(f"{pool} cannot be taken apart: {reason}", argument="pool")
        self.pool: nn.Module = pool

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Take the pool apart."""
        calibrated = CalibratedSize.of(input_size, 5, fixed_batch)
        self.begin_conversion()
        self.pool = _SeparatedPool(self.pool, calibrated)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool ``x``."""
        return self.pool(x)


class _SeparatedPool(nn.Module):
    """A pool of frames, then of time, for inputs of one size."""

    def __init__(self, pool: Any, calibrated: CalibratedSize) -> None:
        super().__init__()
        (self._kernel, *sizes), (self._stride, *strides), (_, *paddings) = (
            triple(value, "kernel_size") for value in (pool.kernel_size, pool.stride, pool.padding)
        )
        kernel, stride, padding = (sizes[0], sizes[1]), (strides[0], strides[1]), (paddings[0], paddings[1])
        self.takes_mean = isinstance(pool, nn.AvgPool3d)
        self.calibrated = calibrated
        self.frames: nn.Module
        if isinstance(pool, nn.AvgPool3d):
            self.frames = nn.AvgPool2d(kernel, stride, padding, count_include_pad=pool.count_include_pad)
        else:
            self.frames = nn.MaxPool2d(kernel, stride, padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calibrated.check(x)
        num_frames = x.shape[2]
        pooled = self.frames(transposed(x).flatten(0, 1)).unflatten(0, (-1, num_frames))  # (B, T, C, H', W')
        if self._kernel > 1 or self._stride > 1:
            starts = range(0, num_frames - self._kernel + 1, self._stride)
            windows = [self._over_time(pooled[:, start : start + self._kernel]) for start in starts]
            pooled = windows[0] if len(windows) == 1 else torch.cat(windows, dim=1)
        return transposed(pooled)

    def _over_time(self, window: torch.Tensor) -> torch.Tensor:
        return window.mean(1, keepdim=True) if self.takes_mean else window.amax(1, keepdim=True)
