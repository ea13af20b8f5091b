"""The folder of an evaluation: figures, classes, confusion matrix and every video's prediction as files."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ptv_registry.errors import ArgumentError
from ptv_train.errors import ReportError
from ptv_train.evaluation.result import Evaluation

METRICS: Final = "metrics.json"
PREDICTIONS: Final = "predictions.csv"
PARQUET: Final = "predictions.parquet"
_TOP: Final = 5
_WORST: Final = 100


class Report:
    """Writes evaluations into a folder; each file appears whole or not at all.

    - ``metrics.json``: :meth:`Evaluation.to_dict`, and what ``about`` holds.
    - ``predictions.csv``: per video its path, class, predicted class and score, rank of the right class, loss, and the
      five best classes; with ``parquet`` as ``predictions.parquet`` too. ``worst.csv``: the 100 of highest loss.
    - ``classes.csv``: per class its videos and accuracy.
    - ``confusion.csv``, ``confusion.png``: rows are the videos' classes, columns the predicted ones.
    - ``skipped.csv``: the videos that were left out, where there are any.

    Args:
        folder: made here, so that one that cannot be written is known before the work.
        parquet: whether Parquet is wanted too.
        overwrite: whether a report that lies there is replaced.

    Raises:
        ReportError: the folder cannot be written, or holds a report.
        ArgumentError: Parquet is wanted, and pyarrow is not installed.
    """

    def __init__(self, folder: str | Path, *, parquet: bool = False, overwrite: bool = False) -> None:
        self.folder = Path(folder)
        self._parquet = parquet
        if parquet and importlib.util.find_spec("pyarrow") is None:
            raise ArgumentError("Parquet needs pyarrow: pip install pyarrow; predictions.csv is written without it")
        if (self.folder / METRICS).exists() and not overwrite:
            raise ReportError(
                f"{self.folder} holds a report; choose another folder, or --overwrite", path=str(self.folder)
            )
        self._made = [parent for parent in (self.folder, *self.folder.parents) if not parent.exists()]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write("probe", b"")
            (self.folder / "probe").unlink()
        except OSError as error:
            raise self._failed(error) from error

    def discard(self) -> None:
        """Remove the folders that were made, where nothing has been written."""
        for folder in self._made:
            try:
                folder.rmdir()
            except OSError:
                return

    def write(self, evaluation: Evaluation, **about: Any) -> None:
        """Write all files.

        Args:
            evaluation: what was found.
            **about: further entries of ``metrics.json``.

        Raises:
            ReportError: a file cannot be written.
        """
        from ptv_train.evaluation.confusion_picture import draw_confusion, shown_classes

        rows = [_row(evaluation, number) for number in range(len(evaluation.videos))]
        names = evaluation.categories
        shown = shown_classes(evaluation)
        confusion = evaluation.confusion[shown][:, shown].tolist()
        picture = io.BytesIO()
        draw_confusion(evaluation, picture)
        # What proves a whole report comes last.
        skipped, metrics = self.folder / "skipped.csv", self.folder / METRICS
        try:
            metrics.unlink(missing_ok=True)
            skipped.unlink(missing_ok=True)
            self._csv(PREDICTIONS, list(rows[0]), (row.values() for row in rows))
            worst = sorted(rows, key=lambda row: -row["loss"])[:_WORST]
            self._csv("worst.csv", list(rows[0]), (row.values() for row in worst))
            classes = ((c.name, c.videos, c.right, f"{c.accuracy:.6f}") for c in evaluation.classes)
            self._csv("classes.csv", ["class", "videos", "right", "accuracy"], classes)
            table = ([names[number], *row] for number, row in zip(shown, confusion, strict=True))
            self._csv("confusion.csv", ["class", *(names[number] for number in shown)], table)
            self._write("confusion.png", picture.getvalue())
            if evaluation.skipped:
                self._csv("skipped.csv", ["path", "error", "message"], evaluation.skipped)
            if self._parquet:
                self._write(PARQUET, _parquet(rows))
            data = {**evaluation.to_dict(), **about}
            self._write(METRICS, (json.dumps(data, indent=1) + "\n").encode())
        except OSError as error:
            raise self._failed(error) from error

    def _csv(self, name: str, header: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        self._write(name, text.getvalue().encode("utf-8", "surrogateescape"))

    def _write(self, name: str, content: bytes) -> None:
        part = self.folder / f".{name}.{uuid.uuid4().hex[:8]}"
        try:
            part.write_bytes(content)
            os.replace(part, self.folder / name)
        finally:
            part.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> ReportError:
        cause = error.strerror or str(error)
        return ReportError(
            f"the report cannot be written to {self.folder}: {cause}; choose another folder", path=str(self.folder)
        )


def _row(evaluation: Evaluation, number: int) -> dict[str, Any]:
    video, names = evaluation.videos[number], evaluation.categories
    best = video.scores.topk(min(_TOP, len(names)))
    row: dict[str, Any] = {
        "path": video.path,
        "class": names[video.label],
        "predicted": names[video.predicted],
        "right": video.rank == 0,
        "score": float(video.scores[video.predicted]),
        "class_score": float(video.scores[video.label]),
        "rank": video.rank + 1,
        "loss": video.loss,
        "views": video.views,
    }
    for place, (score, index) in enumerate(zip(best.values.tolist(), best.indices.tolist(), strict=True), 1):
        row[f"top{place}"], row[f"top{place}_score"] = names[index], score
    return row


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()
