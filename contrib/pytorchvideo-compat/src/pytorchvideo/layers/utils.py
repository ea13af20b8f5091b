"""Rounding of widths and depths, and attributes from arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ptv_x3d import round_repeats, round_width

__all__ = ["round_repeats", "round_width", "set_attributes"]


def set_attributes(self: Any, params: Mapping[str, Any] | None = None) -> None:
    """Set arguments as attributes: ``set_attributes(self, locals())``; ``self`` and ``__class__`` are not arguments."""
    for name, value in (params or {}).items():
        if name not in ("self", "__class__"):
            setattr(self, name, value)
