"""Relative positions of the places of a grid, a table for each direction: Li et al. 2022, https://arxiv.org/abs/2112.01526."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

_INIT_STD = 0.02


def position_table(places: int, channels: int, *, zero_init: bool) -> nn.Parameter:
    """A learned table of the distances between ``places`` places in a row, (2 * places - 1, channels)."""
    table = torch.zeros(2 * places - 1, channels)
    return nn.Parameter(table if zero_init else nn.init.trunc_normal_(table, std=_INIT_STD))


def arguments_asked_for(
    residual_pool_cls: bool, spatial: bool, temporal: bool, zero_init: bool, input_size: Sequence[int] | None
) -> dict[str, Any]:
    """The arguments of MViTv2 that differ from those of MViT, so that blocks and attentions without them serve as well."""
    asked: dict[str, Any] = {} if residual_pool_cls else {"residual_pool_cls": False}
    if spatial or temporal:
        asked |= {"rel_pos_spatial": spatial, "rel_pos_temporal": temporal}
        asked |= {"rel_pos_zero_init": zero_init, "input_size": input_size}
    return asked


def rows_of_distances(table: torch.Tensor, queries: int, keys: int) -> torch.Tensor:
    """The rows of a table for the distance of each query to each key, (queries, keys, C).

    Where queries and keys are of different numbers, the coarser ones stand that many times further apart. A table for
    another number of places is interpolated.
    """
    count = 2 * max(queries, keys) - 1
    if table.shape[0] != count:
        table = functional.interpolate(table.t().unsqueeze(0), size=[count], mode="linear")[0].t()
    query_step, key_step = max(keys / queries, 1.0), max(queries / keys, 1.0)
    of_queries = torch.arange(queries, device=table.device).unsqueeze(1) * query_step
    of_keys = torch.arange(keys, device=table.device).unsqueeze(0) * key_step
    distance = of_queries - of_keys + (keys - 1) * key_step
    return table[distance.long()]


def relative_bias(
    q: torch.Tensor,
    query_shape: list[int],
    key_shape: list[int],
    temporal: torch.Tensor | None,
    vertical: torch.Tensor | None,
    horizontal: torch.Tensor | None,
) -> torch.Tensor:
    """What attention between the places of two grids gets from their distances: one term a direction.

    Args:
        q: queries (B, heads, T*H*W, C), without a class token.
        query_shape: grid (T, H, W) of the queries.
        key_shape: grid of the keys.
        temporal: table of distances in time; ``None``: no such term.
        vertical: table of distances along the height; ``None``: none.
        horizontal: table of distances along the width; ``None``: none.

    Returns:
        (B, heads, queries, keys).
    """
    grid = q.unflatten(2, query_shape)
    bias = q.new_zeros([1, 1, 1, 1, 1, 1, 1, 1])
    if temporal is not None:
        rows = rows_of_distances(temporal, query_shape[0], key_shape[0])
        bias = bias + torch.einsum("bnthwc,tkc->bnthwk", grid, rows)[..., :, None, None]
    if vertical is not None:
        rows = rows_of_distances(vertical, query_shape[1], key_shape[1])
        bias = bias + torch.einsum("bnthwc,hkc->bnthwk", grid, rows)[..., None, :, None]
    if horizontal is not None:
        rows = rows_of_distances(horizontal, query_shape[2], key_shape[2])
        bias = bias + torch.einsum("bnthwc,wkc->bnthwk", grid, rows)[..., None, None, :]
    batch, heads = q.shape[:2]
    return bias.expand([batch, heads] + query_shape + key_shape).flatten(5).flatten(2, 4)
