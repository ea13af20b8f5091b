"""Fusion layers take a list of tensors, for example from several streams, and return one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

from ptv_registry.errors import ArgumentError


def _max(stacked: torch.Tensor) -> torch.Tensor:
    return torch.amax(stacked, dim=0)


def _sum(stacked: torch.Tensor) -> torch.Tensor:
    return torch.sum(stacked, dim=0)


def _prod(stacked: torch.Tensor) -> torch.Tensor:
    return torch.prod(stacked, dim=0)


_REDUCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"max": _max, "sum": _sum, "prod": _prod}


def make_fusion_layer(method: str, feature_dims: Sequence[int]) -> nn.Module:
    """Build a fusion layer.

    Args:
        method: ``concat``, ``temporal_concat``, ``max``, ``sum`` or ``prod``.
        feature_dims: the last dimension of each input, in the order in which the inputs are passed.

    Raises:
        ArgumentError: the method is unknown, or the dimensions do not suit it.
    """
    if method == "concat":
        return ConcatFusion(feature_dims)
    if method == "temporal_concat":
        return TemporalConcatFusion(feature_dims)
    if method in _REDUCTIONS:
        return ReduceFusion(feature_dims, method)
    msg = f"method={method!r} is not one of {['concat', 'temporal_concat', *_REDUCTIONS]}"
    raise ArgumentError(msg, argument="method", value=method)


class _Fusion(nn.Module):
    """A fusion with a known size of the last dimension of its output."""

    def __init__(self, output_dim: int) -> None:
        super().__init__()
        self._output_dim = output_dim

    @property
    def output_dim(self) -> int:
        """The size of the last dimension of the output."""
        return self._output_dim


class ConcatFusion(_Fusion):
    """Concatenates inputs of shape (B, L, C_i) to one of shape (B, L, sum of C_i).

    Args:
        feature_dims: the last dimension C_i of each input.

    Raises:
        ArgumentError: a dimension is not positive, or there is none.
    """

    def __init__(self, feature_dims: Sequence[int]) -> None:
        super().__init__(sum(_positive(feature_dims)))

    def forward(self, input_list: list[torch.Tensor]) -> torch.Tensor:
        """Concatenate by the last dimension."""
        return torch.cat(input_list, dim=-1)


class TemporalConcatFusion(_Fusion):
    """Concatenates inputs of shape (B, L_i, C) to one of shape (B, sum of L_i, C).

    Args:
        feature_dims: the last dimension of each input; all must be the same.

    Raises:
        ArgumentError: the dimensions differ, one is not positive, or there is none.
    """

    def __init__(self, feature_dims: Sequence[int]) -> None:
        super().__init__(_the_same(feature_dims))

    def forward(self, input_list: list[torch.Tensor]) -> torch.Tensor:
        """Concatenate by dimension 1."""
        return torch.cat(input_list, dim=1)


class ReduceFusion(_Fusion):
    """Reduces inputs of the same shape (B, L, C) to one of that shape.

    Args:
        feature_dims: the last dimension of each input; all must be the same.
        reduce_fn: ``max``, ``sum`` or ``prod``, or a function from the stacked inputs (number, B, L, C) to (B, L, C).

    Raises:
        ArgumentError: the dimensions differ, one is not positive, there is none, or the reduction is unknown.
    """

    def __init__(self, feature_dims: Sequence[int], reduce_fn: str | Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__(_the_same(feature_dims))
        if isinstance(reduce_fn, str):
            if reduce_fn not in _REDUCTIONS:
                msg = f"reduce_fn={reduce_fn!r} is neither a function nor one of {[*_REDUCTIONS]}"
                raise ArgumentError(msg, argument="reduce_fn", value=reduce_fn)
            reduce_fn = _REDUCTIONS[reduce_fn]
        self.reduce_fn = reduce_fn

    def forward(self, input_list: list[torch.Tensor]) -> torch.Tensor:
        """Stack the inputs and reduce them."""
        return self.reduce_fn(torch.stack(input_list))


def _positive(feature_dims: Sequence[int]) -> list[int]:
    dims = list(feature_dims)
    if not dims or any(not isinstance(dim, int) or dim <= 0 for dim in dims):
        msg = f"feature_dims={feature_dims!r} must hold a positive integer for each input"
        raise ArgumentError(msg, argument="feature_dims", value=feature_dims)
    return dims


def _the_same(feature_dims: Sequence[int]) -> int:
    dims = _positive(feature_dims)
    if len(set(dims)) != 1:
        msg = f"feature_dims={feature_dims!r} must all be the same; only 'concat' takes different ones"
        raise ArgumentError(msg, argument="feature_dims", value=feature_dims)
    return dims[0]
