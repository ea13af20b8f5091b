"""The commands ``prepare`` and ``scan``. Torch and PyAV are imported when one runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptv_registry.cli.options import json_option, quiet_option

if TYPE_CHECKING:
    from ptv_prepare import Report, Settings

_MOST_SHOWN = 20

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_jobs = click.option("--jobs", type=click.IntRange(0), help="Worker processes; one per CPU by default, 0 for none.")
_timeout = click.option(
    "--timeout",
    type=float,
    default=300,
    show_default=True,
    help="Treat a video as broken after this many seconds without progress.",
)
_split = click.option("--split", default="train", show_default=True, help="Name of the list, if nothing else names it.")
_fps = click.option("--fps", type=float, default=30, show_default=True, help="Frames per second.")
_crf = click.option("--crf", default=23, show_default=True, help="x264 quality; lower is better.")
_preset = click.option("--preset", default="medium", show_default=True, help="Effort of x264.")


def _of_every_dataset(function: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.argument("source", type=_folder),
        click.argument("out", type=click.Path(file_okay=False, path_type=Path)),
        _jobs,
        click.option("--overwrite", is_flag=True, help="Redo everything, and overwrite files made by other programs."),
        click.option(
            "--on-error",
            type=click.Choice(["skip", "raise"]),
            default="skip",
            show_default=True,
            help="Skip broken videos and list them at the end, or stop at the first one.",
        ),
        _timeout,
        quiet_option,
        json_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


def _splits(example: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for name in ("test", "val", "train"):
            text = f"Annotations for this split{example if name == 'train' else ''}."
            function = click.option(f"--{name}", type=_file, help=text)(function)
        return function

    return decorate


@click.group()
def prepare() -> None:
    """Prepare the videos of a dataset: resize, cut, extract frames and write lists. Run it again to continue after an interruption."""


@prepare.command()
@_of_every_dataset
@_splits(" (official CSV, or paths and labels); by default, folders name the classes")
@_split
@click.option("--classes", type=_file, help="File of class names in order of class number, one per line.")
@click.option("--short-side", default=256, show_default=True, help="Length of the shorter side, in pixels.")
@_crf
@_preset
def kinetics(
    source: Path,
    out: Path,
    train: Path | None,
    val: Path | None,
    test: Path | None,
    split: str,
    classes: Path | None,
    short_side: int,
    crf: int,
    preset: str,
    **common: Any,
) -> None:
    """Resize the videos of SOURCE, sound kept, and list them in OUT/train.csv and so on."""
    from ptv_prepare import prepare_kinetics

    with _saying_how_to_go_on():
        report = prepare_kinetics(
            source,
            out,
            annotations=_given(train, val, test),
            split=split,
            class_names=classes,
            short_side=short_side,
            crf=crf,
            preset=preset,
            settings=_settings(**common),
        )
    _finish(
        report, common["as_json"], f"dataset:kinetics(data_path='{{}}', video_path_prefix='{out}', clip_sampler=...)"
    )


@prepare.command()
@_of_every_dataset
@_splits(" (something-something-v2-train.json); all videos by default")
@_split
@_fps
def ssv2(
    source: Path,
    out: Path,
    train: Path | None,
    val: Path | None,
    test: Path | None,
    split: str,
    fps: float,
    **common: Any,
) -> None:
    """Extract the frames of the videos of SOURCE to OUT/frames, and list them in OUT/frame_lists."""
    from ptv_prepare import prepare_ssv2

    with _saying_how_to_go_on():
        report = prepare_ssv2(
            source, out, annotations=_given(train, val, test), split=split, fps=fps, settings=_settings(**common)
        )
    _finish(
        report,
        common["as_json"],
        f"dataset:ssv2(video_path_label_file='{{}}', video_path_prefix='{out / 'frames'}', ...)",
    )


@prepare.command()
@_of_every_dataset
@_splits(" (Charades_v1_train.csv)")
@_fps
def charades(
    source: Path, out: Path, train: Path | None, val: Path | None, test: Path | None, fps: float, **common: Any
) -> None:
    """Extract the frames of the videos of SOURCE to OUT/frames, and list them with their actions.

    If SOURCE is the official download of RGB frames, only the lists are written; give --fps 24 then.
    """
    from ptv_prepare import prepare_charades

    with _saying_how_to_go_on():
        report = prepare_charades(
            source, out, annotations=_given(train, val, test), fps=fps, settings=_settings(**common)
        )
    prefix = out / "frames" if (out / "frames").is_dir() else source
    _finish(
        report, common["as_json"], f"dataset:charades(data_path='{{}}', video_path_prefix='{prefix}', clip_sampler=...)"
    )


@prepare.command()
@_of_every_dataset
@click.option("--annotations", type=_folder, help="Folder of the official files; all films by default.")
@_split
@click.option("--begin", default=900.0, show_default=True, help="Start of the annotated part, in seconds.")
@click.option("--length", default=901.0, show_default=True, help="Length of the annotated part, in seconds.")
@_fps
@_crf
@_preset
def ava(
    source: Path,
    out: Path,
    annotations: Path | None,
    split: str,
    begin: float,
    length: float,
    fps: float,
    crf: int,
    preset: str,
    **common: Any,
) -> None:
    """Cut the films of SOURCE to minutes 15 to 30, extract the frames, and list them."""
    from ptv_prepare import prepare_ava

    with _saying_how_to_go_on():
        report = prepare_ava(
            source,
            out,
            annotations=annotations,
            split=split,
            begin_s=begin,
            length_s=length,
            fps=fps,
            crf=crf,
            preset=preset,
            settings=_settings(**common),
        )
    _finish(
        report,
        common["as_json"],
        f"dataset:ava(frame_paths_file='{{}}', frame_labels_file=..., video_path_prefix='{out / 'frames'}')",
    )


@click.command()
@click.argument("folder", type=_folder)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("scan.csv"),
    show_default=True,
    help="Manifest to write, .csv or .json; a .csv also works as durations= of a dataset.",
)
@click.option(
    "--depth",
    type=click.Choice(["all", "ends"]),
    default="all",
    show_default=True,
    help="Decode every frame, or only the first and last ones.",
)
@_jobs
@_timeout
@quiet_option
@json_option
def scan(folder: Path, output: Path, depth: Any, jobs: int | None, timeout: float, quiet: bool, as_json: bool) -> None:
    """Read every video and folder of frames in FOLDER and write a manifest of good and bad ones; status 1 if any is bad."""
    from ptv_prepare import Settings, write_manifest
    from ptv_prepare import scan as run
    from ptv_prepare.scanning import check_manifest_path

    check_manifest_path(output)
    videos = run(folder, depth=depth, settings=Settings(jobs=jobs, timeout_s=timeout, progress=not (quiet or as_json)))
    write_manifest(output, videos)
    bad = [video for video in videos if video.error]
    if as_json:
        found = {"manifest": str(output), "good": len(videos) - len(bad)}
        click.echo(json.dumps({**found, "bad": [{"path": v.path, "error": v.error} for v in bad]}, indent=1))
    else:
        click.echo(f"{len(videos) - len(bad)} good, {len(bad)} bad; wrote {output}")
        _list([f"{video.path}: {video.error}" for video in bad])
    sys.exit(1 if bad else 0)


def _given(*files: Path | None) -> dict[str, Path]:
    return {name: file for name, file in zip(("train", "val", "test"), files, strict=True) if file is not None}


def _settings(
    *, jobs: int | None, overwrite: bool, on_error: Any, timeout: float, quiet: bool, as_json: bool
) -> Settings:
    from ptv_prepare import Settings

    return Settings(
        jobs=jobs, overwrite=overwrite, on_error=on_error, timeout_s=timeout, progress=not (quiet or as_json)
    )


@contextmanager
def _saying_how_to_go_on() -> Iterator[None]:
    """On Ctrl-C, which the ``ptv`` command ends with."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Finished files are kept; run the same command again to continue.", err=True)
        raise


def _finish(report: Report, as_json: bool, spec: str) -> None:
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=1))
    else:
        click.echo(f"{report.made} made, {report.complete} already complete, {len(report.failures)} broken.")
        _list([f"{failure.path}: {failure.error}: {failure.message}" for failure in report.failures])
        if report.missing:
            click.echo(f"{len(report.missing)} named in the annotations are missing:")
            _list(report.missing)
        for name in ("train", "val", "test"):
            if name in report.lists:
                click.echo(f"Read it with {spec.format(report.lists[name])}")
                break
    sys.exit(1 if report.failures else 0)


def _list(lines: list[str]) -> None:
    for line in lines[:_MOST_SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > _MOST_SHOWN:
        click.echo(f"  and {len(lines) - _MOST_SHOWN} more; --json lists all")
