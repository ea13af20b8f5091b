"""Kernel sizes, strides and paddings as triples (T, H, W)."""

from __future__ import annotations

from collections.abc import Sequence

from ptv_registry.errors import ArgumentError


def triple(value: int | Sequence[int], name: str) -> tuple[int, int, int]:
    """Spread a number over (T, H, W), or check that a sequence has three numbers.

    Raises:
        ArgumentError: ``value`` is neither; the message calls it ``name``.
    """
    if isinstance(value, int):
        return (value, value, value)
    sizes = tuple(value)
    if len(sizes) != 3 or not all(isinstance(size, int) for size in sizes):
        msg = f"{name}={value!r} is neither an integer nor three integers (T, H, W)"
        raise ArgumentError(msg, argument=name, value=value)
    return sizes
