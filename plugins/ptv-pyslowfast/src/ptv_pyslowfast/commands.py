"""The commands ``pyslowfast show``, ``train`` and ``test``; torch is imported when one runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptv_registry.cli.options import json_option, quiet_option

if TYPE_CHECKING:
    from ptv_pyslowfast.run import Run


def _of_config(function: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option(
            "--cfg",
            required=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="PySlowFast's YAML.",
        ),
        click.option("--opts", is_flag=True, expose_value=False, help="May stand before KEY VALUE pairs."),
        click.argument("overrides", nargs=-1, metavar="[KEY VALUE]..."),
        json_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def pyslowfast() -> None:
    """Run PySlowFast's configurations: --cfg FILE KEY VALUE ..., as its tools/run_net.py takes them."""


@pyslowfast.command()
@_of_config
def show(cfg: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Print the run that a configuration means: the run file of the training, the test, and keys without meaning here."""
    run = _run(cfg, overrides)
    if as_json:
        data = {"train": run.settings, "test": run.test, "without_meaning": run.without_meaning}
        click.echo(json.dumps(data, indent=1))
        return
    import yaml

    click.echo(yaml.safe_dump(run.settings, sort_keys=False, width=120), nl=False)
    click.echo("# ptv pyslowfast test")
    for line in yaml.safe_dump(run.test, sort_keys=False, width=120).splitlines():
        click.echo(f"#   {line}")
    _tell_without_meaning(run, "# ", err=False)


@pyslowfast.command()
@_of_config
@quiet_option
def train(cfg: Path, overrides: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Train what a configuration says, into its OUTPUT_DIR."""
    from ptv_train.run.values import training_of

    run = _run(cfg, overrides)
    _tell_without_meaning(run, "", err=True)
    training = training_of(None, run.settings)
    training.progress = not (quiet or as_json) and sys.stderr.isatty()
    result = training.run()
    if as_json:
        click.echo(json.dumps({"checkpoint": str(result.checkpoint), "metrics": result.metrics}))
        return
    for name, value in sorted(result.metrics.items()):
        click.echo(f"{name:<16} {value:.4f}")
    click.echo(f"Wrote {result.checkpoint}")


@pyslowfast.command()
@_of_config
@quiet_option
def test(cfg: Path, overrides: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Test what a configuration says, the scores of each video's views averaged.

    The model is TEST.CHECKPOINT_FILE_PATH, else the last checkpoint in OUTPUT_DIR, else TRAIN.CHECKPOINT_FILE_PATH.
    """
    from ptv_train.evaluation.command import print_evaluation
    from ptv_train.evaluation.evaluation import evaluate

    run = _run(cfg, overrides)
    _tell_without_meaning(run, "", err=True)
    asked: dict[str, Any] = dict(run.test)
    found = evaluate(asked.pop("model"), asked.pop("data"), **asked, progress=not (quiet or as_json))
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1))
    else:
        print_evaluation(found)


def _run(cfg: Path, overrides: tuple[str, ...]) -> Run:
    from ptv_pyslowfast.config import read_config
    from ptv_pyslowfast.run import run_of

    return run_of(read_config(cfg, overrides))


def _tell_without_meaning(run: Run, before: str, *, err: bool) -> None:
    if run.without_meaning:
        click.echo(f"{before}Without meaning here, or not whole:", err=err)
    for key, why in run.without_meaning.items():
        click.echo(f"{before}  {key} {why}", err=err)
