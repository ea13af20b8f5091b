"""The command ``explain``. Torch is imported when it runs."""

from __future__ import annotations

import json
from pathlib import Path

import click

import ptv_registry
from ptv_registry.cli.options import ComponentName, json_option, quiet_option
from ptv_registry.errors import OutputError


@click.command()
@click.argument("video")
@click.option(
    "--model", type=ComponentName("model"), required=True, help="Spec, lock (.json) or checkpoint (.ckpt) of the model."
)
@click.option("--weights", help="Weights for the model: a published name, a file, or an address.")
@click.option("--class", "category", help="Class to explain; the top class of each window by default.")
@click.option(
    "--method",
    type=click.Choice(["gradcam", "gradcam++", "layercam", "rollout"]),
    default="gradcam",
    show_default=True,
    help="How heat is found; rollout is for transformers.",
)
@click.option("--layer", help="Layer to look at; the last one with time and space by default.")
@click.option("--stride", type=float, help="Seconds between the starts of windows; the length of a window by default.")
@click.option("--windows", type=click.IntRange(1), help="Explain at most this many windows, spread over the video.")
@click.option("--input", "changes", help='Change the model\'s input, such as "num_frames=8, crop=64".')
@click.option("--clip-seconds", type=float, help="Length of a clip, if the model does not define it.")
@click.option(
    "--transform", type=ComponentName("transform"), help="Spec of the transform, if the model does not define it."
)
@click.option("--decoder", type=ComponentName("decoder"), help="Decoder to use in place of the default for the file.")
@click.option("--device", default="cpu", show_default=True)
@click.option("--sha256", help="Required checksum of the checkpoint.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to."
)
@quiet_option
@json_option
def explain(
    video: str,
    model: str,
    weights: str | None,
    category: str | None,
    method: str,
    layer: str | None,
    stride: float | None,
    windows: int | None,
    changes: str | None,
    clip_seconds: float | None,
    transform: str | None,
    decoder: str | None,
    device: str,
    sha256: str | None,
    output: Path,
    quiet: bool,
    as_json: bool,
) -> None:
    """Show where the model looks in VIDEO: writes heat.mp4, heat.png and heat.npz."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{output} cannot be made: {error.strerror}", path=str(output)) from error

    from ptv_explain.explanation import explain as explain_video
    from ptv_explain.pictures import write_heat_array, write_heat_strip, write_heat_video
    from ptv_train.clip_recipe import read_changes
    from ptv_train.model_source import load_source
    from ptv_video.decoders.pyav import PyAVVideo

    source = load_source(
        model,
        weights=weights,
        seconds=clip_seconds,
        transform=transform,
        device=device,
        changes=read_changes(changes),
        sha256=sha256,
    )
    if source.weights == "random":
        click.echo(
            f"{model} has random weights, so the heat means nothing; give a checkpoint, or --weights, for a real one.",
            err=True,
        )
    found = explain_video(
        source,
        video,
        category=category,
        method=method,  # type: ignore[arg-type]
        layer=layer,
        stride_s=stride,
        max_windows=windows,
        decoder=ptv_registry.as_factory("decoder", decoder) or PyAVVideo,
        progress=not (quiet or as_json),
    )
    write_heat_array(found, output / "heat.npz")
    write_heat_strip(found, output / "heat.png")
    write_heat_video(found, output / "heat.mp4")
    if as_json:
        click.echo(json.dumps({"model": model, **found.to_dict()}, indent=1))
        return
    click.echo(f"{video}: {found.method} of {found.layer}")
    for window in found.windows:
        click.echo(f"  {window.start_s:6.1f} to {window.end_s:6.1f} s  {window.score:7.2%}  {window.category}")
    click.echo(f"Wrote {output / 'heat.mp4'}, heat.png, heat.npz")
