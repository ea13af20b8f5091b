"""PySlowFast's learning rates, by the epochs done with their fractions, in which its configurations count."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from ptv_registry.errors import ArgumentError


def cosine_by_epoch(
    optimizer: torch.optim.Optimizer,
    steps: int = 1,
    epochs: int = 1,
    end_lr: float = 0.0,
    warmup_epochs: float = 0.0,
    warmup_start_lr: float = 0.01,
    after_warmup: bool = False,
) -> LRScheduler:
    """Half a cosine from the optimizer's rate to ``end_lr``, and before it a straight line from ``warmup_start_lr``.

    Args:
        optimizer: whose rates it sets; those of its groups keep their ratio.
        steps: of the whole training.
        epochs: of the whole training.
        end_lr: the rate at the end.
        warmup_epochs: in which the rate rises, to what the cosine has by then.
        warmup_start_lr: the first rate, where there is such a warm-up.
        after_warmup: let the cosine begin after the warm-up, instead of running under it.

    Raises:
        ArgumentError: a number is out of range.
    """
    lr = optimizer.defaults["lr"]
    _check_warmup(warmup_epochs, warmup_start_lr, epochs)
    if not 0 <= end_lr < lr:
        raise ArgumentError(f"end_lr={end_lr!r} must be at least 0 and less than the rate {lr!r}", argument="end_lr")
    begin = warmup_epochs if after_warmup else 0.0

    def at(epoch: float) -> float:
        return end_lr + (lr - end_lr) * (math.cos(math.pi * (epoch - begin) / (epochs - begin)) + 1.0) * 0.5

    return _by_epoch(optimizer, steps, epochs, at, warmup_epochs, warmup_start_lr)


def steps_by_epoch(
    optimizer: torch.optim.Optimizer,
    starts: Sequence[float],
    factors: Sequence[float],
    steps: int = 1,
    epochs: int = 1,
    warmup_epochs: float = 0.0,
    warmup_start_lr: float = 0.01,
) -> LRScheduler:
    """The optimizer's rate times a factor that changes at given epochs, and before it a straight line.

    Args:
        optimizer, steps, epochs, warmup_epochs, warmup_start_lr: as for :func:`cosine_by_epoch`.
        starts: epoch from which each factor holds, the first 0, in order.
        factors: as many.

    Raises:
        ArgumentError: a number is out of range, or the two lists are not alike.
    """
    _check_warmup(warmup_epochs, warmup_start_lr, epochs)
    if len(starts) != len(factors) or list(starts) != sorted(starts) or not len(starts) or starts[0] != 0:
        raise ArgumentError(
            f"starts={list(starts)!r} and factors={list(factors)!r} must be as many, the starts in order from 0"
        )
    lr = optimizer.defaults["lr"]

    def at(epoch: float) -> float:
        return lr * factors[bisect_right(starts, epoch) - 1]

    return _by_epoch(optimizer, steps, epochs, at, warmup_epochs, warmup_start_lr)


def _by_epoch(
    optimizer: torch.optim.Optimizer,
    steps: int,
    epochs: int,
    at: Callable[[float], float],
    warmup_epochs: float,
    warmup_start_lr: float,
) -> LRScheduler:
    lr = optimizer.defaults["lr"]

    def factor(step: int) -> float:
        epoch = min(step, steps) * epochs / steps
        if epoch < warmup_epochs:
            return (warmup_start_lr + epoch * (at(warmup_epochs) - warmup_start_lr) / warmup_epochs) / lr
        return at(epoch) / lr

    return LambdaLR(optimizer, factor)


def _check_warmup(warmup_epochs: float, warmup_start_lr: float, epochs: int) -> None:
    if not 0 <= warmup_epochs < epochs:
        raise ArgumentError(
            f"warmup_epochs={warmup_epochs!r} must be at least 0 and less than the {epochs} epochs",
            argument="warmup_epochs",
        )
    if not 0 <= warmup_start_lr < math.inf:
        raise ArgumentError(
            f"warmup_start_lr={warmup_start_lr!r} must be a number of at least 0", argument="warmup_start_lr"
        )
