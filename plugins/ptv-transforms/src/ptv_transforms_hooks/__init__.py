"""The hooks of ptv-transforms; a package of its own, so that to load them does not import torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ptv_registry import hookimpl

if TYPE_CHECKING:
    from ptv_transforms.pushdown import Pushdown


@hookimpl
def ptv_pushdown(transform: Any, key: str) -> Pushdown | None:
    """Tells datasets which frames a transform keeps."""
    from ptv_transforms.pushdown import pushdown

    return pushdown(transform, key)
