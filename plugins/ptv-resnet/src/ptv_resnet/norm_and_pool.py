"""Parts that a slot may leave out (``None``), and pools of either of torch's two kinds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

import torch
from torch import nn

from ptv_registry.errors import ArgumentError


def make_norm(
    norm: Callable[..., nn.Module] | None, num_features: int, eps: float = 1e-5, momentum: float = 0.1
) -> nn.Module | None:
    """The norm over ``num_features`` channels, or ``None`` where there is none."""
    return None if norm is None else norm(num_features=num_features, eps=eps, momentum=momentum)


def make_pool(
    pool: Callable[..., nn.Module] | None,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    output_size: Sequence[int] = (1, 1, 1),
) -> nn.Module | None:
    """The pool, or ``None`` where there is none; one that takes ``output_size`` is adaptive and gets that."""
    if pool is None:
        return None
    window = {"kernel_size": tuple(kernel_size), "stride": tuple(stride), "padding": tuple(padding)}
    parameters = _parameters(pool)
    if "output_size" not in parameters:
        return pool(**window)
    return pool(output_size=tuple(output_size), **{k: v for k, v in window.items() if k in parameters})


def _parameters(factory: Callable[..., nn.Module]) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(factory).parameters)
    except (TypeError, ValueError):  # a callable written in C, whose signature nobody can read
        return {}


def check_pool_fits(pool: nn.Module | None, x: torch.Tensor) -> None:
    """Refuse features that are smaller than the window of the pool.

    Raises:
        ArgumentError: names both sizes and the arguments that change the window.
    """
    kernel_size = getattr(pool, "kernel_size", None)
    if kernel_size is None:
        return
    kernel = _triple(kernel_size)
    # torch's average pool wants the bare input to be as large as its window
    padding = _triple(0 if isinstance(pool, nn.AvgPool3d) else getattr(pool, "padding", 0))
    sizes = tuple(x.shape[2:])
    if len(kernel) == len(sizes) and any(s + 2 * p < k for s, p, k in zip(sizes, padding, kernel, strict=True)):
        msg = (
            f"the head pools windows of (T, H, W) = {kernel}, but its input is {sizes}; give longer or larger clips, a "
            "smaller window (head_pool_kernel_size, head_pool_kernel_sizes) or a pool that takes every size "
            "(head_pool=nn.AdaptiveAvgPool3d)"
        )
        raise ArgumentError(msg)


def _triple(value: int | Sequence[int]) -> tuple[int, ...]:
    return (value,) * 3 if isinstance(value, int) else tuple(value)
