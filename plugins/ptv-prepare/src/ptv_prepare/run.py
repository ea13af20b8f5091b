"""Making many outputs: in parallel, restartable, with a policy for broken sources and a report at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Protocol, get_args

from tqdm import tqdm

from ptv_datasets import BrokenVideoError, Failure
from ptv_prepare.journal import Journal, measure
from ptv_prepare.workers import default_jobs, perform
from ptv_registry.errors import ArgumentError
from ptv_registry.files import appearing, clear_temporaries

OnError = Literal["skip", "raise"]

_REMEDY: Final = "give on_error='skip' to go on without"


class Recipe(Protocol):
    """What makes an output: called with a source, the path to write and a function to call as a sign of life."""

    def __call__(self, source: str, target: Path, alive: Callable[[], None]) -> dict[str, Any]:
        """Writes the file or folder; returns facts about it for the journal."""


class Task(NamedTuple):
    """One output: the path of its source, its path below the output folder, and how it is made.

    ``origin`` is the file whose change means that the output is made anew, and its name below the source folder.
    """

    source: str
    output: str
    recipe: Recipe
    origin: tuple[str, str]
    target: Path


@dataclass(frozen=True)
class Settings:
    """How the work is done, whatever the dataset.

    Attributes:
        jobs: processes; None for one per CPU, 0 for this process.
        overwrite: make everything anew, over files of others too.
        on_error: ``"skip"`` leaves broken sources out and reports them, ``"raise"`` stops at the first.
        timeout_s: seconds without progress after which a source counts as broken.
        progress: show a progress bar.
    """

    jobs: int | None = None
    overwrite: bool = False
    on_error: OnError = "skip"
    timeout_s: float | None = 300
    progress: bool = False

    def __post_init__(self) -> None:
        if self.on_error not in get_args(OnError):
            raise ArgumentError(
                f"on_error={self.on_error!r} is not a policy; choose from {', '.join(get_args(OnError))}"
            )
        if self.jobs is not None and self.jobs < 0:
            raise ArgumentError(f"jobs={self.jobs} is not a number of processes; 0 works in this one")
        if self.timeout_s is not None and self.timeout_s <= 0:
            raise ArgumentError(f"timeout_s={self.timeout_s} is not a positive number of seconds; None waits forever")

    @property
    def processes(self) -> int:
        """The number of worker processes."""
        return default_jobs() if self.jobs is None else self.jobs


DEFAULTS: Final = Settings()


@dataclass
class Report:
    """What a preparation did.

    Attributes:
        out: the output folder.
        made: how many outputs were made.
        complete: how many were complete before.
        failures: the sources that are broken, with the cause.
        missing: what the annotations name and the source folder lacks.
        lists: the files that datasets read, by what they are.
    """

    out: str
    made: int = 0
    complete: int = 0
    failures: list[Failure] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    lists: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**self.__dict__, "failures": [failure._asdict() for failure in self.failures]}


def make_all(
    journal: Journal, tasks: Sequence[Task], settings: Settings, report: Report, title: str
) -> dict[str, dict[str, Any]]:
    """Makes what is not complete; the facts of all outputs that are there in the end, by output.

    Raises:
        BrokenVideoError: a source is broken, if the policy is ``"raise"``.
        OutputError: the disk is full or the like.
    """
    facts: dict[str, dict[str, Any]] = {}
    pending: list[Task] = []
    recipes: dict[str, str] = {}
    for task in tasks:
        try:
            recipes[task.output] = _identity(task)
        except OSError as error:
            _failed(report, settings, Failure.of(task.source, error))
            continue
        known = None if settings.overwrite else journal.facts(task.output, recipes[task.output])
        if known is not None:
            facts[task.output] = known
            report.complete += 1
        elif not (settings.overwrite or journal.knows(task.output)) and measure(task.target) is not None:
            reason = f"{task.target} exists and was not made by this command; overwrite replaces it"
            _failed(report, settings, Failure(task.source, "FileExistsError", reason))
        else:
            pending.append(task)
    journal.begin(task.output for task in pending)
    bar = tqdm(
        total=len(tasks), initial=len(tasks) - len(pending), desc=title, unit="video", disable=not settings.progress
    )
    try:
        work = perform(_make, pending, jobs=settings.processes, timeout_s=settings.timeout_s)
        with bar, closing(work):  # so that the processes have ended before their files are cleared
            for task, result in work:
                if isinstance(result, Failure):
                    _failed(report, settings, result)
                    bar.set_postfix(broken=len(report.failures))
                else:
                    facts[task.output] = result
                    report.made += 1
                    journal.finish(task.output, recipes[task.output], result)
                bar.update()
    finally:
        clear_temporaries(task.target.parent for task in pending)
    return facts


def _make(task: Task, alive: Callable[[], None]) -> dict[str, Any]:
    with appearing(task.target) as temporary:
        return task.recipe(task.source, temporary, alive)


def _identity(task: Task) -> str:
    path, name = task.origin
    status = os.stat(path)
    return f"{name} {status.st_size} {status.st_mtime_ns} {task.recipe!r}"


def _failed(report: Report, settings: Settings, failure: Failure) -> None:
    report.failures.append(failure)
    if settings.on_error == "raise":
        raise BrokenVideoError.of([failure], _REMEDY)


def distinct(tasks: Sequence[Task], settings: Settings, report: Report) -> list[Task]:
    """The tasks but those whose output is that of another one."""
    first: dict[str, Task] = {}
    for task in tasks:
        other = first.setdefault(task.output, task)
        if other is not task:
            message = f"would be written as {task.output}, as {other.source} is; rename one"
            _failed(report, settings, Failure(task.source, "FileExistsError", message))
    return list(first.values())
