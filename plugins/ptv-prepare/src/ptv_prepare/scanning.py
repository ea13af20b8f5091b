"""``scan``: which videos and folders of frames can be read."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

from tqdm import tqdm

from ptv_datasets import Failure
from ptv_prepare.reading import Header, Source, read_header
from ptv_prepare.run import DEFAULTS, Settings
from ptv_prepare.sources import videos_and_frames_below
from ptv_prepare.workers import perform
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text
from ptv_video.decoders.frames import image_paths
from ptv_video.decoders.images import read_images

Depth = Literal["all", "ends"]

#: Images of a folder that are in memory at once.
_IMAGES: Final = 8

COLUMNS: Final = ("path", "duration", "width", "height", "fps", "frames", "audio", "error")


@dataclass(frozen=True)
class Scanned:
    """A video: its seconds, size as shown, rate, number of frames and whether it has sound; or what is wrong with it.

    ``duration`` and ``fps`` are exact: decimals, or fractions where no decimal is. Folders of frames state neither.
    """

    path: str
    duration: str = ""
    width: int | None = None
    height: int | None = None
    fps: str = ""
    frames: int | None = None
    audio: bool | None = None
    error: str = ""


class _File(NamedTuple):
    source: str
    depth: Depth


def scan(folder: str | os.PathLike[str], *, depth: Depth = "all", settings: Settings = DEFAULTS) -> list[Scanned]:
    """Reads every video, and every folder of frames (images and no video), at any depth of a folder; sorted by path.

    A file that makes the decoder hang or crash is a bad one like any other.

    Args:
        folder: the folder.
        depth: ``"all"`` decodes every frame; ``"ends"`` the first and the last ones, which finds truncated files.
            Images are all read.
        settings: processes, seconds without progress, progress bar.

    Raises:
        ArgumentError: the folder does not exist, or holds neither videos nor images.
    """
    if depth not in get_args(Depth):
        raise ArgumentError(f"depth={depth!r} is not one of {', '.join(get_args(Depth))}")
    root = os.fspath(folder)
    paths = [os.path.join(root, name) if name else root for name in videos_and_frames_below(Path(folder))]
    found: dict[str, Scanned] = {}
    bar = tqdm(total=len(paths), desc="Scanning", unit="video", disable=not settings.progress)
    files = [_File(path, depth) for path in paths]
    work = perform(_scanned, files, jobs=settings.processes, timeout_s=settings.timeout_s)
    with bar, closing(work):
        for file, result in work:
            if isinstance(result, Failure):
                result = Scanned(file.source, error=" ".join(f"{result.error}: {result.message}".split()))
            found[file.source] = result
            bar.set_postfix(bad=sum(bool(video.error) for video in found.values()), refresh=False)
            bar.update()
    return [found[path] for path in paths]


def _scanned(file: _File, alive: Callable[[], None]) -> Scanned:
    if os.path.isdir(file.source):
        return _scanned_frames(file.source, alive)
    header = read_header(file.source)
    frames = header.frames
    alive()
    if file.depth == "all" and header.width is not None:
        with Source(file.source) as source:
            frames = source.count_pictures(alive)
    return Scanned(file.source, _exact(header.duration), *_size(header), _exact(header.fps), frames, header.audio)


def _scanned_frames(folder: str, alive: Callable[[], None]) -> Scanned:
    paths = image_paths(folder)
    height = width = 0
    for place in range(0, len(paths), _IMAGES):
        _, _, height, width = read_images([paths[0], *paths[place : place + _IMAGES]]).shape
        alive()
    return Scanned(folder, width=width, height=height, frames=len(paths), audio=False)


def _size(header: Header) -> tuple[int | None, int | None]:
    return header.width, header.height


def _exact(value: Fraction | None) -> str:
    if value is None:
        return ""
    decimal = f"{float(value):.9f}".rstrip("0").rstrip(".")
    return decimal if Fraction(decimal) == value else str(value)


def write_manifest(path: str | os.PathLike[str], videos: list[Scanned]) -> None:
    """Writes what a scan found, as CSV or, if the path ends in ``.json``, as JSON.

    The CSV serves as ``durations=`` of a dataset whose paths are those of the scan.

    Raises:
        ArgumentError: the path ends in neither.
        OutputError: the file cannot be written.
    """
    target = Path(path)
    if target.suffix == ".json":
        write_text(target, json.dumps({"videos": [_json(video) for video in videos]}, indent=1) + "\n")
        return
    check_manifest_path(target)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for video in videos:
        writer.writerow("" if value is None else value for value in asdict(video).values())
    write_text(target, text.getvalue())


def check_manifest_path(path: Path) -> None:
    """Raises ``ArgumentError`` unless the path ends in ``.csv`` or ``.json``."""
    if path.suffix not in (".csv", ".json"):
        raise ArgumentError(f"{path}: a manifest ends in .csv or .json")


def _json(video: Scanned) -> dict[str, Any]:
    row = asdict(video)
    return {**row, **{name: float(Fraction(row[name])) if row[name] else None for name in ("duration", "fps")}}
