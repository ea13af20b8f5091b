"""The command ``eval``; torch is imported when it runs, and Lightning never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ptv_registry.cli.options import ComponentName, json_option, quiet_option

if TYPE_CHECKING:
    from ptv_train.clip_recipe import ClipRecipe
    from ptv_train.evaluation.result import Evaluation
    from ptv_train.tasks.evaluation import TaskEvaluation

_MOST_LISTED: Final = 10
_LABELS: Final = {
    "top1": "top-1",
    "top5": "top-5",
    "mean_class_accuracy": "mean class accuracy",
    "loss": "loss",
    "view_top1": "top-1 of single views",
    "view_top5": "top-5 of single views",
    "view_loss": "loss of single views",
}


@click.command("eval")
@click.argument("model", type=ComponentName("model"))
@click.option("--data", required=True, help="Folder of class folders, label file, or spec of a labelled dataset.")
@click.option("--weights", help="Weights for the spec of a model: a published name, a file, or an address.")
@click.option("--task", type=ComponentName("task"), help="What is measured; by default what the model was taught.")
@click.option(
    "--views",
    metavar="CLIPSxCROPS",
    help="Views of each video, such as 10x3; those of the published weights by default, else 1x1.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report.")
@click.option("--overwrite", is_flag=True, help="Replace a report in that folder.")
@click.option("--parquet", is_flag=True, help="Also write predictions as Parquet; needs pyarrow.")
@click.option("--batch-size", default=8, show_default=True, help="Views per step.")
@click.option("--workers", default=2, show_default=True, help="Threads that decode video while the model runs.")
@click.option("--on-error", type=click.Choice(["raise", "skip"]), help="What to do with broken videos.")
@click.option(
    "--classes", type=click.Path(exists=True, dir_okay=False), help="File of the model's class names, one per line."
)
@click.option("--input", "changes", help='Change the model\'s input, such as "num_frames=8, crop=64".')
@click.option("--clip-seconds", type=float, help="Length of a clip, overriding the model's.")
@click.option("--transform", type=ComponentName("transform"), help="Spec of the transform, overriding the model's.")
@click.option("--device", "--accelerator", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, ...")
@click.option("--trust", is_flag=True, help="Load an exported model even if it is, or may contain, code.")
@click.option("--sha256", help="Required checksum of the checkpoint or exported model.")
@quiet_option
@json_option
def evaluate(
    model: str,
    data: str,
    weights: str | None,
    task: str | None,
    views: str | None,
    out: Path | None,
    overwrite: bool,
    parquet: bool,
    batch_size: int,
    workers: int,
    on_error: Any,
    classes: str | None,
    changes: str | None,
    clip_seconds: float | None,
    transform: str | None,
    device: str,
    trust: bool,
    sha256: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Report the accuracy of MODEL on labelled videos, averaging the scores of each video's views; or what its task measures.

    MODEL is a checkpoint, the folder of an exported model, a lock, or a spec with --weights. The dataset's classes are
    found among the model's by name, and may be a part of them.
    """
    from ptv_registry.errors import ArgumentError
    from ptv_train.clip_recipe import read_changes
    from ptv_train.evaluation.evaluation import evaluate as run
    from ptv_train.evaluation.report import Report
    from ptv_train.model_source import load_source

    if parquet and out is None:
        raise ArgumentError("--parquet needs --out, the folder to write to")
    report = None if out is None else Report(out, parquet=parquet, overwrite=overwrite)
    try:
        source = load_source(
            model,
            weights=weights,
            seconds=clip_seconds,
            transform=transform,
            categories=None if classes is None else _names(classes),
            device=device,
            changes=read_changes(changes),
            trust=trust,
            sha256=sha256,
        )
        show = not (quiet or as_json)
        asked = _task_of(task, source.recipe)
        if asked is None:
            found = run(
                source, data, views=views, batch_size=batch_size, workers=workers, on_error=on_error, progress=show
            )
        else:
            from ptv_train.evaluation.views import Views
            from ptv_train.tasks.evaluation import evaluate_task

            if parquet:
                raise ArgumentError(f"--parquet is for classification, and this is {asked}")
            measured = evaluate_task(
                source,
                data,
                task=asked,
                views=None if views is None else Views.parse(views),
                batch_size=batch_size,
                workers=workers,
                on_error=on_error,
                progress=show,
            )
    except BaseException:
        if report is not None:
            report.discard()
        raise
    if asked is not None:
        _tell(measured, out, overwrite, as_json)
        return
    if report is not None:
        report.write(found)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1))
        return
    print_evaluation(found)
    if report is not None:
        click.echo(
            f"Wrote {report.folder}: metrics.json, predictions.csv, worst.csv, classes.csv, confusion.csv and .png"
        )


def _task_of(asked: str | None, recipe: ClipRecipe) -> str | None:
    """The spec of the task that is measured; ``None`` for classification, which has an evaluation of its own."""
    from ptv_registry import parse

    told = recipe.task or ("multi_label" if recipe.scores in ("per_label", "label_logits") else "classification")
    spec = asked or told
    return None if parse(spec).name == "classification" else spec


def _tell(measured: TaskEvaluation, out: Path | None, overwrite: bool, as_json: bool) -> None:
    """Print and write what the evaluation of a task found."""
    if out is not None:
        measured.write(out, overwrite=overwrite)
    if as_json:
        click.echo(json.dumps(measured.to_dict(), indent=1))
        return
    click.echo(f"{measured.model} on {measured.data}, {measured.views} views each: {measured.task}")
    if measured.weights == "random":
        click.echo(
            "The model has random weights, so these figures are meaningless; pass a checkpoint or --weights.", err=True
        )
    for name, value in measured.metrics.items():
        click.echo(f"  {name:<22} {value:>8.4f}")
    _rows(
        f"Skipped {len(measured.skipped)} videos",
        [f"{failure.path}: {failure.error}: {failure.message}" for failure in measured.skipped],
    )
    if out is not None:
        click.echo(f"Wrote {out}: metrics.json, {', '.join(f'{name}.csv' for name in measured.tables)}")


def _names(path: str) -> list[str]:
    from ptv_datasets.annotations.label_files import read_class_names

    return read_class_names(path)


def print_evaluation(found: Evaluation) -> None:
    """The metrics, the classes with the lowest accuracy, the videos with the highest loss, and what was skipped."""
    how = "clips of the dataset's sampler" if found.views == "dataset" else f"{found.views} views each"
    click.echo(f"{found.model} on {found.data}: {len(found.videos)} videos, {how}")
    if found.weights == "random":
        click.echo(
            "The model has random weights, so these figures are meaningless; pass a checkpoint or --weights.", err=True
        )
    for name, value in found.metrics.items():
        shown = f"{value:.4f}" if name.endswith("loss") else f"{value:.2%}"
        click.echo(f"  {_LABELS[name]:<22} {shown:>8}")
    _rows(
        "Classes" if len(found.classes) <= _MOST_LISTED else f"The {_MOST_LISTED} classes with the lowest accuracy",
        [
            f"{c.accuracy:>8.2%}  {c.right} of {c.videos}  {c.name}"
            for c in sorted(found.classes, key=lambda c: c.accuracy)[:_MOST_LISTED]
        ],
    )
    wrong = [video for video in found.worst(_MOST_LISTED) if video.rank]
    names = found.categories
    _rows(
        "Wrong, highest loss first",
        [f"{v.loss:>8.2f}  {v.path}: {names[v.predicted]}, and is {names[v.label]}" for v in wrong],
    )
    _rows(
        f"Skipped {len(found.skipped)} of {len(found.skipped) + len(found.videos)} videos",
        [f"{failure.path}: {failure.error}: {failure.message}" for failure in found.skipped],
    )


def _rows(title: str, rows: list[str]) -> None:
    if rows:
        click.echo(f"{title}:")
    for row in rows:
        click.echo(f"  {row}")
