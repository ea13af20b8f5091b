"""An explanation as video, picture and array."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import torch
from matplotlib import colormaps
from matplotlib.figure import Figure
from torch.nn import functional

from ptv_explain.explanation import ExplainedWindow, Explanation
from ptv_registry.files import write_bytes
from ptv_video.writing import VideoWriter

#: Smaller pictures are enlarged to so many lines in the video.
_LINES: Final = 256

_STRIP_FRAMES, _STRIP_WINDOWS = 8, 6

#: How much of the picture the hottest place hides.
_COVER: Final = 0.65


def heated(window: ExplainedWindow) -> np.ndarray:
    """The frames of a window with their heat, uint8 (T, H, W, 3): the hotter a place, the more colour covers it."""
    heat = window.heat.numpy()[..., None]
    colours = colormaps["inferno"](window.heat.numpy())[..., :3] * 255
    grey = window.frames.numpy().astype(np.float32)
    alpha = _COVER * heat
    return np.asarray((grey * (1 - alpha) + colours * alpha).round().astype(np.uint8))


def write_heat_video(explanation: Explanation, path: str | Path) -> None:
    """Writes what the model saw, and beside it the same with the heat, at the speed of the video."""
    first = explanation.windows[0]
    enlarged = max(1, -(-_LINES // first.frames.shape[1]))
    height, width = (side * enlarged for side in first.frames.shape[1:3])
    begin, tick = 0.0, Fraction(1, 90_000)
    fps = len(first.frames) / (first.end_s - first.start_s)
    with VideoWriter(path, (height, 2 * width), max(fps, 1.0), options={"crf": "18"}, time_base=tick) as writer:
        for window in explanation.windows:
            step = (window.end_s - window.start_s) / len(window.frames)
            pair = np.concatenate(
                [_grown(window.frames, enlarged), _grown(torch.from_numpy(heated(window)), enlarged)], 2
            )
            for number, picture in enumerate(pair):
                writer.write(picture, begin + number * step)
            begin += window.end_s - window.start_s


def write_heat_strip(explanation: Explanation, path: str | Path) -> None:
    """Writes a PNG: a row of frames with their heat for each window, at most six, spread over the video."""
    count = len(explanation.windows)
    rows = min(count, _STRIP_WINDOWS)
    chosen = [explanation.windows[round(i * (count - 1) / max(rows - 1, 1))] for i in range(rows)]
    columns = min(_STRIP_FRAMES, *(len(window.frames) for window in chosen))
    figure = Figure(figsize=(1.55 * columns + 2.2, 1.62 * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    for row, window in zip(grid, chosen, strict=True):
        pictures = heated(window)
        for column, axes in enumerate(row):
            axes.imshow(pictures[round(column * (len(pictures) - 1) / max(columns - 1, 1))])
            axes.set(xticks=[], yticks=[])
        label = f"{window.start_s:.1f} to {window.end_s:.1f} s\n{_wrapped(window.category)}\n{window.score:.0%}"
        row[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=9)
    figure.suptitle(f"{Path(explanation.video).name}: {explanation.method} of {explanation.layer}", fontsize=10)
    png = io.BytesIO()
    figure.savefig(png, dpi=110, format="png")
    write_bytes(Path(path), png.getvalue())


def write_heat_array(explanation: Explanation, path: str | Path) -> None:
    """Writes an ``.npz``: ``heat`` float16 (windows, T, H, W), ``times`` (windows, 2) in seconds, ``classes``,
    ``scores``, ``layer``, ``method``."""
    data = io.BytesIO()
    np.savez_compressed(
        data,
        heat=np.stack([window.heat.numpy().astype(np.float16) for window in explanation.windows]),
        times=np.array([(window.start_s, window.end_s) for window in explanation.windows]),
        classes=np.array([window.category for window in explanation.windows]),
        scores=np.array([window.score for window in explanation.windows]),
        layer=explanation.layer,
        method=explanation.method,
    )
    write_bytes(Path(path), data.getvalue())


def _grown(pictures: torch.Tensor, times: int) -> np.ndarray:
    if times == 1:
        return np.asarray(pictures.numpy())
    moved = pictures.permute(0, 3, 1, 2).float()
    grown = functional.interpolate(moved, scale_factor=times, mode="bilinear", align_corners=False)
    return np.asarray(grown.round().byte().permute(0, 2, 3, 1).numpy())


def _wrapped(text: str, width: int = 18) -> str:
    lines = [""]
    for word in text.split():
        lines = (
            [*lines, word]
            if lines[-1] and len(lines[-1]) + len(word) >= width
            else [*lines[:-1], f"{lines[-1]} {word}".strip()]
        )
    return "\n".join(lines)
