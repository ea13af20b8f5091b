"""A loss."""

import torch
from torch import nn


class MineLoss(nn.Module):
    """The cross entropy, with more weight for clips that are hard to tell (https://arxiv.org/abs/1708.02002).

    Args:
        gamma: how much more; 0 is the cross entropy.
    """

    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        if gamma < 0:
            raise ValueError(f"gamma={gamma!r} must be at least 0")
        self.gamma = gamma

    def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Logits (B, classes) and numbers of classes (B), or shares of them (B, classes), to one number."""
        if labels.ndim == 1:
            labels = nn.functional.one_hot(labels, logits.shape[1]).to(logits.dtype)
        logs = logits.log_softmax(1)
        return -(labels * (1 - logs.exp()) ** self.gamma * logs).sum(1).mean()
