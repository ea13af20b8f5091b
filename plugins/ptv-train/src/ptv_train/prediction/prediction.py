"""``Prediction``: what a model says about a video, window by window."""

from __future__ import annotations

from typing import Any, Literal

import torch
from attrs import frozen

Weights = Literal["trained", "random"]


@frozen
class Window:
    """Scores of one window: seconds [start_s, end_s) of the video, and one probability per class."""

    start_s: float
    end_s: float
    scores: torch.Tensor


@frozen
class Prediction:
    """What a model says about a video.

    Attributes:
        video: its path.
        duration_s: its length in seconds.
        categories: names of the classes.
        weights: ``random`` if the model was never trained, so that the scores mean nothing.
        windows: in order of time.
    """

    video: str
    duration_s: float
    categories: tuple[str, ...]
    weights: Weights
    windows: tuple[Window, ...]

    @property
    def scores(self) -> torch.Tensor:
        """The mean over the windows, one probability per class."""
        return torch.stack([window.scores for window in self.windows]).mean(0)

    def top(self, k: int = 5, window: Window | None = None) -> list[tuple[str, float]]:
        """The ``k`` best classes with their scores, of a window or of the whole video."""
        scores = self.scores if window is None else window.scores
        best = scores.topk(min(k, len(scores)))
        return [(self.categories[i], float(s)) for s, i in zip(best.values, best.indices.tolist(), strict=True)]

    def to_dict(self, k: int = 5) -> dict[str, Any]:
        """JSON data with the ``k`` best classes of each window and of the whole video."""

        def rows(window: Window | None = None) -> list[dict[str, Any]]:
            return [{"class": name, "score": round(score, 6)} for name, score in self.top(k, window)]

        return {
            "video": self.video,
            "duration_s": round(self.duration_s, 6),
            "weights": self.weights,
            "top": rows(),
            "windows": [
                {"start_s": round(w.start_s, 6), "end_s": round(w.end_s, 6), "top": rows(w)} for w in self.windows
            ],
        }


class PredictionInterrupted(KeyboardInterrupt):
    """Ctrl-C after some windows of a video.

    Attributes:
        prediction: of the windows until then; its ``duration_s`` is that of the whole video.
    """

    def __init__(self, prediction: Prediction) -> None:
        super().__init__()
        self.prediction = prediction
