"""What each block of a multiscale vision transformer gets: its channels, its heads and its pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ptv_mvit.attention import kernel_of_stride
from ptv_registry.errors import ArgumentError


def block_channels(
    depth: int,
    num_heads: int,
    channels: int,
    head_factors: Sequence[Sequence[float]] | None,
    channel_factors: Sequence[Sequence[float]] | None,
    *,
    in_attention: bool,
) -> tuple[list[int], list[int]]:
    """The heads of each block, and the channels before, between and after the blocks.

    Args:
        depth: Number of blocks.
        num_heads: Heads before the first factor.
        channels: Channels of the first block's input.
        head_factors: Pairs [block, factor].
        channel_factors: Pairs [block, factor].
        in_attention: Whether block i changes its channels itself, instead of the block before it.
    """
    head_mul = _factors("atten_head_mul", head_factors, range(depth))
    dim_mul = _factors("embed_dim_mul", channel_factors, range(depth) if in_attention else range(1, depth + 1))
    heads: list[int] = []
    widths = [channels]
    for i in range(depth):
        num_heads = round_width(num_heads, head_mul.get(i, 1.0), min_width=1, divisor=1)
        heads.append(num_heads)
        changed = i if in_attention else i + 1
        divisor = num_heads if in_attention else round_width(num_heads, head_mul.get(changed, 1.0))
        widths.append(round_width(widths[-1], dim_mul.get(changed, 1.0), divisor=divisor))
    return heads, widths


def block_pools(
    depth: int,
    stride_q: Sequence[Sequence[int]] | None,
    stride_kv: Sequence[Sequence[int]] | None,
    stride_kv_adaptive: Sequence[int] | None,
    kernel: Sequence[int] | None,
) -> list[dict[str, Any]]:
    """The kernels and strides of each block's pools, as arguments of the block."""
    if stride_kv_adaptive is not None and stride_kv:
        msg = "pool_kv_stride_size and pool_kv_stride_adaptive are both given; pass one of them"
        raise ArgumentError(msg)
    rows_q = _strides("pool_q_stride_size", stride_q, depth)
    rows_kv = _strides("pool_kv_stride_size", stride_kv, depth)
    if stride_kv_adaptive is not None:
        current = _triple("pool_kv_stride_adaptive", stride_kv_adaptive)
        for i in range(depth):
            current = [max(size // by, 1) for size, by in zip(current, rows_q.get(i, (1, 1, 1)), strict=True)]
            rows_kv[i] = current
    fixed = None if kernel is None else _triple("pool_kvq_kernel", kernel)

    pools: list[dict[str, Any]] = []
    for i in range(depth):
        pool: dict[str, Any] = {}
        for side, rows in (("q", rows_q), ("kv", rows_kv)):
            if i in rows:
                pool[f"stride_{side}"] = tuple(rows[i])
                pool[f"kernel_{side}"] = tuple(fixed or kernel_of_stride(rows[i]))
        pools.append(pool)
    return pools


def block_grids(grid: Sequence[int], pools: Sequence[dict[str, Any]]) -> list[list[int]]:
    """The grid of tokens (T, H, W) before each block, for its tables of distances: rounded down by each stride."""
    grids = [list(grid)]
    for pool in pools:
        grids.append([size // by for size, by in zip(grids[-1], pool.get("stride_q", (1, 1, 1)), strict=True)])
    return grids[:-1]


def round_width(width: float, multiplier: float, min_width: int = 8, divisor: int = 8) -> int:
    """``width * multiplier`` rounded to a multiple of ``divisor``, at least ``min_width`` and never 10 % too small."""
    if not multiplier:
        return int(width)
    width *= multiplier
    rounded = max(min_width, int(width + divisor / 2) // divisor * divisor)
    return int(rounded + divisor if rounded < 0.9 * width else rounded)


def _factors(name: str, pairs: Sequence[Sequence[float]] | None, blocks: range) -> dict[int, float]:
    for pair in pairs or ():
        if len(pair) != 2 or pair[0] not in blocks:
            msg = f"{name} has the row {pair!r}; pass [block, factor] with a block of {blocks.start}..{blocks.stop - 1}"
            raise ArgumentError(msg, row=pair)
    return {int(block): factor for block, factor in pairs or ()}


def _strides(name: str, rows: Sequence[Sequence[int]] | None, depth: int) -> dict[int, list[int]]:
    for row in rows or ():
        if len(row) != 4 or row[0] not in range(depth):
            msg = f"{name} has the row {row!r}; pass [block, T, H, W] with a block of 0..{depth - 1}"
            raise ArgumentError(msg, row=row)
    return {block: list(stride) for block, *stride in rows or ()}


def _triple(name: str, values: Sequence[int]) -> list[int]:
    if len(values) != 3:
        msg = f"{name} is {values!r}; pass three entries (T, H, W)"
        raise ArgumentError(msg, values=values)
    return list(values)
