"""``Classification``: the task of finding the one class of each clip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torchmetrics import Metric
from torchmetrics.classification import MulticlassAccuracy

import ptv_registry
from ptv_cards.scores import scores_of
from ptv_registry.errors import ArgumentError
from ptv_train.components.losses import cross_entropy
from ptv_train.components.metrics import top1, top5
from ptv_train.run.parts import name_of, naming
from ptv_train.slots import Loss, Metrics, factories_in
from ptv_train.training.classifier_model import build_classifier
from ptv_train.training.task import Task
from ptv_train.training.train_accuracy import TrainMetrics
from ptv_train.training.video_accuracy import ValidationMetrics


class Classification(Task):
    """One class for each clip; the model gives a score per class, (B, classes).

    Labels are numbers of classes (B), or after a batch transform shares of the classes (B, classes). The accuracy of the
    training counts the class with the largest share.

    Args:
        classes: names of the classes in order.
        loss: of logits (B, classes) and labels, to a scalar; it must take shares too if there is a batch transform.
        metric: one or several, of the validation's clips, each counted once; the first is the ``score``. By default the
            top-1 accuracy, and top-5 where there are five classes. ``loss`` and ``video_top1`` (the accuracy of the mean
            probabilities of a video's clips) come with them.

    Raises:
        ArgumentError: the loss does not suit, or two metrics have one name.
    """

    def __init__(self, classes: Sequence[str], loss: Loss = cross_entropy, metric: Metrics = None) -> None:
        super().__init__()
        self.classes = tuple(classes)
        count = len(self.classes)
        self.loss = loss()
        self._check_loss(name_of(loss))
        self.train_metrics = TrainMetrics({"top1": MulticlassAccuracy(count, average="micro")}, prefix="train_")
        asked = factories_in(metric) or ((top1, top5) if count >= 5 else (top1,))
        names = [name_of(factory) for factory in asked]
        for name in names:
            if names.count(name) > 1 or name in ("loss", "video_top1"):
                raise ArgumentError(f"there are two metrics val_{name}; leave one out", argument="metric")
        metrics = {}
        for name, factory in zip(names, asked, strict=True):
            with naming("metric", name):
                metrics[name] = factory(num_classes=count)
            if not isinstance(metrics[name], Metric):
                raise ArgumentError(f"metric {name} gives a {type(metrics[name]).__name__}, no torchmetrics.Metric")
        self.score = names[0]
        self.val_metrics = ValidationMetrics(count, self.loss, metrics)

    def build_model(self, plan: ptv_registry.Plan) -> tuple[nn.Module, ptv_registry.Plan]:
        """The model with as many classes as there are.

        Raises:
            ArgumentError: it has another number, or a probability of its own for each label.
        """
        model, plan = build_classifier(plan, len(self.classes))
        if scores_of(model) == "per_label":
            raise ArgumentError(
                f"the scores of {plan.root.name} are a probability per label, and each video here has one class; give the "
                "head another activation (head_activation=none)"
            )
        return model, plan

    def training_loss(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """The loss of a batch's logits."""
        logits, labels = model(batch["video"]), batch["label"]
        if labels.is_floating_point():
            labels = labels.to(logits.dtype)
        loss: torch.Tensor = self.loss(logits, labels)
        self.train_metrics.update(logits.detach(), labels.argmax(1) if labels.ndim == 2 else labels)
        return loss

    def validate(self, model: nn.Module, batch: dict[str, Any]) -> None:
        """Keep logits and labels."""
        logits, labels = model(batch["video"]), batch["label"]
        views = batch.get("aug_index", torch.zeros_like(labels))
        self.val_metrics.update(logits, labels, batch["video_index"], batch["clip_index"], views)

    def results(self, device: torch.device) -> dict[str, torch.Tensor]:
        """``loss``, the metrics by name, and ``video_top1``."""
        self.val_metrics.add_nothing(device)
        values = self.val_metrics.compute()
        self.val_metrics.reset()
        return values

    def _check_loss(self, name: str) -> None:
        """Refuse a loss of another kind before anything is read."""
        count = max(2, len(self.classes))
        with naming("loss", name):
            value = self.loss(torch.zeros(2, count), torch.zeros(2, dtype=torch.int64))
        if not isinstance(value, torch.Tensor) or value.ndim:
            shape = tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
            raise ArgumentError(
                f"loss {name} gives {shape} of two clips, and a training needs one number (reduction=mean)"
            )
