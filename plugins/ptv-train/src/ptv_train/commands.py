"""The commands ``train``, ``eval``, ``predict`` and ``demo``. Lightning and torch are imported when one runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ptv_registry import hookimpl
from ptv_train.predict_command import predict

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
_quiet = click.option("--quiet", is_flag=True, help="No progress bars.")
_batch = click.option("--batch-size", default=8, show_default=True, help="Clips per step.")
_workers = click.option("--workers", default=0, show_default=True, help="Processes that read video.")
_seconds = click.option("--clip-seconds", type=float, help="Length of a clip, where the model does not say it.")
_transform = click.option("--transform", help="Spec of the transform, where the model does not say it.")


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add the commands."""
    for command in (train, evaluate, predict, demo):
        group.add_command(command)


@click.command()
@click.option("--model", required=True, help="Spec or lock file of the model.")
@click.option("--train", "train_spec", required=True, help="Spec of the dataset to train on.")
@click.option("--val", "val_spec", help="Spec of the dataset for metrics after every epoch.")
@click.option("--epochs", default=10, show_default=True, help="How often every clip is seen.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the run.")
@_batch
@click.option("--lr", default=1e-3, show_default=True, help="The highest learning rate.")
@click.option("--optimizer", type=click.Choice(["adamw", "sgd"]), default="adamw", show_default=True)
@click.option("--weight-decay", default=0.05, show_default=True)
@click.option("--label-smoothing", default=0.0, show_default=True)
@_workers
@click.option("--seed", default=0, show_default=True, help="Of the weights.")
@click.option("--resume", is_flag=True, help="Go on from last.ckpt in the folder.")
@click.option("--save-every", type=int, metavar="STEPS", help="Write last.ckpt within epochs too.")
@_seconds
@_transform
@click.option("--accelerator", default="auto", show_default=True)
@click.option("--precision", default="32-true", show_default=True)
@_quiet
@_json
def train(
    model: str,
    train_spec: str,
    val_spec: str | None,
    epochs: int,
    out: Path,
    batch_size: int,
    lr: float,
    optimizer: Any,
    weight_decay: float,
    label_smoothing: float,
    workers: int,
    seed: int,
    resume: bool,
    save_every: int | None,
    clip_seconds: float | None,
    transform: str | None,
    accelerator: str,
    precision: str,
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a model on labelled clips: checkpoints, lock, CSV and TensorBoard logs in the folder --out."""
    import ptv_registry
    from ptv_registry.cli._commands import read_spec
    from ptv_train.clips import recipe_for
    from ptv_train.training import Training

    spec = read_spec(model)
    recipe = recipe_for(ptv_registry.resolve(spec), seconds=clip_seconds, transform=transform)
    training = Training(
        spec,
        train_spec,
        val_spec,
        out,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        lr=lr,
        weight_decay=weight_decay,
        label_smoothing=label_smoothing,
        workers=workers,
        seed=seed,
        resume=resume,
        save_every=save_every,
        recipe=recipe,
        accelerator=accelerator,
        precision=precision,
        progress=not (quiet or as_json),
    )
    result = training.run()
    if as_json:
        click.echo(json.dumps({"checkpoint": str(result.checkpoint), "metrics": result.metrics}))
        return
    for name, value in sorted(result.metrics.items()):
        click.echo(f"{name:<16} {value:.4f}")
    click.echo(f"Wrote {result.checkpoint}")


@click.command("eval")
@click.argument("checkpoint", type=click.Path(dir_okay=False))
@click.option("--data", required=True, help="Spec of a labelled dataset.")
@_batch
@_workers
@click.option("--accelerator", default="auto", show_default=True)
@_quiet
@_json
def evaluate(
    checkpoint: str, data: str, batch_size: int, workers: int, accelerator: str, quiet: bool, as_json: bool
) -> None:
    """Loss and accuracies of CHECKPOINT on a dataset, per clip and per video."""
    from ptv_train.training import evaluate as run

    metrics = run(
        checkpoint,
        data,
        batch_size=batch_size,
        workers=workers,
        accelerator=accelerator,
        progress=not (quiet or as_json),
    )
    if as_json:
        click.echo(json.dumps(metrics))
        return
    for name, value in sorted(metrics.items()):
        click.echo(f"{name:<16} {value:.4f}")


@click.command()
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-out"), show_default=True
)
@click.option("--epochs", type=int, help="Of the training, instead of the usual number.")
@click.option("--only-data", is_flag=True, help="Write the videos and stop.")
@_quiet
@_json
def demo(output: Path, epochs: int | None, only_data: bool, quiet: bool, as_json: bool) -> None:
    """The main job on videos that it writes itself: train, evaluate, predict, draw."""
    from ptv_train import demo as steps
    from ptv_train.prediction_report import lines

    show = not (quiet or as_json)
    if only_data:
        click.echo(f"Wrote {steps.write_data(output, progress=show)}")
        return
    result = steps.run(
        output, epochs=epochs or steps.EPOCHS, progress=show, say=lambda text: click.echo(text, err=as_json)
    )
    if as_json:
        data = {"accuracy": result.accuracy, "seconds": result.seconds, "prediction": result.prediction.to_dict()}
        click.echo(json.dumps({**data, "commands": result.commands}, indent=1))
        return
    for line in lines(result.prediction, 5):
        click.echo(line)
    click.echo(f"\nHeld-out top-1 {result.accuracy:.1%} after {result.seconds:.0f} s. Wrote:")
    click.echo(f"  {result.out / 'prediction.png'}  frames, and scores over time")
    click.echo(f"  {result.out / 'run' / 'model.lock.json'}  the lock of the model")
    click.echo("\nEach step by hand:")
    for command in result.commands:
        click.echo(f"  {command}")
