"""The rules of the transmuter, by device; each device's package puts its own in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from torch import nn

__all__ = ["EFFICIENT_BLOCK_TRANSMUTER_REGISTRY"]

EFFICIENT_BLOCK_TRANSMUTER_REGISTRY: Final[dict[str, list[Callable[[nn.Module], nn.Module | None]]]] = {}
"""The rules of each device, asked in this order; the first that answers decides."""
