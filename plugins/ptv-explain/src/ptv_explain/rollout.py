"""Attention roll-out, also through attention that pools its queries, keys and values."""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from attrs import frozen
from torch import nn
from torch.nn import functional

from ptv_registry.errors import ArgumentError

#: What a module needs to be rolled out, as :class:`ptv_mvit.MultiScaleAttention` has it.
_METHOD: Final = "attention_weights"


@frozen
class _Step:
    """One attention: mean weights over the heads (B, queries, keys), and the grids of its input, queries and keys."""

    weights: torch.Tensor
    tokens: list[int]
    queries: list[int]
    keys: list[int]


def roll_out(model: nn.Module, inputs: Any) -> tuple[torch.Tensor, Any]:
    """How much the first tokens reach the output: (B, T, H, W) of their grid, and the model's output.

    Half of what a token holds after an attention comes through its weights and half past it (the residual), from the
    output back to the first attention (Abnar and Zuidema 2020, https://arxiv.org/abs/2005.00928). Where queries or keys
    are pooled, their share goes to all places that they were pooled from, by interpolation.

    Args:
        model: its attention modules have a method ``attention_weights(x, thw)`` that gives weights (B, heads, queries,
            keys) and the grids (T, H, W) of both, and are called with the same arguments.
        inputs: what the model takes.

    Raises:
        ArgumentError: the model has no such module.
    """
    steps: list[_Step] = []

    def look(module: nn.Module, arguments: tuple[Any, ...]) -> None:
        weights, queries, keys = getattr(module, _METHOD)(*arguments)
        steps.append(_Step(weights.mean(1), list(arguments[1]), list(queries), list(keys)))

    handles = [m.register_forward_pre_hook(look) for m in model.modules() if hasattr(m, _METHOD)]
    try:
        output = model(inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not steps:
        raise ArgumentError(
            f"this {type(model).__name__} has no attention to roll out (modules with a method {_METHOD}); use gradcam"
        )
    last = steps[-1]
    extra = last.weights.shape[1] - math.prod(last.queries)
    reached = torch.zeros_like(last.weights[:, :, 0])
    if extra:
        reached[:, 0] = 1.0
    else:
        reached[:] = 1.0 / reached.shape[1]
    for step in reversed(steps):
        through = torch.einsum("bq,bqk->bk", reached, step.weights)
        reached = (_spread(through, step.keys, step.tokens) + _spread(reached, step.queries, step.tokens)) / 2
    grid = steps[0].tokens
    return reached[:, -math.prod(grid) :].unflatten(1, grid), output


def _spread(shares: torch.Tensor, pooled: list[int], tokens: list[int]) -> torch.Tensor:
    """Shares (B, N) of pooled places to the places that they came from; sums stay, and a class token keeps its own."""
    if pooled == tokens:
        return shares
    count = math.prod(pooled)
    places = shares[:, -count:].unflatten(1, pooled)[:, None]
    grown = functional.interpolate(places, tokens, mode="trilinear", align_corners=False).flatten(1)
    total = grown.sum(1, keepdim=True)
    grown = grown * torch.where(total > 0, places.flatten(1).sum(1, keepdim=True) / total.clamp_min(1e-30), 0.0)
    return torch.cat((shares[:, :-count], grown), 1)
