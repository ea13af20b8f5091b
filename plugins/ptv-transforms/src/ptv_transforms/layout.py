"""Order of a clip's dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_registry.errors import ArgumentError


class Permute(nn.Module):
    """Reorders the dimensions of a clip.

    Args:
        dims: for each dimension of the result, the clip's dimension that it is.

    Raises:
        ArgumentError: if ``dims`` does not name each of ``0, 1, ...`` once.
    """

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        if sorted(dims) != list(range(len(dims))):
            raise ArgumentError(f"dims is {dims}; it must hold each of {list(range(len(dims)))} once")
        self.dims = list(dims)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes and returns a clip of ``len(dims)`` dimensions."""
        return x.permute(self.dims)

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"dims={self.dims}"


class MoveChannelRear(nn.Module):
    """Moves the channels to the end: (C, T, H, W) becomes (T, H, W, C)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes (C, X, Y, Z) and returns (X, Y, Z, C)."""
        return x.permute([1, 2, 3, 0])


class MoveChannelFront(nn.Module):
    """Moves the channels to the front: (T, H, W, C) becomes (C, T, H, W)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes (X, Y, Z, C) and returns (C, X, Y, Z)."""
        return x.permute([3, 0, 1, 2])
