"""``evaluate_task``: a model on the data of its task, measured as a validation of the training is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
from attrs import frozen
from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from ptv_cards.scores import as_logits, giving_logits
from ptv_datasets import BrokenVideoError, Failure
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text
from ptv_train.errors import ReportError
from ptv_train.evaluation.data import OnError
from ptv_train.evaluation.views import Views
from ptv_train.model_source import ModelSource
from ptv_train.run.parts import part
from ptv_train.run.settings import data_of
from ptv_train.tasks.data import to_device
from ptv_train.training.task import Task

METRICS: Final = "metrics.json"


@frozen
class TaskEvaluation:
    """What an evaluation found.

    Attributes:
        model, data: what they were asked for by.
        task: its spec.
        views: of each video, such as ``10x3``.
        weights: ``random`` if the model was never trained, so that the figures mean nothing.
        metrics: by name.
        tables: rows by the name of a table, such as the ``classes``.
        skipped: the videos that were left out, each with its cause.
    """

    model: str
    data: str
    task: str
    views: str
    weights: str
    metrics: dict[str, float]
    tables: dict[str, list[dict[str, Any]]]
    skipped: tuple[Failure, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON data, without the tables but that of the classes."""
        return {
            "model": self.model,
            "data": self.data,
            "task": self.task,
            "views": self.views,
            "weights": self.weights,
            "metrics": self.metrics,
            "classes": self.tables.get("classes", []),
            "skipped": [failure._asdict() for failure in self.skipped],
        }

    def write(self, folder: Path, *, overwrite: bool = False) -> None:
        """Write ``metrics.json`` and a CSV file for each table; ``detections.csv`` is as the evaluator of AVA takes it.

        Raises:
            ReportError: the folder holds a report, and ``overwrite`` is false.
            OutputError: a file cannot be written.
        """
        if (folder / METRICS).exists() and not overwrite:
            raise ReportError(f"{folder} holds a report; choose another folder, or --overwrite", path=str(folder))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReportError(
                f"the report cannot be written to {folder}: {error.strerror}", path=str(folder)
            ) from error
        for name, rows in self.tables.items():
            # What evaluators of AVA read has no header.
            write_text(folder / f"{name}.csv", _csv(rows, header=name != "detections"))
        write_text(folder / METRICS, json.dumps(self.to_dict(), indent=1) + "\n")


def evaluate_task(
    source: ModelSource,
    data: Any,
    *,
    task: str | None = None,
    views: Views | None = None,
    batch_size: int = 8,
    workers: int = 2,
    on_error: OnError | None = None,
    progress: bool = True,
) -> TaskEvaluation:
    """Measure a model on the data of its task.

    Args:
        source: the model.
        data: folder, label file, spec of a dataset, or a dataset, as the task takes it.
        task: spec of the task; by default what the model was taught.
        views: of each video; those of the published row whose weights are named by default, else one clip in the middle.
        batch_size: clips per step.
        workers: processes that read videos.
        on_error: ``skip`` goes on without videos that cannot be read, and lists them; ``raise`` by default.
        progress: whether to show a progress bar, where standard error is a terminal.

    Raises:
        ArgumentError: nobody says what the task is or what its classes are called, or the data does not suit.
        BrokenVideoError: a video cannot be read, and ``on_error`` is ``raise``; or none can.
    """
    for name, value, least in (("batch_size", batch_size, 1), ("workers", workers, 0)):
        if value < least:
            raise ArgumentError(f"{name}={value!r} must be at least {least}")
    spec = task or source.recipe.task
    if spec is None:
        raise ArgumentError(f"{source.name} does not say what it was taught; give the task (--task)")
    chosen = part("task", spec)
    reading = data_of(chosen)
    policy = on_error or "raise"
    classes = source.categories
    if classes is None:
        classes = tuple(reading.classes(reading.validation(data, source.recipe, (), on_error=policy)))
    row = source.published
    if views is None and row is not None and row.views is not None:
        crops, clips = row.views
        views = Views(clips, crops)
    dataset = reading.validation(data, source.recipe, classes, on_error=policy, views=views)
    built: Task = chosen.build(classes=classes)
    built.to(source.device).eval()
    loader = DataLoader(dataset, batch_size, num_workers=workers, collate_fn=reading.collate(dataset, classes))
    model, context = _giving_logits(source)
    with context, torch.inference_mode():
        for batch in tqdm(loader, desc="batches", disable=None if progress else True):
            built.validate(model, to_device(batch, source.device))
        metrics = {name: float(value) for name, value in built.results(source.device).items()}
    skipped = tuple(dataset.failures.failures()) if hasattr(dataset, "failures") else ()
    if not metrics:
        raise BrokenVideoError.of(skipped, "none is left")
    return TaskEvaluation(
        source.name,
        str(data),
        str(chosen.resolved),
        str(views or Views()),
        source.weights,
        metrics,
        built.tables,
        skipped,
    )


def _giving_logits(source: ModelSource) -> tuple[Any, Any]:
    """The model as tasks take it, which is as it trains, and the block in which it is so."""
    if isinstance(source.model, nn.Module):
        return source.model, giving_logits(source.model)
    if source.recipe.boxes:
        raise ArgumentError(
            f"{source.name} is an exported model, which takes one box for each clip, and key frames have any number; evaluate "
            "the checkpoint that it was made of"
        )
    return _Logits(source), torch.no_grad()


class _Logits:
    """An exported model whose outputs are made logits again."""

    def __init__(self, source: ModelSource) -> None:
        self._model: Callable[..., Any] = source.model
        self._scores, self._batch = source.recipe.scores, source.batch

    def __call__(self, clips: Any) -> torch.Tensor:
        inputs = list(clips) if isinstance(clips, list | tuple) else [clips]
        size = len(inputs[0])
        if self._batch is not None:  # it knows one size: what is too few is filled up
            missing = -size % self._batch
            inputs = [torch.cat([part, part[-1:].expand(missing, *part.shape[1:])]) for part in inputs]
        output = self._model(inputs if isinstance(clips, list | tuple) else inputs[0])
        return as_logits(output[:size], self._scores)


def _csv(rows: list[dict[str, Any]], *, header: bool) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        if header:
            writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()
