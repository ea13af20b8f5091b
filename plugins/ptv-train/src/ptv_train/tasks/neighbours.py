"""``Neighbours``: how well the nearest of the features that were seen last tell the class of a clip."""

from __future__ import annotations

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_ssl.gathering import gather_rows

_TEMPERATURE = 0.07


class Neighbours(nn.Module):
    """Remembers the features and classes of the clips of a training, and classifies by the nearest of them.

    Each neighbour votes for its class with ``exp(cosine / 0.07)``, as in https://arxiv.org/abs/1805.01978. What is
    remembered is a buffer, so that a run goes on with it, and the same on all ranks.

    Args:
        size: how many clips are remembered.
        dim: of the features.
        count: how many neighbours vote.

    Raises:
        ArgumentError: a number is not positive.
    """

    features: torch.Tensor
    labels: torch.Tensor
    place: torch.Tensor

    def __init__(self, size: int, dim: int, count: int) -> None:
        super().__init__()
        if min(size, dim, count) < 1:
            raise ArgumentError(f"neighbours={count!r} and remembered={size!r} must be at least 1")
        self.count = count
        self.register_buffer("features", torch.zeros(size, dim))
        self.register_buffer("labels", torch.full((size,), -1, dtype=torch.int64))
        self.register_buffer("place", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def remember(self, features: torch.Tensor, labels: torch.Tensor) -> None:
        """Take in the clips of all ranks.

        Args:
            features: (B, dim).
            labels: (B), -1 for a clip without a class.
        """
        rows, _ = gather_rows(nn.functional.normalize(features.detach().float(), dim=1))
        classes, _ = gather_rows(labels)
        size = len(self.labels)
        rows, classes = rows[-size:], classes[-size:]
        where = torch.arange(len(rows), device=rows.device).add(self.place) % size
        self.features[where], self.labels[where] = rows, classes
        self.place.copy_((self.place + len(rows)) % size)

    @torch.no_grad()
    def classify(self, features: torch.Tensor) -> torch.Tensor | None:
        """The class of each clip, (B); ``None`` while none with a class is remembered."""
        known = self.labels >= 0
        if not bool(known.any()):
            return None
        labels = self.labels[known]
        similar = nn.functional.normalize(features.float(), dim=1) @ self.features[known].T
        best = similar.topk(min(self.count, similar.shape[1]))
        votes = torch.zeros(len(features), int(labels.max()) + 1, device=features.device)
        votes.scatter_add_(1, labels[best.indices], (best.values / _TEMPERATURE).exp())
        return votes.argmax(1)
