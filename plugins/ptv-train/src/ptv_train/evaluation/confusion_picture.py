"""The picture of a confusion matrix: the classes of the videos from top to bottom, what was predicted from left to right."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

import matplotlib
import numpy as np
from matplotlib.colors import ListedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ptv_train.evaluation.result import Evaluation

_MOST_NUMBERED: Final = 16
_MOST_NAMED: Final = 60
_LONGEST_NAME: Final = 28


def draw_confusion(evaluation: Evaluation, path: str | Path | IO[bytes]) -> None:
    """Write a PNG in which each row's colours are shares of the row's videos.

    Up to 16 classes have their counts in the cells, up to 60 their names at the edges; more are colours alone.

    Args:
        evaluation: whose classes with videos, or predicted for one, are shown.
        path: of the PNG, or an open file.
    """
    shown = shown_classes(evaluation)
    counts = evaluation.confusion[shown][:, shown].numpy()
    totals = counts.sum(1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    names = [_short(evaluation.categories[number]) for number in shown]
    named, numbered = len(shown) <= _MOST_NAMED, len(shown) <= _MOST_NUMBERED
    side = min(max(0.62 * len(shown), 3.2), 9) if numbered else 9.0
    margin = 0.085 * max(map(len, names)) if named else 0.0
    figure = Figure(figsize=(side + margin + 2.2, side + margin + 1.2), layout="constrained")
    axes = figure.add_subplot()
    # The square root of the share, so that a rare confusion among many classes is seen.
    # Nothing is white, and the palest colour stands out from it, so that one cell of many is seen.
    colours = ListedColormap(matplotlib.colormaps["Blues"](np.linspace(0.2 if named else 0.4, 1, 256)))
    image = axes.imshow(np.ma.masked_equal(shares, 0), cmap=colours, norm=PowerNorm(0.5, 0, 1), interpolation="nearest")
    if named:
        size = 10 if numbered else max(5.0, 9 - len(shown) / 20)
        axes.set_xticks(range(len(shown)), names, rotation=90, fontsize=size)
        axes.set_yticks(range(len(shown)), names, fontsize=size)
        axes.set_xticks(np.arange(len(shown) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(shown) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="0.9", linewidth=0.6)
        axes.tick_params(which="both", length=0)
    else:
        axes.tick_params(labelsize=9)
    if numbered:
        for row, column in np.argwhere(counts > 0):
            colour = "white" if shares[row, column] > 0.3 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=10)
    more = "" if named else f" (by its number among the {len(shown)} in confusion.csv)"
    axes.set(xlabel=f"predicted class{more}", ylabel="class of the video")
    axes.set_title(f"top-1 {evaluation.metrics['top1']:.1%} of {len(evaluation.videos)} videos", fontsize=11)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, ticks=[0, 0.05, 0.25, 0.5, 1], label="share of the row's videos")
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    figure.savefig(path, dpi=110, format="png")


def shown_classes(evaluation: Evaluation) -> list[int]:
    """The classes that have videos or are predicted for one, in the model's order."""
    confusion = evaluation.confusion
    return [number for number in range(len(confusion)) if confusion[number].any() or confusion[:, number].any()]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
