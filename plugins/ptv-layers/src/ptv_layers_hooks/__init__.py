"""What ptv-layers answers when a model is built, or converted for a device.

A package of its own, because hooks are loaded where nobody needs torch yet, and ``ptv_layers`` imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


@hookimpl
def ptv_after_build(obj: Any, plan: Any) -> dict[str, int] | None:
    """Record in the lock of a model how many parameters it had, so that a rebuilt one can be compared."""
    if plan.kind != "model" or not callable(getattr(obj, "parameters", None)):
        return None
    return {"parameters": sum(parameter.numel() for parameter in obj.parameters())}
