"""A metric."""

import torch
from torchmetrics import Metric


class MineMetric(Metric):
    """Mean probability that is given to the right class; replace it with your metric.

    Args:
        num_classes: number of classes.
    """

    total: torch.Tensor
    count: torch.Tensor

    def __init__(self, num_classes: int = 2) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.add_state("total", torch.zeros(()), dist_reduce_fx="sum")
        self.add_state("count", torch.zeros(()), dist_reduce_fx="sum")

    def update(self, scores: torch.Tensor, labels: torch.Tensor) -> None:
        """Scores (N, classes), logits or probabilities, and numbers of classes (N)."""
        logits = bool((scores < 0).any() or (scores > 1).any())
        shares = scores.softmax(1) if logits else scores
        self.total += shares.gather(1, labels[:, None]).sum()
        self.count += len(labels)

    def compute(self) -> torch.Tensor:
        """The mean of all that was seen."""
        return self.total / self.count
