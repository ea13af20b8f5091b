"""The command ``predict``."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

import ptv_registry
from ptv_registry.cli import INTERRUPTED
from ptv_registry.cli.options import ComponentName, json_option, quiet_option
from ptv_registry.errors import ArgumentError, OutputError, PtvError

if TYPE_CHECKING:
    from ptv_train.prediction.prediction import Prediction

#: What is written where an output is tried: a disk may have room for a name and none for what it names.
_TRIED_BYTES: Final = 1 << 16


@click.command()
@click.argument("videos", nargs=-1, required=True)
@click.option(
    "--model",
    type=ComponentName("model"),
    required=True,
    help="Spec, lock (.json), checkpoint (.ckpt) or exported folder.",
)
@click.option("--weights", help="Weights for the model: a published name, a file, or an address.")
@click.option("--top", type=click.IntRange(1), default=5, show_default=True, help="Number of classes to show.")
@click.option("--stride", type=float, help="Seconds between the starts of windows; the length of a window by default.")
@click.option("--input", "changes", help='Change the model\'s input, such as "num_frames=8, crop=64".')
@click.option("--clip-seconds", type=float, help="Length of a clip, if the model does not define it.")
@click.option(
    "--transform", type=ComponentName("transform"), help="Spec of the transform, if the model does not define it."
)
@click.option("--decoder", type=ComponentName("decoder"), help="Decoder to use in place of the default for the file.")
@click.option("--device", default="cpu", show_default=True)
@click.option("--trust", is_flag=True, help="Load an exported model even if it is, or may contain, code.")
@click.option("--sha256", help="Required checksum of the checkpoint or exported model.")
@click.option("--batch-size", type=click.IntRange(1), default=8, show_default=True, help="Windows per batch.")
@click.option("--picture", type=click.Path(dir_okay=False), help="Write a PNG: frames, and scores over time.")
@click.option("--overlay", type=click.Path(dir_okay=False), help="Write the video with the scores drawn into it.")
@click.option("--csv", "csv_path", type=click.Path(dir_okay=False), help="Write the top classes of each window as CSV.")
@click.option("--srt", "srt_path", type=click.Path(dir_okay=False), help="Write the segments as subtitles.")
@quiet_option
@json_option
@click.pass_context
def predict(
    ctx: click.Context,
    videos: tuple[str, ...],
    model: str,
    weights: str | None,
    top: int,
    stride: float | None,
    changes: str | None,
    clip_seconds: float | None,
    transform: str | None,
    decoder: str | None,
    device: str,
    trust: bool,
    sha256: str | None,
    batch_size: int,
    picture: str | None,
    overlay: str | None,
    csv_path: str | None,
    srt_path: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Classify VIDEOS window by window.

    VIDEOS are files, addresses, globs, and folders, which stand for all videos below them; a folder of images is one
    video. One that cannot be read is named, the others are done, and the status is 1. Ctrl-C ends it with status 130,
    and what is known by then is printed and written.
    """
    from ptv_train.prediction.sources import expand

    for path in (picture, overlay, csv_path, srt_path):
        if path is not None:
            check_writable(path)
    if stride is not None and not stride > 0:
        raise ArgumentError(f"--stride {stride:g} must be above 0 seconds")
    names = expand(videos)
    for option, path in (("--picture", picture), ("--overlay", overlay), ("--srt", srt_path)):
        if path is not None and len(names) > 1:
            raise ArgumentError(f"{option} works with one video, got {len(names)}")

    from ptv_train.clip_recipe import read_changes
    from ptv_train.prediction.predictor import Predictor
    from ptv_train.prediction.report import as_data, lines, write_csv, write_srt
    from ptv_video.decoders.pyav import PyAVVideo

    predictor = Predictor.load(
        model,
        weights=weights,
        seconds=clip_seconds,
        transform=transform,
        device=device,
        batch_size=batch_size,
        changes=read_changes(changes),
        trust=trust,
        sha256=sha256,
    )
    if predictor.weights == "random":
        click.echo(
            f"{model} has random weights, so these scores are meaningless; pass a checkpoint or --weights.",
            err=True,
        )
    show = None if as_json else lambda prediction: click.echo("\n".join(lines(prediction, top)))
    progress = not (quiet or as_json)
    done, status = _each(
        names, lambda name: predictor.predict(name, stride_s=stride, decoder=decoder, progress=progress), show
    )
    if as_json and (done or len(names) > 1):
        data = [{"model": model, **prediction.to_dict(top), "segments": as_data(prediction)} for prediction in done]
        click.echo(json.dumps(data[0] if len(names) == 1 else data, indent=1))
    if csv_path is not None:
        write_csv(done, csv_path, top)
    if srt_path is not None and done:
        write_srt(done[0], srt_path)
    if picture is not None and done:
        from ptv_train.prediction.picture import draw

        draw(done[0], picture)
    if overlay is not None and done:
        from ptv_train.prediction.overlay import draw_overlay

        opener = ptv_registry.as_factory("decoder", decoder) or PyAVVideo
        draw_overlay(done[0], overlay, top=min(top, 3), decoder=opener, progress=progress)
    ctx.exit(status)


def _each(
    names: Sequence[str], predict_one: Callable[[str], Prediction], show: Callable[[Prediction], None] | None
) -> tuple[list[Prediction], int]:
    """The predictions of the videos that can be read, and the exit status; a single one must be readable.

    After Ctrl-C the last one may be of a part of its video.
    """
    done: list[Prediction] = []
    failed: list[str] = []
    for name in names:
        try:
            prediction = predict_one(name)
        except (PtvError, OSError) as error:
            if len(names) == 1:
                raise
            failed.append(name)
            click.echo(f"Error: {error if name in str(error) else f'{name}: {error}'}", err=True)
            continue
        except KeyboardInterrupt as stop:
            partial: Prediction | None = getattr(stop, "prediction", None)
            until = "" if partial is None else f" at {partial.windows[-1].end_s:.1f} of {partial.duration_s:.1f} s"
            click.echo(f"Interrupted in {name}{until}; {len(done)} of {len(names)} videos are done.", err=True)
            if partial is not None:
                done.append(partial)
                if show is not None:
                    show(partial)
            return done, INTERRUPTED
        done.append(prediction)
        if show is not None:
            show(prediction)
    if failed:
        click.echo(f"{len(failed)} of {len(names)} videos could not be predicted.", err=True)
    return done, int(bool(failed))


def check_writable(path: str) -> None:
    """Checks that a file can be written later, and leaves it unchanged.

    Raises:
        OutputError: it cannot be written: the folder does not exist or is not writable, or the disk is full.
    """
    target = Path(path)
    try:
        if os.path.lexists(path):
            with open(path, "ab"):
                pass
        if not target.exists() or target.is_file():
            with tempfile.TemporaryFile(dir=target.resolve().parent) as file:
                file.write(bytes(_TRIED_BYTES))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        parent = target.resolve().parent
        cause = f"the folder {parent} does not exist" if not parent.is_dir() else error.strerror or str(error)
        raise OutputError(f"{path} cannot be written: {cause}; nothing was predicted", path=path) from error
