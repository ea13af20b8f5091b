"""What a run was asked for, as data: for ``run.yaml``, for the comparison when it goes on, and the locks of its parts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence, Sized
from typing import Any

from attrs import frozen

import ptv_registry
from ptv_registry import Spec
from ptv_registry.errors import UnfreezableError
from ptv_registry.redaction import without_secrets
from ptv_train.run.parts import Part, part, with_arguments
from ptv_train.tasks.data import TaskData
from ptv_train.training.task import Task


@frozen
class RunParts:
    """The components of a run.

    Attributes:
        task, optimizer, schedule: one of each; the task has its loss and its metrics.
        batch_transforms, callbacks: any number, in order.
    """

    task: Part
    optimizer: Part
    schedule: Part
    batch_transforms: tuple[Part, ...]
    callbacks: tuple[Part, ...]

    @property
    def data(self) -> TaskData:
        """How the datasets of the task are made."""
        return data_of(self.task)

    def to_settings(self) -> dict[str, Any]:
        """Specs with all defaults written out; those of loss and metrics beside that of the task."""
        task = self.task.resolved
        loss, metrics = task.args.get("loss"), task.args.get("metric")
        apart = {name: value for name, value in task.args.items() if name not in ("loss", "metric")}
        found = () if metrics is None else metrics if isinstance(metrics, tuple) else (metrics,)
        return {
            "task": str(Spec(task.name, apart, task.kind, task.dist)),
            "loss": None if loss is None else str(loss),
            "metrics": [str(metric) for metric in found],
            "optimizer": str(self.optimizer.resolved),
            "schedule": str(self.schedule.resolved),
            "batch_transforms": [str(each.resolved) for each in self.batch_transforms],
            "callbacks": [str(each.resolved) for each in self.callbacks],
        }

    def locks(self) -> dict[str, Any]:
        """The lock of each component."""
        return {
            "task": lock_of(self.task.plan),
            "optimizer": lock_of(self.optimizer.plan),
            "schedule": lock_of(self.schedule.plan),
            "batch_transforms": [lock_of(each.plan) for each in self.batch_transforms],
            "callbacks": [lock_of(each.plan) for each in self.callbacks],
        }


def parts_of(
    *,
    task: Any,
    loss: Any,
    metrics: Sequence[Any],
    optimizer: Any,
    schedule: Any,
    batch_transforms: Sequence[Any],
    callbacks: Sequence[Any],
    lr: float | None,
    weight_decay: float | None,
    warmup: float | None,
    label_smoothing: float | None,
) -> RunParts:
    """The components that settings mean; those that are single numbers set the argument of the component that has it.

    Raises:
        PtvError: a spec names nothing, or arguments that the component does not take; an argument is given twice.
    """
    if label_smoothing is not None:
        loss = with_arguments(ptv_registry.parse(loss or "cross_entropy"), {"label_smoothing": label_smoothing})
    of_task: dict[str, Any] = {} if loss is None else {"loss": ptv_registry.parse(loss)}
    if metrics:
        of_task["metric"] = tuple(ptv_registry.parse(metric) for metric in metrics)
    return RunParts(
        part("task", task, **of_task),
        part("optimizer", optimizer, **_given(lr=lr, weight_decay=weight_decay)),
        part("schedule", schedule, **_given(warmup=warmup)),
        tuple(part("batch_transform", spec) for spec in batch_transforms),
        tuple(part("callback", spec) for spec in callbacks),
    )


def data_of(task: Part) -> TaskData:
    """How the datasets of a task are made."""
    arguments = {name: argument.value for name, argument in task.plan.root.arguments.items()}
    found: TaskData = getattr(task.plan.root.target, "data", Task.data)(arguments)
    return found


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def lock_of(built: Any) -> dict[str, Any] | None:
    """The lock of a plan, or of what was built; ``None`` for what has no name."""
    try:
        lock: dict[str, Any] = json.loads(ptv_registry.freeze(built))
    except UnfreezableError:
        return None
    return lock


def plain(value: Any) -> Any:
    """A value of a spec as YAML can hold it: components as their text."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Spec) else value


def describe(data: Any) -> str | None:
    """A dataset or model, as its spec where there is one, for the record of a run; without passwords."""
    if data is None:
        return None
    if isinstance(data, str | ptv_registry.Spec):
        return without_secrets(str(data))
    if isinstance(data, os.PathLike):
        return without_secrets(os.fspath(data))
    if isinstance(data, Mapping):
        return without_secrets(str(ptv_registry.parse(data)))
    return f"{type(data).__name__} of {len(data)}" if isinstance(data, Sized) else type(data).__name__
