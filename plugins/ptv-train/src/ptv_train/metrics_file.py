"""``metrics.csv``: the figures of a run, growing over its resumes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.utilities.rank_zero import rank_zero_only

from ptv_registry.errors import OutputError
from ptv_registry.files import write_text


class MetricsFile(Logger):
    """Writes each row at once.

    Args:
        path: the file. It is not touched before there is a row to write.
        steps_done: rows up to this many steps are kept when a run goes on; those after it come again. 0 begins anew.
    """

    def __init__(self, path: Path, steps_done: int) -> None:
        super().__init__()
        self._path, self._steps_done = path, steps_done
        self._rows: list[dict[str, Any]] = []
        self._columns: list[str] = []
        self._begun = False

    @property
    def name(self) -> str:
        """Nothing: Lightning makes folders of it."""
        return ""

    @property
    def version(self) -> str:
        """Nothing: Lightning makes folders of it."""
        return ""

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: ``run.yaml`` has them."""

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Add a row.

        Raises:
            OutputError: the file cannot be written.
        """
        row = {**metrics, "step": step}
        if self._begun and set(row) <= set(self._columns):
            self._append(row)
            return
        if not self._begun:
            self._rows = self._kept()
            self._begun = True
        self._rows = self._rows if not self._columns else _read(self._path)
        self._rows.append(row)
        self._columns = sorted({name for row in self._rows for name in row})
        write_text(self._path, _text(self._rows, self._columns, header=True))

    def _kept(self) -> list[dict[str, Any]]:
        return [row for row in _read(self._path) if int(row["step"]) < self._steps_done] if self._steps_done else []

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
