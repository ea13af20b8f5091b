"""Metrics of torchmetrics as components of kind ``metric``: of scores (N, classes) and numbers of classes (N).

That of several labels takes vectors of labels (N, classes) instead of numbers.
"""

from __future__ import annotations

import torch
from torchmetrics import Metric
from torchmetrics.classification import MulticlassAccuracy
from torchmetrics.functional.classification import binary_average_precision
from torchmetrics.utilities import dim_zero_cat

from ptv_registry.errors import ArgumentError


def top1(num_classes: int) -> Metric:
    """Share of clips whose class has the highest score.

    Args:
        num_classes: number of classes.
    """
    return MulticlassAccuracy(num_classes, top_k=1, average="micro")


def top5(num_classes: int) -> Metric:
    """Share of clips whose class is among the five highest scores.

    Args:
        num_classes: number of classes.

    Raises:
        ArgumentError: there are fewer than five.
    """
    if num_classes < 5:
        raise ArgumentError(f"top5 needs at least 5 classes, and there are {num_classes}; take top1")
    return MulticlassAccuracy(num_classes, top_k=5, average="micro")


def mean_class_accuracy(num_classes: int) -> Metric:
    """Mean over the classes that occur of the share of their clips that is found, so that rare classes count as much.

    Args:
        num_classes: number of classes.
    """
    return MulticlassAccuracy(num_classes, top_k=1, average="macro")


def mean_average_precision(num_classes: int) -> Metric:
    """Mean over the labels that occur of the area under precision and recall, of probabilities and vectors of labels.

    Args:
        num_classes: number of labels.
    """
    return MeanAveragePrecision(num_classes)


class MeanAveragePrecision(Metric):
    """See :func:`mean_average_precision`."""

    full_state_update = False
    scores: list[torch.Tensor]
    labels: list[torch.Tensor]

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        if num_classes < 1:
            raise ArgumentError(f"num_classes={num_classes!r} must be at least 1")
        for name in ("scores", "labels"):
            self.add_state(name, default=[], dist_reduce_fx="cat")

    def update(self, scores: torch.Tensor, labels: torch.Tensor) -> None:
        """Add probabilities (N, classes) and labels (N, classes), zeros and ones."""
        if scores.shape != labels.shape:
            raise ArgumentError(
                f"mean_average_precision is of vectors of labels; scores are {tuple(scores.shape)}, and labels "
                f"{tuple(labels.shape)}"
            )
        self.scores.append(scores.detach())
        self.labels.append(labels)

    def compute(self) -> torch.Tensor:
        """A number in [0, 1]; NaN where no label occurs."""
        return average_precisions(dim_zero_cat(self.scores), dim_zero_cat(self.labels)).nanmean()


def average_precisions(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """For each label the mean, over what has it, of the precision down to its score; NaN where nothing has it.

    Args:
        scores: (N, classes) in [0, 1].
        labels: (N, classes), zeros and ones.

    Returns:
        (classes).
    """
    found = torch.full((labels.shape[1],), torch.nan, device=scores.device)
    for number in labels.any(0).nonzero().flatten().tolist():
        found[number] = binary_average_precision(scores[:, number], labels[:, number].long())
    return found
