"""Callbacks of Lightning as components of kind ``callback``."""

from __future__ import annotations

from typing import Any, Final, Literal

import lightning.pytorch as pl
import torch
from attrs import frozen
from lightning.pytorch.callbacks import EarlyStopping, WeightAveraging
from lightning.pytorch.strategies import DeepSpeedStrategy, FSDPStrategy, ModelParallelStrategy

from ptv_registry.errors import ArgumentError
from ptv_train.checks import check_not_negative, check_share
from ptv_train.training.learner import same_buffers

_SHARDING: Final = (FSDPStrategy, ModelParallelStrategy, DeepSpeedStrategy)


class Ema(WeightAveraging):
    """Keeps an exponential moving average of the weights and buffers, which is what is validated and saved.

    After each optimizer step ``average = d * average + (1 - d) * weights``, with ``d = decay``, or at the beginning less:
    ``d = min(decay, (1 + n) / (10 + n))`` after n steps, so that the average does not hang on to the first weights. The
    average begins with the weights after the first step. Checkpoints hold the average as the model's weights (``ptv
    predict``, ``eval`` and ``export`` take it from there) and the weights that learn beside it, for going on.

    Args:
        decay: share of the average that stays, in [0, 1).
        warmup: whether the average moves faster at the beginning.

    Raises:
        ArgumentError: ``decay`` is out of range; or, when a training begins, its strategy shards the weights.
    """

    def __init__(self, decay: float = 0.999, warmup: bool = True) -> None:
        check_share("decay", decay)
        super().__init__(multi_avg_fn=_Average(decay, warmup))

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Copy the weights."""
        if isinstance(trainer.strategy, _SHARDING):
            raise ArgumentError("the callback ema averages whole weights, and this strategy shards them; take ddp")
        self._device = trainer.strategy.root_device  # the weights themselves go there later
        super().setup(trainer, pl_module, stage)

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Put the average, that of the first rank, in place of the weights."""
        if self._average_model is not None:
            same_buffers(self._average_model.module)
        super().on_validation_epoch_start(trainer, pl_module)


@frozen
class _Average:
    decay: float
    warmup: bool

    def __call__(self, averages: list[torch.Tensor], weights: list[torch.Tensor], steps: torch.Tensor | int) -> None:
        """Move averages towards weights of the same type, after so many steps."""
        done = int(steps)
        decay = min(self.decay, (1 + done) / (10 + done)) if self.warmup else self.decay
        if averages[0].is_floating_point():
            torch._foreach_lerp_(averages, weights, 1 - decay)
        else:
            torch._foreach_copy_(averages, weights)


class EarlyEnd(EarlyStopping):
    """Ends the training when a metric has not improved for some epochs.

    Args:
        monitor: name of the metric, as in ``metrics.csv``.
        mode: whether ``max`` or ``min`` is better.
        patience: epochs without progress after which the training ends.
        min_delta: by how much it must be better to count.

    Raises:
        ArgumentError: a number is out of range; or, after the first epoch, the metric is unknown.
    """

    def __init__(
        self,
        monitor: str = "val_top1",
        mode: Literal["max", "min"] = "max",
        patience: int = 3,
        min_delta: float = 0.0,
    ) -> None:
        if mode not in ("max", "min"):
            raise ArgumentError(f"mode={mode!r} must be max or min", argument="mode")
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 1:
            raise ArgumentError(f"patience={patience!r} must be at least 1", argument="patience")
        check_not_negative("min_delta", min_delta)
        super().__init__(monitor, mode=mode, patience=patience, min_delta=min_delta)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Look at the metric, after the validation of the epoch."""
        known = trainer.callback_metrics
        if self.monitor not in known:
            raise ArgumentError(
                f"early_stopping(monitor={self.monitor!r}): unknown metric; choose from {', '.join(sorted(known))}"
            )
        super().on_train_epoch_end(trainer, pl_module)


def check_callbacks(callbacks: list[Any], *, validates: bool) -> None:
    """Refuse what is not a callback, duplicates, and callbacks that need a validation the run does not have.

    Raises:
        ArgumentError: there is such a one.
    """
    for callback in callbacks:
        if not isinstance(callback, pl.Callback):
            raise ArgumentError(f"callback={type(callback).__name__} is not a lightning.pytorch.Callback")
        monitor = getattr(callback, "monitor", None)
        needs = getattr(callback, "needs_validation", False) or str(monitor).startswith("val_")
        if needs and not validates:
            raise ArgumentError(f"the callback {type(callback).__name__} needs a validation; give val (--val)")
    keys = [callback.state_key for callback in callbacks]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise ArgumentError(f"the callback {twice} is given twice; leave one out")


def in_order(callbacks: list[Any]) -> list[Any]:
    """Averages of weights come first, so that others find them in place of the weights in a validation."""
    return sorted(callbacks, key=lambda callback: not isinstance(callback, WeightAveraging))
