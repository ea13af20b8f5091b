"""``ClipClassifier``: the Lightning module that trains a model on labelled clips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import lightning.pytorch as pl
import torch
from torch import nn
from torchmetrics.classification import MulticlassAccuracy

from ptv_registry.errors import ArgumentError
from ptv_train.sharding import shard
from ptv_train.train_accuracy import TrainMetrics
from ptv_train.video_accuracy import ValidationMetrics

Optimizer = Literal["adamw", "sgd"]


class ClipClassifier(pl.LightningModule):
    """Trains a model whose output is one score per class with cross entropy and a cosine schedule.

    Args:
        model: takes a batch of clips (B, C, T, H, W), or a list of such for several pathways; gives (B, classes).
        num_classes: number of classes.
        optimizer: ``adamw``, or ``sgd`` with Nesterov momentum 0.9.
        lr: the highest learning rate.
        weight_decay: of all parameters with two dimensions or more; biases and norms have none.
        warmup: share of the training in which the learning rate rises.
        label_smoothing: of the cross entropy.
        record: what checkpoints say about the model, see :mod:`ptv_train.checkpoint`.
        at_rest: modules of the model that do not learn and stay in eval mode, see :func:`ptv_train.freezing.freeze`.
    """

    def __init__(
        self,
        model: nn.Module,
        num_classes: int,
        *,
        optimizer: Optimizer = "adamw",
        lr: float = 1e-3,
        weight_decay: float = 0.05,
        warmup: float = 0.1,
        label_smoothing: float = 0.0,
        record: dict[str, Any] | None = None,
        at_rest: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__()
        if optimizer not in ("adamw", "sgd"):
            raise ArgumentError(f"optimizer={optimizer!r} is neither adamw nor sgd")
        if not 0 < lr < math.inf:
            raise ArgumentError(f"lr={lr} must be a number above 0")
        if not 0 <= weight_decay < math.inf:
            raise ArgumentError(f"weight_decay={weight_decay} must be a number of at least 0")
        for name, share in (("warmup", warmup), ("label_smoothing", label_smoothing)):
            if not 0 <= share < 1:
                raise ArgumentError(f"{name}={share} must be a share in [0, 1)")
        self.model = model
        self.loss = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
        self._optimizer, self._lr, self._weight_decay, self._warmup = optimizer, lr, weight_decay, warmup
        self._record = record
        self._at_rest = tuple(at_rest)
        self._sharded = False
        self.train_metrics = TrainMetrics(
            {"top1": MulticlassAccuracy(num_classes, top_k=1, average="micro")}, prefix="train_"
        )
        self.val_metrics = ValidationMetrics(num_classes, label_smoothing)

    def forward(self, clips: torch.Tensor | list[torch.Tensor]) -> torch.Tensor:
        """Scores of the classes, (B, classes)."""
        scores: torch.Tensor = self.model(clips)
        return scores

    def configure_model(self) -> None:
        """Share the model among the ranks, where the strategy does."""
        if self.device_mesh is not None and not self._sharded:
            shard(self.model, self.device_mesh)
            self._sharded = True

    def train(self, mode: bool = True) -> ClipClassifier:
        """As any module's; what does not learn stays in eval mode."""
        super().train(mode)
        for module in self._at_rest:
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
        logits, labels = self(batch["video"]), batch["label"]
        loss: torch.Tensor = self.loss(logits, labels)
        self.train_metrics.update(logits.detach(), labels)
        self.log("train_loss", loss, prog_bar=True, batch_size=len(labels), sync_dist=True)
        self.log_dict(self.train_metrics, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(labels))
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Metrics of one batch."""
        logits, labels = self(batch["video"]), batch["label"]
        views = batch.get("aug_index", torch.zeros_like(labels))
        self.val_metrics.update(logits, labels, batch["video_index"], batch["clip_index"], views)

    def on_validation_epoch_end(self) -> None:
        """Metrics of all ranks, also of one that had no batch."""
        self.val_metrics.add_nothing(self.device)
        values = self.val_metrics.compute()
        self.val_metrics.reset()
        self.log_dict({f"val_{name}": value for name, value in values.items()}, prog_bar=True)

    def configure_optimizers(self) -> Any:
        """The optimizer, and its schedule by step."""
        decayed = [p for p in self.model.parameters() if p.requires_grad and p.ndim > 1]
        plain = [p for p in self.model.parameters() if p.requires_grad and p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": self._weight_decay}, {"params": plain, "weight_decay": 0.0}]
        optimizer: torch.optim.Optimizer
        if self._optimizer == "adamw":
            optimizer = torch.optim.AdamW(groups, lr=self._lr)
        else:
            optimizer = torch.optim.SGD(groups, lr=self._lr, momentum=0.9, nesterov=True)
        steps = max(1, int(self.trainer.estimated_stepping_batches))
        warm = max(1, round(self._warmup * steps))

        def factor(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what is needed to build the model again and to feed it."""
        if self._record is not None:
            checkpoint["ptv"] = self._record
