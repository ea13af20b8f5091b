"""Metrics of torchmetrics as components of kind ``metric``: of scores (N, classes) and numbers of classes (N)."""

from __future__ import annotations

from torchmetrics import Metric
from torchmetrics.classification import MulticlassAccuracy

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
