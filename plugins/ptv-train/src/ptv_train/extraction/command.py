"""The command ``extract``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("model")
@click.argument("videos", nargs=-1, required=True)
@click.option(
    "-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the tables."
)
@click.option(
    "--layer",
    "layers",
    multiple=True,
    metavar="NAME",
    help="Dotted name of a module; features: what goes into the classifier; output; repeatable.  [default: features]",
)
@click.option("--pool", is_flag=True, help="One row for each video, the mean over its windows.")
@click.option("--stride", type=float, help="Seconds between the starts of windows; the length of a window by default.")
@click.option("--format", type=click.Choice(["parquet", "npy", "safetensors"]), default="parquet", show_default=True)
@click.option("--weights", help="Weights for the model: a published name, a file, or an address.")
@click.option("--input", "changes", help='Change the model\'s input, such as "num_frames=8, crop=64".')
@click.option("--clip-seconds", type=float, help="Length of a window, where the model does not say it.")
@click.option("--transform", help="Spec of the transform, if the model does not define it.")
@click.option("--decoder", help="Decoder to use in place of the default for the file.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, ...")
@click.option("--batch-size", type=click.IntRange(1), default=8, show_default=True, help="Windows at once.")
@click.option("--part", type=click.IntRange(1), default=4096, show_default=True, help="Rows of a part of the table.")
@click.option("--trust", is_flag=True, help="Load an exported model even if it is, or may contain, code.")
@click.option("--sha256", help="Required checksum of the checkpoint or exported model.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def extract(
    ctx: click.Context,
    model: str,
    videos: tuple[str, ...],
    out: Path,
    layers: tuple[str, ...],
    pool: bool,
    stride: float | None,
    format: Any,
    weights: str | None,
    changes: str | None,
    clip_seconds: float | None,
    transform: str | None,
    decoder: str | None,
    device: str,
    batch_size: int,
    part: int,
    trust: bool,
    sha256: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write what layers of MODEL make of VIDEOS: a row for each window.

    MODEL is a spec, lock, checkpoint or exported folder; VIDEOS are files, addresses, globs, and folders, as for predict.
    The same command goes on where it was broken off. Videos that cannot be read are listed, and the status is 1.
    """
    from ptv_train.clip_recipe import read_changes
    from ptv_train.extraction.extract import extract_features
    from ptv_train.extraction.features import FEATURES
    from ptv_train.model_source import load_source
    from ptv_train.prediction.sources import expand

    names = expand(videos)
    source = load_source(
        model,
        weights=weights,
        seconds=clip_seconds,
        transform=transform,
        device=device,
        changes=read_changes(changes),
        trust=trust,
        sha256=sha256,
    )
    if source.weights == "random":
        click.echo(f"{model} has random weights; give a checkpoint, or --weights, for real ones.", err=True)
    found = extract_features(
        source,
        names,
        out,
        layers=layers or (FEATURES,),
        pool=pool,
        stride_s=stride,
        format=format,
        decoder=decoder,
        batch_size=batch_size,
        rows_per_part=part,
        progress=not (quiet or as_json),
    )
    if as_json:
        data = {"out": str(found.folder), "videos": found.videos, "earlier": found.earlier, "windows": found.windows}
        click.echo(json.dumps({**data, "failures": found.failures}))
    else:
        click.echo(
            f"{found.videos} videos in {found.folder}, {found.earlier} of them from before; wrote {found.windows} rows."
        )
        for video, problem in list(found.failures.items())[:10]:
            click.echo(f"Error: {video}: {problem}", err=True)
    ctx.exit(int(bool(found.failures)))
