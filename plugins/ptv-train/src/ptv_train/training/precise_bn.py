"""``PreciseBatchNorm``: statistics of batch norms for the weights as they are, instead of a running mean over older ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import lightning.pytorch as pl
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ptv_registry.errors import ArgumentError


class PreciseBatchNorm(pl.Callback):
    """Calculates mean and variance of each batch norm's input over training batches before each validation.

    The running mean that a norm keeps while the weights change lags behind them, above all with small batches and high
    rates; see https://arxiv.org/abs/2105.07576, section 3. The norms use the statistics of each batch meanwhile, as in
    training; dropout is off. What is found (the population's mean and variance, over all ranks) is what is validated and
    saved. Norms that do not learn (``freeze``) keep theirs. With ``ema`` the statistics are those of the averaged weights.

    Args:
        batches: number of batches, of each rank; fewer if there are not as many.

    Raises:
        ArgumentError: ``batches`` is less than 1; or, when a training begins, no norm keeps statistics.
    """

    needs_validation = True

    def __init__(self, batches: int = 200) -> None:
        if isinstance(batches, bool) or not isinstance(batches, int) or batches < 1:
            raise ArgumentError(f"batches={batches!r} must be at least 1", argument="batches")
        self.batches = batches

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Look whether there is something to do."""
        if not _norms(pl_module):
            raise ArgumentError(
                "the callback precise_bn finds no batch norm that learns and keeps statistics; leave it out"
            )

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Calculate the statistics."""
        if trainer.sanity_checking:
            return
        samples = trainer.datamodule.plain_batches(self.batches)  # type: ignore[attr-defined]
        devices = [pl_module.device] if pl_module.device.type == "cuda" else []
        with torch.random.fork_rng(devices), torch.no_grad(), trainer.precision_plugin.forward_context():
            update_statistics(
                pl_module.predict_step,
                (trainer.strategy.batch_to_device(batch) for batch in samples),
                _norms(pl_module),
            )


def update_statistics(run: Callable[[Any, int], Any], batches: Iterable[Any], norms: list[_BatchNorm]) -> None:
    """Give batch norms the population statistics of their inputs.

    Args:
        run: called with each batch and its number; calls the norms.
        batches: what it is called with.
        norms: those that are meant.
    """
    with _counting(norms) as counts:
        for index, batch in enumerate(batches):
            run(batch, index)
    for norm, count in zip(norms, counts, strict=True):
        if count.number:
            mean, var = count.over_all_ranks()
            norm.running_mean.copy_(mean)  # type: ignore[union-attr]
            norm.running_var.copy_(var)  # type: ignore[union-attr]


class _Count:
    """Number, sum and sum of squares of the values of each channel, in float64."""

    def __init__(self) -> None:
        self.number = 0
        self.sums = torch.zeros(0)

    def add(self, module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        """Hook before a norm: (B, C, ...)."""
        values = inputs[0].detach().transpose(0, 1).flatten(1).double()
        sums = torch.stack([values.sum(1), values.square().sum(1)])
        self.sums = sums if not self.number else self.sums + sums
        self.number += values.shape[1]

    def over_all_ranks(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and variance."""
        whole = torch.cat([self.sums.flatten(), self.sums.new_tensor([self.number])])
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(whole)
        mean, square = (whole[:-1] / whole[-1]).view(2, -1)
        return mean, (square - mean.square()).clamp(min=0)


@contextmanager
def _counting(norms: list[_BatchNorm]) -> Iterator[list[_Count]]:
    counts = [_Count() for _ in norms]
    hooks = [norm.register_forward_pre_hook(count.add) for norm, count in zip(norms, counts, strict=True)]
    modes = [norm.training for norm in norms]
    before = [norm.num_batches_tracked.clone() if norm.num_batches_tracked is not None else None for norm in norms]
    try:
        for norm in norms:
            norm.training = True
        yield counts
    finally:
        for norm, hook, mode, number in zip(norms, hooks, modes, before, strict=True):
            hook.remove()
            norm.training = mode
            if norm.num_batches_tracked is not None and number is not None:
                norm.num_batches_tracked.copy_(number)


def _norms(module: Any) -> list[_BatchNorm]:
    """Batch norms that learn and keep statistics."""
    resting = {id(part) for at_rest in getattr(module, "at_rest", ()) for part in at_rest.modules()}
    return [
        part
        for part in module.modules()
        if isinstance(part, _BatchNorm) and part.running_mean is not None and id(part) not in resting
    ]
