"""The commands ``train``, ``predict`` and ``demo``. Lightning and torch are imported when one runs."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any, Final

import click

from ptv_registry import hookimpl
from ptv_registry.cli import INTERRUPTED
from ptv_train.eval_command import evaluate
from ptv_train.predict_command import predict

_NAMED: Final = 10

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
@click.option("--weights", help="Where to start from: published weights by name, a file, or an address.")
@click.option("--freeze", help="What does not learn: backbone, or a pattern of parameter names.")
@click.option("--train", "train_spec", required=True, help="Folder of class folders, CSV, JSON, or spec of a dataset.")
@click.option("--val", "val_spec", help="The same, for metrics after every epoch.")
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
@click.option("--log-every", default=10, show_default=True, metavar="STEPS", help="Steps between rows of metrics.csv.")
@click.option(
    "--on-error",
    type=click.Choice(["raise", "skip", "substitute"]),
    default="raise",
    help="What becomes of broken videos.",
)
@click.option("--input", "changes", help='Changes of the model\'s input, such as "num_frames=8, crop=64, flip=0.5".')
@_seconds
@_transform
@click.option("--accelerator", default="auto", show_default=True)
@click.option("--devices", default="auto", show_default=True, help="How many, or which: 2, or 0,3.")
@click.option("--nodes", default=1, show_default=True, help="Machines that train together.")
@click.option("--strategy", default="auto", show_default=True, help="How processes share the work: ddp, fsdp2, ...")
@click.option("--precision", default="32-true", show_default=True)
@click.option("--accumulate", default=1, show_default=True, help="Batches whose gradients make one step.")
@click.option("--clip-grad", type=float, help="The largest norm of the gradients of a step.")
@click.option("--sync-batchnorm", is_flag=True, help="Batch norms over all processes, on GPUs.")
@click.option("--profile", is_flag=True, help="Say where the time went: waiting for data, forward, backward, ...")
@click.option("--compile", "compile_model", is_flag=True, help="Compile the model.")
@_quiet
@_json
@click.pass_context
def train(
    ctx: click.Context,
    model: str,
    weights: str | None,
    freeze: str | None,
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
    log_every: int,
    on_error: Any,
    changes: str | None,
    clip_seconds: float | None,
    transform: str | None,
    accelerator: str,
    devices: str,
    nodes: int,
    strategy: str,
    precision: str,
    accumulate: int,
    clip_grad: float | None,
    sync_batchnorm: bool,
    profile: bool,
    compile_model: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a model on labelled clips: checkpoints, record, lock, CSV and TensorBoard logs in the folder --out."""
    import ptv_registry
    from ptv_registry.cli._commands import read_spec
    from ptv_train.clips import read_changes, recipe_for
    from ptv_train.training import Training

    spec = read_spec(model)
    recipe = None
    if clip_seconds is not None or transform is not None or changes:
        recipe = recipe_for(
            ptv_registry.resolve(spec), seconds=clip_seconds, transform=transform, changes=read_changes(changes)
        )
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
        log_every=log_every,
        recipe=recipe,
        weights=weights,
        freeze=freeze,
        on_error=on_error,
        accelerator=accelerator,
        devices=int(devices) if devices.isdigit() else devices,
        num_nodes=nodes,
        strategy=strategy,
        precision=precision,
        accumulate=accumulate,
        clip_grad=clip_grad,
        sync_batchnorm=sync_batchnorm,
        compile=compile_model,
        profile=profile,
        progress=not (quiet or as_json) and sys.stderr.isatty(),
    )
    try:
        result = training.run()
    except KeyboardInterrupt:
        if _is_first_process():
            click.echo(f"Interrupted. {_how_to_go_on(out)}", err=True)
        ctx.exit(INTERRUPTED)
    if not _is_first_process():
        return
    if as_json:
        data = {"checkpoint": str(result.checkpoint), "metrics": result.metrics, "skipped": result.skipped}
        if result.times is not None:
            data["profile"] = {"seconds": result.times.seconds, "share_of_data": result.times.share_of_data}
        click.echo(json.dumps({**data, "was_finished": result.was_finished}))
        return
    if result.was_finished:
        click.echo(f"Nothing to do: {out} has its epochs already; give more (--epochs) to go on.")
        return
    for name, value in sorted(result.metrics.items()):
        click.echo(f"{name:<16} {value:.4f}")
    if result.times is not None:
        click.echo(f"\n{result.times.table()}\n")
    if result.skipped:
        click.echo(f"{len(result.skipped)} videos could not be read and were left out (all are in {out / 'run.yaml'}):")
        for path, cause in sorted(result.skipped.items())[:_NAMED]:
            click.echo(f"  {path}: {cause}")
    click.echo(f"Wrote {result.checkpoint}")
    held_out = val_spec or "FOLDER"
    click.echo(
        f"Next: {shlex.join(['ptv', 'eval', str(result.checkpoint), '--data', held_out, '--out', str(out / 'report')])}"
    )


def _is_first_process() -> bool:
    """Several processes run the same command; one speaks."""
    return all(os.environ.get(name, "0") == "0" for name in ("LOCAL_RANK", "NODE_RANK", "RANK"))


def _how_to_go_on(out: Path) -> str:
    arguments = sys.argv[1:]
    if not (out / "last.ckpt").is_file():
        return "No checkpoint was written yet; run the same command again to begin anew (--save-every writes sooner)."
    if "--resume" not in arguments:
        arguments = [*arguments, "--resume"]
    return f"Go on with: {shlex.join(['ptv', *arguments])}"


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
