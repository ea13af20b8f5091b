"""The commands ``train`` and ``demo``. Lightning and torch are imported when one runs."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any, Final

import click

from ptv_registry.cli import INTERRUPTED
from ptv_registry.cli.options import ComponentName, json_option, quiet_option

_NAMED: Final = 10

_batch = click.option("--batch-size", default=8, show_default=True, help="Clips per step.")
_workers = click.option("--workers", default=0, show_default=True, help="Processes that decode video.")
_seconds = click.option("--clip-seconds", type=float, help="Length of a clip, if the model does not define it.")
_transform = click.option(
    "--transform", type=ComponentName("transform"), help="Spec of the transform, if the model does not define it."
)


def _of_run(name: str, **more: Any) -> Any:
    """An option whose value is the setting of this name, see :class:`ptv_train.Training`."""
    return click.option(f"--{name.replace('_', '-')}", name, **more)


def _several(option: str, setting: str, kind: str, text: str) -> Any:
    return click.option(option, setting, type=ComponentName(kind), multiple=True, help=text)


@click.command()
@click.argument("run_file", required=False)
@_of_run("model", type=ComponentName("model"), help="Spec or lock file of the model.")
@_of_run("weights", help="Initial weights: a published name, a file, or an address.")
@_of_run("freeze", help="What to freeze: backbone, or a pattern of parameter names.")
@_of_run("train", help="Training data: a folder with a folder per class, a CSV, a JSON, or the spec of a dataset.")
@_of_run("val", help="Validation data, in the same forms, evaluated after every epoch.")
@_of_run("epochs", default=10, show_default=True, help="Number of passes over the training data.")
@_of_run("out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the run.")
@_batch
@_of_run("task", type=ComponentName("task"), default="classification", show_default=True, help="What is learnt.")
@_of_run("loss", type=ComponentName("loss"), help="Loss to use in place of the task's own.")
@_of_run("label_smoothing", type=float, help="Of the loss.")
@_of_run(
    "optimizer",
    type=ComponentName("optimizer"),
    default="adamw",
    show_default=True,
    help="Such as 'sgd(momentum=0.8)'.",
)
@_of_run("lr", type=float, help="Peak learning rate; the optimizer's own by default.")
@_of_run("weight_decay", type=float, help="Weight decay; the optimizer's own by default.")
@_of_run(
    "schedule", type=ComponentName("schedule"), default="cosine", show_default=True, help="Learning rate schedule."
)
@_of_run("warmup", type=float, help="Fraction of training spent warming up; the schedule's own by default.")
@_several(
    "--batch-transform",
    "batch_transforms",
    "batch_transform",
    "Transform of whole batches, such as 'mixup(alpha=0.2)'; repeatable.",
)
@_several(
    "--callback",
    "callbacks",
    "callback",
    "Callback, such as 'ema(decay=0.999)', early_stopping or precise_bn; repeatable.",
)
@_several("--metric", "metrics", "metric", "Validation metric; the first one picks the best checkpoint; repeatable.")
@click.option(
    "--set",
    "edits",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change a setting of the run file, such as optimizer.lr=0.01; repeatable.",
)
@_workers
@_of_run("seed", default=0, show_default=True, help="Of the weights.")
@_of_run("resume", is_flag=True, help="Continue from last.ckpt in the folder.")
@_of_run("save_every", type=int, metavar="STEPS", help="Also write last.ckpt every this many steps.")
@_of_run("log_every", default=10, show_default=True, metavar="STEPS", help="Steps between rows of metrics.csv.")
@_of_run("on_error", type=click.Choice(["raise", "skip", "substitute"]), help="What to do with broken videos.")
@_of_run("input", help='Change the model\'s input, such as "num_frames=8, crop=64, flip=0.5".')
@_seconds
@_transform
@_of_run("accelerator", default="auto", show_default=True)
@_of_run("devices", default="auto", show_default=True, help="Number of devices (2), or which ones (0,3).")
@click.option("--nodes", "num_nodes", default=1, show_default=True, help="Number of machines that train together.")
@_of_run("strategy", default="auto", show_default=True, help="How processes share the work: ddp, fsdp2, ...")
@_of_run("precision", default="32-true", show_default=True)
@_of_run("accumulate", default=1, show_default=True, help="Batches to accumulate gradients over before each step.")
@_of_run("clip_grad", type=float, help="Clip gradients to this norm.")
@_of_run("sync_batchnorm", is_flag=True, help="Synchronise batch norm statistics across GPUs.")
@_of_run("profile", is_flag=True, help="Report where the time went: waiting for data, forward, backward, ...")
@_of_run("compile", is_flag=True, help="Compile the model.")
@quiet_option
@json_option
@click.pass_context
def train(
    ctx: click.Context, run_file: str | None, edits: tuple[str, ...], quiet: bool, as_json: bool, **options: Any
) -> None:
    """Train a model on labelled clips; checkpoints, record, lock, CSV and TensorBoard logs go to --out.

    RUN_FILE has settings as YAML, by the names of the options, such as the run.yaml in the folder of another run, or is a
    recipe of a distribution, such as ptv-slowfast/slowfast_r50_kinetics400; options win over it, and --set over both.
    """
    from ptv_train.run.recipes import run_file_of
    from ptv_train.run.settings import describe
    from ptv_train.run.values import training_of

    given = {name: value for name, value in options.items() if _is_given(ctx, name)}
    training = training_of(None if run_file is None else run_file_of(run_file), given, edits)
    training.progress = training.progress and not (quiet or as_json) and sys.stderr.isatty()
    out = training.out
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
        click.echo(
            f"Nothing to do: the run in {out} is complete. Pass a larger --epochs to continue, unless a callback ended it."
        )
        return
    for name, value in sorted(result.metrics.items()):
        click.echo(f"{name:<16} {value:.4f}")
    if result.times is not None:
        click.echo(f"\n{result.times.table()}\n")
    if result.skipped:
        click.echo(
            f"{len(result.skipped)} videos could not be read and were skipped (all are listed in {out / 'run.yaml'}):"
        )
        for path, cause in sorted(result.skipped.items())[:_NAMED]:
            click.echo(f"  {path}: {cause}")
    click.echo(f"Wrote {result.checkpoint}")
    held_out = describe(training.val) or "FOLDER"
    click.echo(
        f"Next: {shlex.join(['ptv', 'eval', str(result.checkpoint), '--data', held_out, '--out', str(out / 'report')])}"
    )


def _is_given(ctx: click.Context, option: str) -> bool:
    """Whether an option was typed; an option that was not leaves a run file's value alone."""
    return ctx.get_parameter_source(option) is not click.core.ParameterSource.DEFAULT


def _is_first_process() -> bool:
    """Several processes run the same command; only one prints."""
    return all(os.environ.get(name, "0") == "0" for name in ("LOCAL_RANK", "NODE_RANK", "RANK"))


def _how_to_go_on(out: Path) -> str:
    arguments = sys.argv[1:]
    if not (out / "last.ckpt").is_file():
        return "No checkpoint was written yet; run the same command to start over (--save-every writes sooner)."
    if "--resume" not in arguments:
        arguments = [*arguments, "--resume"]
    return f"Continue with: {shlex.join(['ptv', *arguments])}"


@click.command()
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-out"), show_default=True
)
@click.option("--epochs", type=int, help="Number of training epochs, in place of the default.")
@click.option("--only-data", is_flag=True, help="Write the videos and stop.")
@quiet_option
@json_option
def demo(output: Path, epochs: int | None, only_data: bool, quiet: bool, as_json: bool) -> None:
    """Train, evaluate, predict and plot on videos that the demo writes itself."""
    from ptv_train.demo import demo as steps
    from ptv_train.prediction.report import lines

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
