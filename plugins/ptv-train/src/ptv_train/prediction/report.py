"""A prediction for people and for other programs: merged segments, CSV, subtitles."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from attrs import evolve, frozen

from ptv_registry.files import write_bytes, write_text
from ptv_train.prediction.prediction import Prediction


@frozen
class Segment:
    """A stretch, in seconds, in which one class is the first in every window; its score is the mean over these."""

    start_s: float
    end_s: float
    category: str
    score: float


def segments(prediction: Prediction) -> tuple[Segment, ...]:
    """Neighbouring windows with the same first class as one; where two segments overlap, they part in the middle."""
    found: list[Segment] = []
    scores: list[float] = []
    for window in prediction.windows:
        ((name, score),) = prediction.top(1, window)
        if found and found[-1].category == name:
            scores.append(score)
            found[-1] = evolve(found[-1], end_s=window.end_s, score=sum(scores) / len(scores))
            continue
        start = window.start_s
        if found and start < found[-1].end_s:
            start = (start + found[-1].end_s) / 2
            found[-1] = evolve(found[-1], end_s=start)
        scores = [score]
        found.append(Segment(start, window.end_s, name, score))
    return tuple(found)


def as_data(prediction: Prediction) -> list[dict[str, Any]]:
    """The segments as JSON data."""
    return [
        {
            "start_s": round(segment.start_s, 6),
            "end_s": round(segment.end_s, 6),
            "class": segment.category,
            "score": round(segment.score, 6),
        }
        for segment in segments(prediction)
    ]


def lines(prediction: Prediction, top: int) -> Iterator[str]:
    """What is printed: the best classes of the whole video, and its segments."""
    count = len(prediction.windows)
    yield f"{prediction.video}: {seconds(prediction.duration_s)} s, {count} window{'s' if count > 1 else ''}"
    for name, score in prediction.top(top):
        yield f"  {score:7.2%}  {name}"
    rows = [
        (f"{seconds(s.start_s)} to {seconds(s.end_s)} s", s.category, percent(s.score)) for s in segments(prediction)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for span, name, score_text in rows:
        yield f"  {span:>{widths[0]}}  {name:<{widths[1]}}  {score_text:>{widths[2]}}"


def write_csv(predictions: Sequence[Prediction], path: str | Path, top: int) -> None:
    """Writes a row for each of the ``top`` best classes of each window: video, start, end, rank, class, score."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["video", "start_s", "end_s", "rank", "class", "score"])
    for prediction in predictions:
        for window in prediction.windows:
            span = [round(window.start_s, 6), round(window.end_s, 6)]
            for rank, (name, score) in enumerate(prediction.top(top, window), start=1):
                rows.writerow([prediction.video, *span, rank, name, round(score, 6)])
    write_bytes(Path(path), text.getvalue().encode("utf-8", "surrogateescape"))


def write_srt(prediction: Prediction, path: str | Path) -> None:
    """Writes the segments as subtitles that players show over the video."""
    text = io.StringIO()
    for number, segment in enumerate(segments(prediction), start=1):
        _subtitle(text, number, segment)
    write_text(Path(path), text.getvalue())


def _subtitle(file: TextIO, number: int, segment: Segment) -> None:
    times = f"{_timestamp(segment.start_s)} --> {_timestamp(segment.end_s)}"
    file.write(f"{number}\n{times}\n{segment.category} {percent(segment.score)}\n\n")


def _timestamp(time_s: float) -> str:
    milliseconds = round(time_s * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02},{rest % 1000:03}"


def seconds(time_s: float) -> str:
    """To a tenth, and whole seconds without it."""
    return f"{time_s:.1f}".removesuffix(".0")


def percent(score: float) -> str:
    """A share as whole percent."""
    return f"{score * 100:.0f} %"
