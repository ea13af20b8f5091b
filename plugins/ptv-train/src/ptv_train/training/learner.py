"""``Learner``: the Lightning module of every run, which puts model, task, optimizer and schedule together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.strategies import DDPStrategy
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.components.parameter_groups import parameter_groups
from ptv_train.run.parts import Part
from ptv_train.training.task import Task

BatchTransform = Callable[[Any, torch.Tensor], tuple[Any, torch.Tensor]]


class Learner(pl.LightningModule):
    """Teaches a model a task.

    Args:
        model: takes a batch of clips (B, C, T, H, W), or a list of such for several pathways.
        task: what it learns.
        optimizer, schedule: components of these kinds.
        batch_transforms: called one after the other with clips and labels of each batch of two clips or more.
        epochs: of the whole training, for schedules that count them.
        record: what checkpoints say about the model, see :mod:`ptv_train.checkpoint`.
        at_rest: modules of the model that do not learn and stay in eval mode, see :func:`ptv_train.training.freezing.freeze`.

    Raises:
        ArgumentError: optimizer or schedule refuse their arguments.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        optimizer: Part,
        schedule: Part,
        *,
        batch_transforms: Sequence[BatchTransform] = (),
        epochs: int = 1,
        record: dict[str, Any] | None = None,
        at_rest: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__()
        self.model = model
        self.task = task
        self._optimizer, self._schedule, self._epochs = optimizer, schedule, epochs
        self._batch_transforms = tuple(batch_transforms)
        for transform in self._batch_transforms:
            if not callable(transform):
                raise ArgumentError(f"batch_transform gives a {type(transform).__name__}, which cannot be called")
        self._record = record
        self._steps = 1
        self.at_rest = tuple(at_rest)
        self.train()  # Lightning leaves modules in the mode that they are in
        self._optimizer_for(steps=100 * epochs)  # what is out of range is said before anything is written

    def forward(self, clips: torch.Tensor | list[torch.Tensor]) -> torch.Tensor:
        """The model's output, (B, classes) where there are classes."""
        scores: torch.Tensor = self.model(clips)
        return scores

    def train(self, mode: bool = True) -> Learner:
        """As any module's; what does not learn stays in eval mode."""
        super().train(mode)
        for module in self.at_rest:
            module.eval()
        return self

    def on_train_epoch_start(self) -> None:
        """Tell the dataset which epoch it is, in worker processes too."""
        dataset = getattr(self.trainer.train_dataloader, "dataset", None)
        set_epoch = getattr(dataset, "set_epoch", None)
        if set_epoch is not None:
            set_epoch(self.current_epoch)

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> torch.Tensor:
        """One step."""
        size = self.task.size(batch)
        self.task.at_step(self.trainer.global_step, self._steps)
        loss = self.task.training_loss(self.model, self._transformed(batch, size))
        self.log("train_loss", loss, prog_bar=True, batch_size=size, sync_dist=True)
        if self.task.train_metrics:
            self.log_dict(self.task.train_metrics, on_step=False, on_epoch=True, prog_bar=True, batch_size=size)
        return loss

    def on_validation_start(self) -> None:
        """Validate the model that is saved: under DDP each rank has statistics of batch norms of its own."""
        if isinstance(self.trainer.strategy, DDPStrategy):
            same_buffers(self.model)

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Metrics of one batch."""
        self.task.validate(self.model, batch)

    def on_validation_epoch_end(self) -> None:
        """Metrics of all ranks, also of one that had no batch."""
        values = self.task.results(self.device)
        self.log_dict({f"val_{name}": value for name, value in values.items()}, prog_bar=True)

    def predict_step(self, batch: dict[str, Any], batch_idx: int) -> torch.Tensor:
        """What the model says of a batch."""
        return self.task.predict(self.model, batch)

    def configure_optimizers(self) -> Any:
        """The optimizer, and its schedule by step."""
        self._steps = max(1, int(self.trainer.estimated_stepping_batches))
        optimizer, schedule = self._optimizer_for(self._steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what is needed to build the model again and to feed it."""
        if self._record is not None:
            checkpoint["ptv"] = self._record

    def _transformed(self, batch: dict[str, Any], size: int) -> dict[str, Any]:
        """The batch after the batch transforms; one clip has nobody to be mixed with."""
        if not self._batch_transforms or size < 2:
            return batch
        if "label" not in batch:
            raise ArgumentError("batch transforms mix clips and labels, and the batches of this dataset have no label")
        clips, labels = batch["video"], batch["label"]
        for transform in self._batch_transforms:
            clips, labels = transform(clips, labels)
        return {**batch, "video": clips, "label": labels}

    def _optimizer_for(self, steps: int) -> tuple[torch.optim.Optimizer, Any]:
        """Optimizer and schedule.

        Raises:
            ArgumentError: they are none, or a rate is out of range.
        """
        optimizer = self._optimizer.build(params=parameter_groups(self), model=self.model)
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise ArgumentError(
                f"optimizer {self._optimizer.name} gives a {type(optimizer).__name__}, no torch optimizer"
            )
        for group in optimizer.param_groups:
            for name in ("lr", "weight_decay"):
                value = float(group.get(name, 0.0))
                if not (value > 0 if name == "lr" else value >= 0) or value == math.inf:
                    raise ArgumentError(f"{name}={value} of the optimizer {self._optimizer.name} is out of range")
        schedule = self._schedule.build(optimizer=optimizer, steps=steps, epochs=self._epochs)
        return optimizer, schedule


def same_buffers(module: nn.Module) -> None:
    """Give all ranks the buffers of the first."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        for buffer in module.buffers():
            torch.distributed.broadcast(buffer, 0)
