"""The commands ``export`` and ``bench``. Torch is imported when one runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ptv_registry.cli.options import ComponentName, json_option, quiet_option

_seconds = click.option("--clip-seconds", type=float, help="Length of a clip, if the model does not define it.")
_transform = click.option(
    "--transform", type=ComponentName("transform"), help="Spec of the transform, if the model does not define it."
)
_changes = click.option("--input", "changes", help='Change the model\'s input, such as "num_frames=8, crop=64".')


@click.command()
@click.argument("model", type=ComponentName("model"))
@click.option(
    "--backend",
    type=ComponentName("backend"),
    help="Spec of the backend; openvino if installed, else eager, by default.",
)
@click.option("--precision", type=click.Choice(["fp32", "bf16", "int8"]), default="fp32", show_default=True)
@click.option(
    "--calibrate",
    type=ComponentName("dataset"),
    help="Spec of a dataset; half of its clips calibrate int8, the other half is compared.",
)
@click.option("--clips", default=64, show_default=True, help="Number of clips to use from the dataset.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder to write the artifact to.")
@click.option(
    "--tolerance", type=float, help="Largest difference allowed, relative to the largest output; 1e-4 for fp32."
)
@click.option("--overwrite", is_flag=True, help="Replace an existing artifact in the folder.")
@click.option("--weights", help="Weights for a spec: a published name, a file, or an address.")
@_changes
@_seconds
@_transform
@json_option
def export(
    model: str,
    backend: str | None,
    precision: Any,
    calibrate: str | None,
    clips: int,
    output: Path,
    tolerance: float | None,
    overwrite: bool,
    weights: str | None,
    changes: str | None,
    clip_seconds: float | None,
    transform: str | None,
    as_json: bool,
) -> None:
    """Export MODEL (spec, lock or checkpoint) for a backend, and report how close its outputs are to the model's."""
    import ptv_registry
    from ptv_deploy.backend_choice import default_backend
    from ptv_registry.errors import ArgumentError

    if clips < 2:
        raise ArgumentError(f"--clips {clips} must be at least 2: one to calibrate on, one to compare on")
    # What cannot be done is said before a model is built.
    chosen = ptv_registry.build(backend, kind="backend") if backend else default_backend(precision)
    from ptv_deploy.source import Clips, clips_of, open_source
    from ptv_train.clip_recipe import read_changes

    source = open_source(
        model, weights=weights, seconds=clip_seconds, transform=transform, changes=read_changes(changes)
    )
    if source.about.weights == "random":
        click.echo(f"{model} has random weights; give a checkpoint for real ones.", err=True)
    given = clips_of(calibrate, source, clips) if calibrate else Clips(source.noise(4), None)
    artifact = chosen.export(
        source.model,
        given.inputs[0],
        output,
        precision,
        given.inputs[0::2] if calibrate else None,
        about=source.about,
        compare_on=given.inputs[1::2],
        labels=given.labels and given.labels[0::2],
        tolerance=tolerance,
        overwrite=overwrite,
    )
    if as_json:
        unknown = {"max_rel_diff": None, "top1_agreement": None, "clips": 0}
        facts = {**(artifact.to_dict()["parity"] or unknown), "not_compared": artifact.settings.get("not_compared")}
        facts |= {"size_mb": artifact.bytes / 1e6, "not_quantised": artifact.not_quantised, "sha256": artifact.sha256}
        click.echo(json.dumps({"path": str(output), **facts}))
        return
    parity = artifact.parity
    click.echo(f"Wrote {output}: {chosen.name}, {precision}, {artifact.bytes / 1e6:.1f} MB")
    if parity is None:
        click.echo(f"  not compared with the model: {artifact.settings['not_compared']}")
        return
    click.echo(f"  largest difference {parity.max_rel_diff:.2g} of the largest output")
    click.echo(f"  same first class for {parity.top1_agreement:.1%} of {parity.clips} clips")
    if artifact.not_quantised:
        click.echo(f"  not quantised, as it cost too much there or was not wanted: {', '.join(artifact.not_quantised)}")


@click.command()
@click.argument("models", type=ComponentName("model"), nargs=-1, required=True)
@click.option(
    "--backend",
    "backends",
    type=ComponentName("backend", separator=","),
    default="eager,openvino",
    show_default=True,
    help="Names, separated by commas.",
)
@click.option(
    "--precision", "precisions", default="fp32", show_default=True, help="fp32, bf16, int8, separated by commas."
)
@click.option(
    "--calibrate",
    type=ComponentName("dataset"),
    help="Spec of a dataset to calibrate int8 and measure agreement; noise by default.",
)
@click.option("--clips", default=8, show_default=True, help="Number of clips to compare outputs on.")
@click.option("--rounds", default=5, show_default=True, help="Number of timings of each variant, interleaved.")
@click.option("--batch-size", default=1, show_default=True, help="Clips per call.")
@click.option("--threads", default=0, help="Threads per variant; all cores by default.")
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, ...; a GPU when there is one.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Write a bar chart (PNG).")
@_seconds
@_transform
@quiet_option
@json_option
def bench(
    models: tuple[str, ...],
    backends: str,
    precisions: str,
    calibrate: str | None,
    clips: int,
    rounds: int,
    batch_size: int,
    threads: int,
    device: str,
    picture: Path | None,
    clip_seconds: float | None,
    transform: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Time MODELS (specs, locks or checkpoints) with each backend against plain PyTorch, interleaved."""
    from ptv_deploy.bench import report
    from ptv_deploy.bench import run as benchmark

    settings = benchmark.Settings(
        calibrate=calibrate,
        clips=clips,
        rounds=rounds,
        batch_size=batch_size,
        threads=threads,
        device=device,
        seconds=clip_seconds,
        transform=transform,
    )
    rows = benchmark.run(
        models, report.words(backends), report.words(precisions), settings, progress=not (quiet or as_json)
    )
    if picture:
        report.draw(rows, picture)
    click.echo(json.dumps(rows, indent=1) if as_json else report.table(rows))
