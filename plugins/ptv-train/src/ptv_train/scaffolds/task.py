"""A task."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy

from ptv_train import Task
from ptv_train.training.train_accuracy import TrainMetrics


class MineTask(Task):
    """Tells classes apart with a margin that the right one has to be ahead by; replace it with your task.

    Args:
        classes: names of the classes.
        margin: how far the score of the right class has to be above the others.
    """

    score = "accuracy"

    def __init__(self, classes: Sequence[str], margin: float = 1.0) -> None:
        super().__init__()
        count = len(classes)
        self.loss = nn.MultiMarginLoss(margin=margin)
        self.train_metrics = TrainMetrics({"accuracy": MulticlassAccuracy(count)}, prefix="train_")
        self.found = MulticlassAccuracy(count)
        self.losses = MeanMetric()

    def training_loss(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """The loss of a batch."""
        scores, labels = model(batch["video"]), batch["label"]
        self.train_metrics.update(scores.detach(), labels)
        loss: torch.Tensor = self.loss(scores, labels)
        return loss

    def validate(self, model: nn.Module, batch: dict[str, Any]) -> None:
        """Keep what was found, and the loss."""
        scores, labels = model(batch["video"]), batch["label"]
        self.found.update(scores, labels)
        self.losses.update(self.loss(scores, labels))

    def results(self, device: torch.device) -> dict[str, torch.Tensor]:
        """Accuracy and loss; both are counted anew afterwards."""
        found = {"accuracy": self.found.compute(), "loss": self.losses.compute()}
        self.found.reset()
        self.losses.reset()
        return found
