"""Min pooling."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

_Size = int | Sequence[int]


class MinPool3d(nn.Module):
    """The minimum of each window of (B, C, T, H, W), ``-max_pool3d(-x)``; the call is that of ``nn.MaxPool3d``.

    Args:
        kernel_size: the window (T, H, W), or one number for all three.
        stride: the stride of the window; ``kernel_size`` when ``None``.
        padding: how many positions are added on either side; they never are the minimum.
        dilation: the spacing between the elements of a window.
        ceil_mode: keep a last window that is not full.
    """

    def __init__(
        self,
        kernel_size: _Size,
        stride: _Size | None = None,
        padding: _Size = 0,
        dilation: _Size = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = _plain(kernel_size)
        self.stride = self.kernel_size if stride is None else _plain(stride)
        self.padding = _plain(padding)
        self.dilation = _plain(dilation)
        self.ceil_mode = ceil_mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool a tensor of shape (B, C, T, H, W)."""
        return -functional.max_pool3d(
            -x, self.kernel_size, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Show the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


def _plain(value: _Size) -> int | tuple[int, ...]:
    return value if isinstance(value, int) else tuple(value)
