"""What an evaluation found: the scores of each video, and the figures that follow from them."""

from __future__ import annotations

import functools
from typing import Any, Literal

import torch
from attrs import define, frozen

from ptv_datasets import Failure


@frozen(eq=False)
class VideoScores:
    """What a model says about one video.

    Attributes:
        path: of the video.
        label: the number of its class among the model's.
        views: how many were averaged.
        scores: (classes), the mean over the views of the probabilities.
        view_ranks: for each view, how many classes have a higher score than the right one.
        view_loss: the mean over the views of the negative logarithm of the right class's probability.
    """

    path: str
    label: int
    views: int
    scores: torch.Tensor
    view_ranks: tuple[int, ...]
    view_loss: float

    @property
    def rank(self) -> int:
        """How many classes have a higher score than the right one."""
        return rank_of(self.scores, self.label)

    @property
    def loss(self) -> float:
        """The negative logarithm of the right class's score."""
        return loss_of(self.scores, self.label)

    @property
    def predicted(self) -> int:
        """The number of the class with the highest score."""
        return int(self.scores.argmax())


@frozen
class ClassAccuracy:
    """How many videos a class has, and how many of them are predicted right."""

    name: str
    videos: int
    right: int

    @property
    def accuracy(self) -> float:
        """The share that is right."""
        return self.right / self.videos


@define(frozen=True, slots=False, eq=False)
class Evaluation:
    """A model's scores on labelled videos.

    Attributes:
        model: what the model was asked for by.
        data: what the videos were asked for by.
        views: such as ``10x3``, or ``dataset`` where the dataset's own sampler chose the clips.
        weights: ``random`` if the model was never trained, so that nothing here means anything.
        categories: names of the model's classes.
        videos: in the order of the dataset, without those that were skipped.
        skipped: the videos that were left out, each with its cause.
    """

    model: str
    data: str
    views: str
    weights: Literal["trained", "random"]
    categories: tuple[str, ...]
    videos: tuple[VideoScores, ...]
    skipped: tuple[Failure, ...]

    @functools.cached_property
    def metrics(self) -> dict[str, float]:
        """``top1`` and ``top5`` (with five classes or more), per video and per view (``view_top1``), as shares.

        ``mean_class_accuracy`` is the mean over the classes that have videos. ``loss`` is the mean of the videos', and
        ``view_loss`` that of the views'.
        """
        views = sum(video.views for video in self.videos)
        found: dict[str, float] = {}
        for k in (1, 5):
            if k <= len(self.categories):
                found[f"top{k}"] = sum(video.rank < k for video in self.videos) / len(self.videos)
        found["mean_class_accuracy"] = sum(c.accuracy for c in self.classes) / len(self.classes)
        found["loss"] = sum(video.loss for video in self.videos) / len(self.videos)
        for k in (1, 5):
            if k <= len(self.categories):
                found[f"view_top{k}"] = sum(rank < k for v in self.videos for rank in v.view_ranks) / views
        found["view_loss"] = sum(video.view_loss * video.views for video in self.videos) / views
        return found

    @functools.cached_property
    def classes(self) -> tuple[ClassAccuracy, ...]:
        """The classes that have videos, in the model's order."""
        confusion = self.confusion
        return tuple(
            ClassAccuracy(name, int(confusion[number].sum()), int(confusion[number, number]))
            for number, name in enumerate(self.categories)
            if confusion[number].any()
        )

    @functools.cached_property
    def confusion(self) -> torch.Tensor:
        """(classes, classes): how many videos of the row's class are predicted as the column's."""
        counts = torch.zeros(len(self.categories), len(self.categories), dtype=torch.int64)
        for video in self.videos:
            counts[video.label, video.predicted] += 1
        return counts

    def worst(self, count: int) -> list[VideoScores]:
        """The videos with the highest loss, that one first."""
        return sorted(self.videos, key=lambda video: -video.loss)[:count]

    def to_dict(self) -> dict[str, Any]:
        """JSON data: the metrics, the classes, and what was skipped."""
        return {
            "model": self.model,
            "data": self.data,
            "views": self.views,
            "weights": self.weights,
            "videos": len(self.videos),
            "metrics": self.metrics,
            "classes": [{"class": c.name, "videos": c.videos, "accuracy": c.accuracy} for c in self.classes],
            "skipped": [failure._asdict() for failure in self.skipped],
        }


def rank_of(scores: torch.Tensor, label: int) -> int:
    """How many classes come before this one: those with a higher score, and of equal ones those with a lower number."""
    return int((scores > scores[label]).sum() + (scores[:label] == scores[label]).sum())


def loss_of(scores: torch.Tensor, label: int) -> float:
    """The negative logarithm of a score."""
    return -float(scores[label].double().clamp_min(1e-12).log())
