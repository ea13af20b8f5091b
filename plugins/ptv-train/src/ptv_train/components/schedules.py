"""Learning rates from step to step, as components of kind ``schedule``.

Each gives a factor of the optimizer's own rates (those of its groups, which may differ). Over the share ``warmup`` of the
steps the factor rises linearly to 1. A step is one of the optimizer, not a batch.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from ptv_registry.errors import ArgumentError
from ptv_train.checks import check_not_negative, check_positive, check_share


def constant(optimizer: torch.optim.Optimizer, steps: int = 1, warmup: float = 0.0) -> LRScheduler:
    """The same rate at every step.

    Args:
        optimizer: whose rates it sets.
        steps: of the whole training.
        warmup: share of the steps in which the rate rises.

    Raises:
        ArgumentError: ``warmup`` is not in [0, 1].
    """
    return _after_warmup(optimizer, steps, warmup, lambda done, left: 1.0)


def cosine(optimizer: torch.optim.Optimizer, steps: int = 1, warmup: float = 0.1, final: float = 0.0) -> LRScheduler:
    """Half a cosine from the full rate down to ``final`` of it.

    Args:
        optimizer, steps, warmup: as for :func:`constant`.
        final: the factor at the end, in [0, 1).

    Raises:
        ArgumentError: a share is none.
    """
    check_share("final", final)

    def factor(done: int, left: int) -> float:
        return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done / left))

    return _after_warmup(optimizer, steps, warmup, factor)


def linear(optimizer: torch.optim.Optimizer, steps: int = 1, warmup: float = 0.1, final: float = 0.0) -> LRScheduler:
    """A straight line from the full rate down to ``final`` of it.

    Args:
        optimizer, steps, warmup, final: as for :func:`cosine`.

    Raises:
        ArgumentError: a share is none.
    """
    check_share("final", final)
    return _after_warmup(optimizer, steps, warmup, lambda done, left: 1 - (1 - final) * done / left)


def step(
    optimizer: torch.optim.Optimizer,
    steps: int = 1,
    epochs: int = 1,
    every: float = 1.0,
    factor: float = 0.1,
    warmup: float = 0.0,
) -> LRScheduler:
    """The rate times ``factor`` after every so many epochs.

    Args:
        optimizer, steps, warmup: as for :func:`constant`.
        epochs: of the whole training.
        every: epochs between two changes, counted from the beginning of the training.
        factor: of each change.

    Raises:
        ArgumentError: a number is out of range.
    """
    check_positive("every", every)
    check_positive("factor", factor)
    return _by_epoch(optimizer, steps, epochs, warmup, lambda epoch: factor ** math.floor(epoch / every + _ROUNDING))


def multistep(
    optimizer: torch.optim.Optimizer,
    milestones: Sequence[float],
    steps: int = 1,
    epochs: int = 1,
    factor: float = 0.1,
    warmup: float = 0.0,
) -> LRScheduler:
    """The rate times ``factor`` at each milestone.

    Args:
        optimizer, steps, warmup: as for :func:`constant`.
        milestones: epochs after which the rate changes, in order.
        epochs: of the whole training.
        factor: of each change.

    Raises:
        ArgumentError: a number is out of range, or the milestones are not in order.
    """
    check_positive("factor", factor)
    for milestone in milestones:
        check_not_negative("milestones", milestone)
    if list(milestones) != sorted(milestones):
        raise ArgumentError(f"milestones={list(milestones)!r} must be in order", argument="milestones")
    return _by_epoch(
        optimizer, steps, epochs, warmup, lambda epoch: factor ** bisect_right(milestones, epoch + _ROUNDING)
    )


_ROUNDING = 1e-9  # of epochs, which are steps divided by steps an epoch


def _by_epoch(
    optimizer: torch.optim.Optimizer, steps: int, epochs: int, warmup: float, factor: Callable[[float], float]
) -> LRScheduler:
    warm = _warm(steps, warmup)
    return _after_warmup(optimizer, steps, warmup, lambda done, left: factor((done + warm) * epochs / steps))


def _after_warmup(
    optimizer: torch.optim.Optimizer, steps: int, warmup: float, factor: Callable[[int, int], float]
) -> LRScheduler:
    """A schedule by ``factor(steps after the warmup, their whole number)``."""
    check_share("warmup", warmup)
    warm = _warm(steps, warmup)

    def whole(step: int) -> float:
        return (step + 1) / warm if step < warm else factor(step - warm, max(1, steps - warm))

    return LambdaLR(optimizer, whole)


def _warm(steps: int, warmup: float) -> int:
    return round(warmup * steps)
