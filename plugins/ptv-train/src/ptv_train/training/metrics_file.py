"""``metrics.csv``: the figures of a run, growing over its resumes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import TensorBoardLogger

from ptv_registry.errors import OutputError
from ptv_registry.files import write_text


class MetricsFile:
    """Writes each row at once.

    Args:
        path: the file. It is not touched before there is a row to write.
        steps_done: rows up to this step are kept when a run goes on; those after it come again. 0 begins anew.
    """

    def __init__(self, path: Path, steps_done: int = 0) -> None:
        self._path, self._steps_done = path, steps_done
        self._columns: list[str] = []

    def write(self, epoch: int, step: int, values: dict[str, float]) -> None:
        """Add a row.

        Args:
            epoch: number of the epoch, from 0.
            step: optimizer steps done.
            values: the figures, by name.

        Raises:
            OutputError: the file cannot be written.
        """
        row: dict[str, Any] = {"epoch": epoch, "step": step, **values}
        if set(row) <= set(self._columns):
            self._append(row)
            return
        before = _read(self._path) if self._columns else self._kept()
        rows = [*before, row]
        self._columns = list(dict.fromkeys(name for row in rows for name in row))
        write_text(self._path, _text(rows, self._columns, header=True))

    def _kept(self) -> list[dict[str, Any]]:
        return [row for row in _read(self._path) if int(row["step"]) <= self._steps_done] if self._steps_done else []

    def _append(self, row: dict[str, Any]) -> None:
        try:
            with open(self._path, "a", encoding="utf-8", newline="") as file:
                file.write(_text([row], self._columns, header=False))
        except OSError as error:
            message = f"{self._path}: cannot be written: {error.strerror or error}"
            raise OutputError(message, path=str(self._path)) from error


class Events(TensorBoardLogger):
    """TensorBoard's events, without the file of hyperparameters, which ``run.yaml`` replaces."""

    def save(self) -> None:
        """Write what waits."""
        self.experiment.flush()


def _read(path: Path) -> list[dict[str, Any]]:
    """The whole rows; what a power cut left of one is dropped."""
    if not path.is_file():
        return []
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    rows = list(csv.DictReader(io.StringIO(whole)))
    return [row for row in rows if None not in row.values() and (row.get("step") or "").isdigit()]


def _text(rows: list[dict[str, Any]], columns: list[str], *, header: bool) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
