"""The picture of a prediction: frames of the video above, scores over time below."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ptv_registry.files import write_bytes
from ptv_train.prediction.prediction import Prediction
from ptv_train.prediction.report import segments
from ptv_video.opening import open_video

_FRAMES: Final = 8

#: With more windows than this lines become a barcode: a ribbon and a heat map show them.
_LINES: Final = 60

#: Columns of the heat map; where there are more windows, a column is the mean of several.
_COLUMNS: Final = 600

_PICTURE_SIDE: Final = 240


def draw(prediction: Prediction, path: str | Path, *, classes: int | None = None) -> None:
    """Write a PNG with frames of the video and the scores of the best classes over time.

    Few windows are lines; many are a ribbon, coloured by the first class of each moment, above a heat map.

    Args:
        prediction: whose video is still where it was.
        path: of the PNG.
        classes: how many classes are shown, those with the highest mean among the best of any window; by default 5
            lines, or 10 rows of a heat map.
    """
    pictures, times = _frames(prediction.video)
    many = len(prediction.windows) > _LINES
    figure = Figure(figsize=(12, 6.2), layout="constrained")
    rows = figure.add_gridspec(3, _FRAMES, height_ratios=[1, 0.22, 2] if many else [1, 0.001, 2.2])
    for column, (picture, time) in enumerate(zip(pictures, times, strict=True)):
        axes = figure.add_subplot(rows[0, column])
        axes.imshow(picture)
        axes.set_title(f"{time:.1f} s", fontsize=9)
        axes.set_axis_off()
    scores = torch.stack([window.scores for window in prediction.windows]).numpy()
    if many:
        shown = _shown(scores, classes or 10)
        below = figure.add_subplot(rows[2, :])
        _heat_map(figure, below, prediction, scores, shown)
        _ribbon(figure.add_subplot(rows[1, :], sharex=below), prediction, shown)
    else:
        _lines(figure.add_subplot(rows[1:, :]), prediction, scores, _shown(scores, classes or 5))
    notice = "  (random weights: the scores are meaningless)" if prediction.weights == "random" else ""
    figure.suptitle(f"{Path(prediction.video).name}{notice}")
    png = io.BytesIO()
    figure.savefig(png, dpi=110, format="png")
    write_bytes(Path(path), png.getvalue())


def _shown(scores: np.ndarray, count: int) -> list[int]:
    """The classes that are first most often, then those with the highest score in any window."""
    first = np.bincount(scores.argmax(1), minlength=scores.shape[1])
    order: list[int] = np.lexsort((-scores.max(0), -first)).tolist()
    return order[:count]


def _lines(axes: Any, prediction: Prediction, scores: np.ndarray, shown: list[int]) -> None:
    for index in shown:
        label = prediction.categories[index]
        axes.stairs(scores[:, index], _edges(prediction), label=label, linewidth=2.2, baseline=None)
    axes.set(xlim=(0, prediction.duration_s), ylim=(-0.02, 1.02), xlabel="time (s)", ylabel="score")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def _heat_map(figure: Figure, axes: Any, prediction: Prediction, scores: np.ndarray, shown: list[int]) -> None:
    edges, values = np.array(_edges(prediction)), scores[:, shown]
    joined = -(-len(values) // _COLUMNS)
    starts = np.arange(0, len(values), joined)
    counts = np.diff([*starts, len(values)])
    means = np.add.reduceat(values, starts, axis=0) / counts[:, None]
    columns = np.append(edges[starts], edges[-1])
    mesh = axes.pcolormesh(columns, np.arange(len(shown) + 1), means.T, vmin=0, vmax=1, cmap="viridis")
    axes.set(xlim=(0, prediction.duration_s), xlabel="time (s)")
    axes.set_yticks(np.arange(len(shown)) + 0.5, [prediction.categories[index] for index in shown])
    for rank, label in enumerate(axes.get_yticklabels()):
        label.set_color(_colour(rank))
    axes.invert_yaxis()
    figure.colorbar(mesh, ax=axes, format=PercentFormatter(1.0), pad=0.01, label="score")


def _ribbon(axes: Any, prediction: Prediction, shown: list[int]) -> None:
    colours = {prediction.categories[index]: _colour(rank) for rank, index in enumerate(shown)}
    for segment in segments(prediction):
        length = segment.end_s - segment.start_s
        colour = colours.get(segment.category, "lightgrey")
        axes.broken_barh([(segment.start_s, length)], (0, 1), facecolors=[colour], linewidth=0)
        if length * 60 > len(segment.category) * prediction.duration_s:
            middle = segment.start_s + length / 2
            axes.text(middle, 0.5, segment.category, ha="center", va="center", color="white", fontsize=9, clip_on=True)
    axes.set(ylim=(0, 1), yticks=[])
    axes.set_ylabel("first", rotation=0, ha="right", va="center")
    axes.tick_params(labelbottom=False)


def _colour(rank: int) -> Any:
    return colormaps["tab10"](rank % 10)


def _edges(prediction: Prediction) -> list[float]:
    return [window.start_s for window in prediction.windows] + [prediction.windows[-1].end_s]


def _frames(video: str) -> tuple[list[np.ndarray], list[float]]:
    with (
        open_video(video, decode_audio=False) as opened,
        opened.stream_clips(
            [(0, opened.duration)],
            select=lambda count: [_evenly(i, count) for i in range(_FRAMES)],
            each_frame=_small,
        ) as stream,
    ):
        clip = next(stream)
    return [frame.permute(1, 2, 0).numpy() for frame in clip["video"].unbind(1)], clip["pts"].tolist()


def _small(frame: torch.Tensor) -> torch.Tensor:
    step = max(1, min(frame.shape[-2:]) // _PICTURE_SIDE)
    return frame[..., ::step, ::step]


def _evenly(index: int, count: int) -> int:
    return index * (count - 1) // (_FRAMES - 1)
