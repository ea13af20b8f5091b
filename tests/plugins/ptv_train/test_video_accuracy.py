"""Accuracy per video."""

from __future__ import annotations

import pytest
import torch

from ptv_train.training.video_accuracy import VideoAccuracy


def _update(metric: VideoAccuracy, rows: list[tuple[list[float], int, int, int]]) -> None:
    logits, labels, videos, clips = zip(*rows, strict=True)
    metric.update(
        torch.tensor(logits),
        torch.tensor(labels),
        torch.tensor(videos),
        torch.tensor(clips),
        torch.zeros(len(rows), dtype=torch.long),
    )


def test_scores_of_a_videos_clips_are_averaged() -> None:
    metric = VideoAccuracy()
    # Video 0: one clip is wrong by little, the other right by much. Video 1: wrong. In two batches.
    _update(metric, [([0.0, 0.1], 0, 0, 0), ([0.0, 5.0], 0, 1, 0)])
    _update(metric, [([5.0, 0.0], 0, 0, 1)])

    assert 0.5 == float(metric.compute())


def test_a_repeated_clip_counts_once() -> None:
    metric = VideoAccuracy()
    # Without the repetition the second clip decides.
    _update(metric, [([1.0, 0.0], 1, 0, 0), ([0.0, 2.0], 1, 0, 1), ([1.0, 0.0], 1, 0, 0), ([1.0, 0.0], 1, 0, 0)])

    assert 1.0 == float(metric.compute())


def test_states_that_the_ranks_gathered_are_tensors() -> None:
    metric = VideoAccuracy()
    _update(metric, [([0.0, 5.0], 1, 0, 0), ([5.0, 0.0], 1, 1, 0)])
    for name in ("logits", "labels", "clips"):
        setattr(metric, name, torch.cat(getattr(metric, name)))

    assert 0.5 == float(metric.compute())


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric:UserWarning")
def test_nothing_gives_no_number() -> None:
    assert torch.isnan(VideoAccuracy().compute())
