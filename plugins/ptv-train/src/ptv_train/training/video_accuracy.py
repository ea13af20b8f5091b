"""Accuracies of a validation over its clips and videos, each clip counted once, over all ranks."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from ptv_registry.errors import ArgumentError


class ClipScores(Metric):
    """Scores of clips; one that comes again, on any rank, counts once."""

    full_state_update = False
    logits: list[torch.Tensor] | torch.Tensor
    labels: list[torch.Tensor] | torch.Tensor
    clips: list[torch.Tensor] | torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("logits", "labels", "clips"):
            self.add_state(name, default=[], dist_reduce_fx="cat")

    def update(
        self, logits: torch.Tensor, labels: torch.Tensor, videos: torch.Tensor, clips: torch.Tensor, views: torch.Tensor
    ) -> None:
        """Add clips.

        Args:
            logits: (B, classes).
            labels: (B), or (B, ...) where a clip has several.
            videos, clips, views: (B), the number of the video, of the clip in it and of its augmentation.
        """
        self.logits.append(logits.detach().float())  # type: ignore[union-attr]
        self.labels.append(labels)  # type: ignore[union-attr]
        self.clips.append(torch.stack([videos, clips, views], dim=1))  # type: ignore[union-attr]

    def once(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None:
        """Logits, labels and videos of every clip, in the order of the clips; ``None`` if there is none.

        After the ranks were gathered a state is one tensor, before it a list.
        """
        if not len(self.clips):
            return None
        logits, labels, clips = dim_zero_cat(self.logits), dim_zero_cat(self.labels), dim_zero_cat(self.clips)
        if not len(clips):
            return None
        order = torch.unique(clips, dim=0, return_inverse=True)[1]
        first = torch.full((int(order.max()) + 1,), len(order), device=order.device)
        first = first.scatter_reduce(0, order, torch.arange(len(order), device=order.device), "amin")
        return logits[first], labels[first], clips[first, 0]

    def compute(self) -> object:
        """What subclasses make of it."""
        raise NotImplementedError


class VideoAccuracy(ClipScores):
    """Share of videos whose label has the highest mean score over their clips."""

    def compute(self) -> torch.Tensor:
        """A number in [0, 1]; NaN if no clip was added."""
        found = self.once()
        return torch.tensor(torch.nan) if found is None else _video_accuracy(*found)


class ValidationMetrics(ClipScores):
    """Loss and metrics of the clips, and the accuracy per video.

    Args:
        num_classes: number of classes.
        loss: of logits (N, classes) and labels (N).
        metrics: by name, of logits (N, classes) and labels (N).
    """

    def __init__(self, num_classes: int, loss: nn.Module, metrics: Mapping[str, Metric]) -> None:
        super().__init__()
        self._num_classes = num_classes
        self._of_clips = (loss, dict(metrics))  # in a tuple, so that they are not submodules

    def add_nothing(self, device: torch.device) -> None:
        """What a rank without a clip adds, so that all ranks gather tensors of the same form."""
        none = torch.zeros(0, dtype=torch.int64, device=device)
        self.update(torch.zeros(0, self._num_classes, device=device), none, none, none, none)

    def compute(self) -> dict[str, torch.Tensor]:
        """``loss``, the metrics, and ``video_top1``.

        Raises:
            ArgumentError: a metric gives no single number.
        """
        found = self.once()
        if found is None:
            return {}
        logits, labels, videos = found
        loss, metrics = self._of_clips
        values = {"loss": loss(logits, labels)}
        for name, metric in metrics.items():
            values[name] = value_of(name, metric, logits, labels)
        return {**values, "video_top1": _video_accuracy(logits, labels, videos)}


def value_of(name: str, metric: Metric, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """A metric of clips that all ranks have gathered already."""
    metric.sync_on_compute = False
    metric.to(logits.device).reset()
    metric.update(logits, labels)
    value = metric.compute()
    metric.reset()
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        kind = tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
        raise ArgumentError(f"metric {name} gives {kind}, and a validation logs one number")
    return value.reshape(())


def _video_accuracy(logits: torch.Tensor, labels: torch.Tensor, of_clip: torch.Tensor) -> torch.Tensor:
    scores = logits.softmax(-1)
    videos, which = torch.unique(of_clip, return_inverse=True)
    total = torch.zeros(len(videos), scores.shape[1], device=scores.device).index_add_(0, which, scores)
    truth = torch.zeros(len(videos), dtype=labels.dtype, device=labels.device).scatter_(0, which, labels)
    return (total.argmax(1) == truth).float().mean()
