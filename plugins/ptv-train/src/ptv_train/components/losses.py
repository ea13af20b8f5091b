"""Losses of torch as components of kind ``loss``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.checks import check_share


def cross_entropy(label_smoothing: float = 0.0, class_weights: Sequence[float] | None = None) -> nn.CrossEntropyLoss:
    """Cross entropy of logits (B, classes) with numbers of classes (B), or with shares of classes (B, classes).

    Args:
        label_smoothing: share of the target that is spread evenly over all classes, in [0, 1).
        class_weights: how much a clip of each class counts, in the order of the classes; ``None`` for 1.

    Raises:
        ArgumentError: an argument is out of range.
    """
    check_share("label_smoothing", label_smoothing)
    return nn.CrossEntropyLoss(weight=checked_weights("class_weights", class_weights), label_smoothing=label_smoothing)


def binary_cross_entropy(
    label_smoothing: float = 0.0, positive_weights: Sequence[float] | None = None
) -> BinaryCrossEntropy:
    """Cross entropy of each label by itself: logits (B, classes) with labels or shares of them, (B, classes) in [0, 1].

    Args:
        label_smoothing: labels of 0 and 1 become half of this and 1 less half of this, in [0, 1).
        positive_weights: for each label, how much a clip that has it counts, per clip that does not; ``None`` for 1.

    Raises:
        ArgumentError: an argument is out of range.
    """
    return BinaryCrossEntropy(label_smoothing, positive_weights)


class BinaryCrossEntropy(nn.Module):
    """See :func:`binary_cross_entropy`."""

    weights: torch.Tensor | None

    def __init__(self, label_smoothing: float, positive_weights: Sequence[float] | None) -> None:
        super().__init__()
        check_share("label_smoothing", label_smoothing)
        self.label_smoothing = label_smoothing
        self.register_buffer("weights", checked_weights("positive_weights", positive_weights), persistent=False)

    def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The mean over clips and labels, a scalar.

        Raises:
            ArgumentError: there is another number of weights than of labels.
        """
        if self.weights is not None and len(self.weights) != logits.shape[1]:
            raise ArgumentError(
                f"positive_weights are {len(self.weights)}, and there are {logits.shape[1]} labels; give one for each",
                argument="positive_weights",
            )
        labels = labels * (1 - self.label_smoothing) + self.label_smoothing / 2
        return nn.functional.binary_cross_entropy_with_logits(logits, labels, pos_weight=self.weights)


def checked_weights(name: str, weights: Sequence[float] | None) -> torch.Tensor | None:
    """Weights as a tensor.

    Raises:
        ArgumentError: one is not a number above 0.
    """
    if weights is None:
        return None
    for weight in weights:
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
            raise ArgumentError(f"{name}={list(weights)!r}: {weight!r} is not a number above 0", argument=name)
    return torch.tensor([float(weight) for weight in weights])
