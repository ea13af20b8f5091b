"""What ptv-layers answers when a model is converted. Hooks are loaded where nobody needs torch yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptv_registry import hookimpl

if TYPE_CHECKING:
    from torch import nn


@hookimpl
def ptv_convert(module: nn.Module, target: str, path: str) -> nn.Module | None:
    """Offer the plain batch norm for a synchronized one: inference needs no other process, and tools know the class."""
    if target != "inference":
        return None
    from ptv_layers.batch_norm import plain_batch_norm

    return plain_batch_norm(module)
