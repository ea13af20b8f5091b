"""What ptv-mobile answers when a model is converted for a device. Loading hooks imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptv_registry import hookimpl

if TYPE_CHECKING:
    from torch import nn


@hookimpl
def ptv_convert(module: nn.Module, target: str, path: str) -> nn.Module | None:
    """Offer the efficient block that computes the same on the CPU of a phone."""
    if target != "mobile_cpu":
        return None
    from ptv_mobile.replacements import efficient_block_for

    return efficient_block_for(module)
