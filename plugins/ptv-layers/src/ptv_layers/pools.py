"""Pools that torch has under another call."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_layers.sizes import triple

_Size = int | Sequence[int]


def create_adaptive_avg_pool(
    output_size: _Size = 1,
    *,
    kernel_size: _Size | None = None,
    stride: _Size | None = None,
    padding: _Size | None = None,
) -> nn.AdaptiveAvgPool3d:
    """Average pooling of (B, C, T, H, W) to a fixed extent, in the place of a pool with a window.

    Args:
        output_size: the extent (T, H, W) of the result, or one number for all three.
        kernel_size: taken because every place of a pool gives it, and not used: any extent becomes ``output_size``.
        stride: the same.
        padding: the same.
    """
    return nn.AdaptiveAvgPool3d(triple(output_size, "output_size"))
