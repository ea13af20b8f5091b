"""Losses of torch as components of kind ``loss``."""

from __future__ import annotations

from torch import nn

from ptv_train.checks import check_share


def cross_entropy(label_smoothing: float = 0.0) -> nn.CrossEntropyLoss:
    """Cross entropy of logits (B, classes) with numbers of classes (B), or with shares of classes (B, classes).

    Args:
        label_smoothing: share of the target that is spread evenly over all classes, in [0, 1).

    Raises:
        ArgumentError: ``label_smoothing`` is out of range.
    """
    check_share("label_smoothing", label_smoothing)
    return nn.CrossEntropyLoss(label_smoothing=label_smoothing)
