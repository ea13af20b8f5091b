"""Accuracy per video: the scores of a video's clips are averaged before they are compared with its label."""

from __future__ import annotations

import torch
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat


class VideoAccuracy(Metric):
    """Share of videos whose label has the highest mean score over their clips.

    Works over several processes; a clip that a sampler repeats to fill up the last batch counts once.
    """

    full_state_update = False
    scores: list[torch.Tensor]
    labels: list[torch.Tensor]
    clips: list[torch.Tensor]

    def __init__(self) -> None:
        super().__init__()
        for name in ("scores", "labels", "clips"):
            self.add_state(name, default=[], dist_reduce_fx="cat")

    def update(
        self, logits: torch.Tensor, labels: torch.Tensor, videos: torch.Tensor, clips: torch.Tensor, views: torch.Tensor
    ) -> None:
        """Add clips.

        Args:
            logits: (B, classes).
            labels: (B).
            videos, clips, views: (B), the number of the video, of the clip in it and of its augmentation.
        """
        self.scores.append(logits.detach().float().softmax(-1))
        self.labels.append(labels)
        self.clips.append(torch.stack([videos, clips, views], dim=1))

    def compute(self) -> torch.Tensor:
        """A number in [0, 1]; NaN if no clip was added."""
        if not self.scores:
            return torch.tensor(torch.nan)
        scores, labels, clips = dim_zero_cat(self.scores), dim_zero_cat(self.labels), dim_zero_cat(self.clips)
        order = torch.unique(clips, dim=0, return_inverse=True)[1]
        first = torch.full((int(order.max()) + 1,), len(order), device=order.device)
        first = first.scatter_reduce(0, order, torch.arange(len(order), device=order.device), "amin")
        scores, labels, clips = scores[first], labels[first], clips[first]
        videos, which = torch.unique(clips[:, 0], return_inverse=True)
        total = torch.zeros(len(videos), scores.shape[1], device=scores.device).index_add_(0, which, scores)
        truth = torch.zeros(len(videos), dtype=labels.dtype, device=labels.device).scatter_(0, which, labels)
        return (total.argmax(1) == truth).float().mean()
