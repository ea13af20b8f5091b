"""The picture of a prediction: frames of the video above, scores over time below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ptv_train.predictor import Prediction
from ptv_video.opening import open_video

_FRAMES = 8


def draw(prediction: Prediction, path: str | Path, *, classes: int = 5) -> None:
    """Write a PNG with frames of the video and the scores of the best classes over time.

    Args:
        prediction: whose video is still where it was.
        path: of the PNG.
        classes: how many classes have a line; those with the highest score in any window.
    """
    pictures, times = _frames(prediction.video)
    figure = Figure(figsize=(12, 6.2), layout="constrained")
    rows = figure.add_gridspec(2, _FRAMES, height_ratios=[1, 2.2])
    for column, (picture, time) in enumerate(zip(pictures, times, strict=True)):
        axes = figure.add_subplot(rows[0, column])
        axes.imshow(picture)
        axes.set_title(f"{time:.1f} s", fontsize=9)
        axes.set_axis_off()
    axes = figure.add_subplot(rows[1, :])
    highest = np.stack([window.scores.numpy() for window in prediction.windows]).max(0)
    for index in np.argsort(-highest)[:classes]:
        edges = [w.start_s for w in prediction.windows] + [prediction.windows[-1].end_s]
        values = [float(w.scores[index]) for w in prediction.windows]
        axes.stairs(values, edges, label=prediction.categories[index], linewidth=2.2, baseline=None)
    axes.set(xlim=(0, prediction.duration_s), ylim=(-0.02, 1.02), xlabel="time (s)", ylabel="score")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    notice = "  (random weights: the scores mean nothing)" if prediction.weights == "random" else ""
    figure.suptitle(f"{Path(prediction.video).name}{notice}")
    figure.savefig(path, dpi=110)


def _frames(video: str) -> tuple[list[np.ndarray], list[float]]:
    with open_video(video, decode_audio=False) as opened:
        clip = opened.get_clip(0, opened.duration, select=lambda count: [_evenly(i, count) for i in range(_FRAMES)])
    return [frame.permute(1, 2, 0).numpy() for frame in clip["video"].unbind(1)], clip["pts"].tolist()


def _evenly(index: int, count: int) -> int:
    return index * (count - 1) // (_FRAMES - 1)
