"""The command ``eval``; torch is imported when it runs, and Lightning never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ptv_registry.cli.options import ComponentName, json_option, quiet_option

if TYPE_CHECKING:
    from ptv_train.evaluation.result import Evaluation

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
    """Report the accuracy of MODEL on labelled videos, averaging the scores of each video's views.

    MODEL is a checkpoint, the folder of an exported model, a lock, or a spec with --weights. The dataset's classes are
    found among the model's by name, and may be a part of them.
    """
    from ptv_registry.errors import ArgumentError
    from ptv_train.clip_recipe import read_changes
    from ptv_train.evaluation.evaluation import evaluate as run
    from ptv_train.evaluation.report import Report

    if parquet and out is None:
        raise ArgumentError("--parquet needs --out, the folder to write to")
    report = None if out is None else Report(out, parquet=parquet, overwrite=overwrite)
    try:
        found = run(
            model,
            data,
            views=views,
            weights=weights,
            seconds=clip_seconds,
            transform=transform,
            changes=read_changes(changes),
            categories=None if classes is None else _names(classes),
            batch_size=batch_size,
            workers=workers,
            device=device,
            on_error=on_error,
            progress=not (quiet or as_json),
            trust=trust,
            sha256=sha256,
        )
    except BaseException:
        if report is not None:
            report.discard()
        raise
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
