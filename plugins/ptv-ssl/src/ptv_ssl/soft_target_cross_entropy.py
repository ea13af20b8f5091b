"""Cross entropy with soft targets."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import nn
from torch.nn import functional as F

from ptv_registry.errors import ArgumentError

Reduction = Literal["mean", "none"]


class SoftTargetCrossEntropyLoss(nn.Module):
    """Cross entropy of logits (B, C) with targets that may be several or soft, as those of mixup.

    Args:
        ignore_index: samples of this class do not count: where the targets are numbers, those equal to it (-100 is
            the number that marks a sample without label); where they are weights, those with a positive weight in this
            column, if there is such a column.
        reduction: ``mean`` over the samples that count, 0 if there are none; or ``none`` for the loss of each sample,
            0 where it does not count.
        normalize_targets: divide the weights of each sample by their sum.

    Raises:
        ArgumentError: the reduction is unknown.
    """

    def __init__(self, ignore_index: int = -100, reduction: Reduction = "mean", normalize_targets: bool = True) -> None:
        super().__init__()
        if reduction not in get_args(Reduction):
            msg = f"reduction={reduction!r} is not one of {list(get_args(Reduction))}"
            raise ArgumentError(msg, argument="reduction", value=reduction)
        self.ignore_index = ignore_index
        self.reduction = reduction
        self.normalize_targets = normalize_targets

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar, or (B,) without reduction.

        Args:
            input: logits (B, C).
            target: weights (B, C), or numbers of classes (B,).

        Raises:
            ArgumentError: the target has another shape, or is a number of no class and not to be ignored.
        """
        counts, weights = self._of_numbers(input, target) if target.dim() == 1 else self._of_weights(input, target)
        if self.normalize_targets:
            weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=torch.finfo(weights.dtype).eps)
        losses = -(weights * F.log_softmax(input, dim=1)).sum(dim=1)
        losses = losses.masked_fill(~counts, 0)
        return losses if self.reduction == "none" else losses.sum() / counts.sum().clamp(min=1)

    def _of_numbers(self, input: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Which samples count, and their targets as weights."""
        if input.dim() != 2 or len(input) != len(target):
            raise _wrong_shape(input, target)
        target = target.long()
        counts = target != self.ignore_index
        wrong = counts & ((target < 0) | (target >= input.shape[1]))
        if not (torch.compiler.is_compiling() or target.is_meta) and bool(wrong.any()):
            msg = (
                f"the targets {target[wrong].tolist()} are not classes: they must be from 0 to {input.shape[1] - 1}, or "
                f"ignore_index={self.ignore_index}"
            )
            raise ArgumentError(msg, argument="target", value=target[wrong].tolist())
        return counts, F.one_hot(target.masked_fill(~counts, 0), input.shape[1]).to(_weight_type(input))

    def _of_weights(self, input: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if input.dim() != 2 or input.shape != target.shape:
            raise _wrong_shape(input, target)
        if 0 <= self.ignore_index < input.shape[1]:
            counts = target[:, self.ignore_index] <= 0
        else:
            counts = torch.ones(len(target), dtype=torch.bool, device=target.device)
        return counts, target.to(_weight_type(input))


def _weight_type(input: torch.Tensor) -> torch.dtype:
    return torch.promote_types(input.dtype, torch.float32)


def _wrong_shape(input: torch.Tensor, target: torch.Tensor) -> ArgumentError:
    msg = (
        f"the target has shape {tuple(target.shape)} and the input {tuple(input.shape)}: with an input (batch, classes) "
        "the target is (batch, classes) or (batch,)"
    )
    return ArgumentError(msg, argument="target", value=tuple(target.shape))
