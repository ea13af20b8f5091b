"""``MultiLabel``: the task of finding all labels of a clip, of which several may hold together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import torch
from torch import nn
from torchmetrics import Metric

import ptv_registry
from ptv_cards.scores import Scores, scores_of
from ptv_registry.errors import ArgumentError
from ptv_train.components.losses import binary_cross_entropy
from ptv_train.components.metrics import average_precisions, mean_average_precision
from ptv_train.run.parts import name_of, naming
from ptv_train.slots import Loss, Metrics, factories_in
from ptv_train.tasks.label_vectors import SeveralLabels
from ptv_train.training.classifier_model import build_classifier
from ptv_train.training.task import Task
from ptv_train.training.train_accuracy import TrainMetrics
from ptv_train.training.video_accuracy import ClipScores, value_of

OverViews = Literal["max", "mean"]


class MultiLabel(Task):
    """A probability for each label of a clip, whatever the others are (https://prior.allenai.org/projects/charades).

    The model gives a score per label, (B, classes), whose sigmoid is the probability; a head that ends in a sigmoid
    learns without it. ``label`` of a batch is (B, classes), zeros and ones, or shares after a batch transform.

    A validation puts the clips of each video together, and measures videos; those that have no label at all do not count,
    as in the official evaluation of Charades. Labels of a video are ``video_label`` of its samples, or else all that one
    of its clips has.

    Args:
        classes: names of the labels in order.
        loss: of logits (B, classes) and labels (B, classes), to a scalar.
        metric: one or several, of the videos' probabilities (N, classes) and labels (N, classes); the first is the
            ``score``. The mean average precision by default.
        over_views: how the probabilities of a video's clips become one: ``max``, as PySlowFast does for Charades, or
            ``mean``.

    Raises:
        ArgumentError: the loss does not suit, or two metrics have one name.
    """

    label_vectors = True

    def __init__(
        self,
        classes: Sequence[str],
        loss: Loss = binary_cross_entropy,
        metric: Metrics = None,
        over_views: OverViews = "max",
    ) -> None:
        super().__init__()
        if over_views not in get_args(OverViews):
            raise ArgumentError(f"over_views={over_views!r} must be one of {', '.join(get_args(OverViews))}")
        self.classes = tuple(classes)
        count = len(self.classes)
        self.loss = loss()
        with naming("loss", name_of(loss)):
            value = self.loss(torch.zeros(2, count), torch.zeros(2, count))
        if not isinstance(value, torch.Tensor) or value.ndim:
            raise ArgumentError(f"loss {name_of(loss)} does not give one number (reduction=mean)")
        self.train_metrics = TrainMetrics({}, prefix="train_")
        metrics = {}
        for factory in factories_in(metric) or (mean_average_precision,):
            name = name_of(factory)
            if name in metrics or name == "loss":
                raise ArgumentError(f"there are two metrics val_{name}; leave one out", argument="metric")
            with naming("metric", name):
                metrics[name] = factory(num_classes=count)
        self.score = next(iter(metrics))
        self.val_metrics = VideoLabels(count, self.loss, metrics, over_views)

    @classmethod
    def data(cls, arguments: Mapping[str, Any]) -> SeveralLabels:
        """Clips with vectors of labels."""
        return SeveralLabels()

    def build_model(self, plan: ptv_registry.Plan) -> tuple[nn.Module, ptv_registry.Plan]:
        """The model with as many classes as there are labels.

        Raises:
            ArgumentError: it has another number, or its scores are shares of classes that exclude each other.
        """
        model, plan = build_classifier(plan, len(self.classes))
        self.scores_of(model)
        return model, plan

    def scores_of(self, model: nn.Module) -> Scores:
        """A probability per label, or its logit.

        Raises:
            ArgumentError: the model ends in a softmax.
        """
        found = scores_of(model)
        if found == "probabilities":
            raise ArgumentError(
                "the model's scores are probabilities of classes that exclude each other, and labels do not; give the "
                "head another activation (head_activation=sigmoid)"
            )
        return "label_logits" if found == "logits" else found

    def training_loss(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """The loss of a batch's logits."""
        logits = model(batch["video"])
        loss: torch.Tensor = self.loss(logits, batch["label"].to(logits.dtype))
        return loss

    def validate(self, model: nn.Module, batch: dict[str, Any]) -> None:
        """Keep logits and labels."""
        logits, labels = model(batch["video"]), batch["label"]
        videos = batch["video_index"]
        views = batch.get("aug_index", torch.zeros_like(videos))
        of_videos = batch.get("video_label", labels)
        self.val_metrics.update(logits, torch.stack([labels, of_videos], 1), videos, batch["clip_index"], views)

    def results(self, device: torch.device) -> dict[str, torch.Tensor]:
        """``loss`` of the clips, and the metrics of the videos by name."""
        self.val_metrics.add_nothing(device)
        values, precisions = self.val_metrics.compute()
        self.val_metrics.reset()
        if precisions is not None:
            self.tables = {
                "classes": [
                    {"class": name, "videos": number, "average_precision": None if number == 0 else precision}
                    for name, number, precision in zip(self.classes, *precisions, strict=True)
                ]
            }
        return values


class VideoLabels(ClipScores):
    """Loss of clips, and metrics of videos, each clip counted once.

    Args:
        count: number of labels.
        loss: of logits (N, classes) and labels (N, classes).
        metrics: by name, of probabilities and labels.
        over_views: how clips become a video.
    """

    def __init__(self, count: int, loss: nn.Module, metrics: Mapping[str, Metric], over_views: OverViews) -> None:
        super().__init__()
        self._count, self._max = count, over_views == "max"
        self._of_videos = (loss, dict(metrics))  # in a tuple, so that they are not submodules

    def add_nothing(self, device: torch.device) -> None:
        """What a rank without a clip adds, so that all ranks gather tensors of the same form."""
        none = torch.zeros(0, dtype=torch.int64, device=device)
        self.update(
            torch.zeros(0, self._count, device=device), torch.zeros(0, 2, self._count, device=device), none, none, none
        )

    def compute(self) -> tuple[dict[str, torch.Tensor], tuple[list[int], list[float]] | None]:
        """The figures, and for each label the number of videos that have it and its average precision."""
        found = self.once()
        if found is None:
            return {}, None
        logits, labels, of_clip = found
        loss, metrics = self._of_videos
        values = {"loss": loss(logits, labels[:, 0].to(logits.dtype))}
        videos, which = torch.unique(of_clip, return_inverse=True)
        rows = which[:, None].expand(-1, self._count)
        nothing = torch.zeros(len(videos), self._count, device=logits.device)
        how = "amax" if self._max else "mean"
        scores = nothing.scatter_reduce(0, rows, logits.sigmoid(), how, include_self=False)
        truth = nothing.scatter_reduce(0, rows, labels[:, 1].to(nothing.dtype), "amax", include_self=False)
        counted = truth.any(1)
        scores, truth = scores[counted], truth[counted].long()
        for name, metric in metrics.items():
            values[name] = value_of(name, metric, scores, truth)
        return values, (truth.sum(0).tolist(), average_precisions(scores, truth).tolist())
