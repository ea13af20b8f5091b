"""Writing the files that tell datasets what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ptv_datasets import LabelFileError, read_label_file
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_lines


class FramesOf(NamedTuple):
    """The images of one video: its name, how many there are, the pattern of their paths, and the labels of image n."""

    name: str
    images: int
    pattern: str
    labels: Callable[[int], Sequence[int]] = lambda number: ()


def write_label_file(path: Path, rows: Sequence[tuple[str, str]]) -> None:
    """Writes ``path_to_video label`` rows, and reads them back to be sure that they are understood.

    Raises:
        ArgumentError: there are none, or a path cannot be written so that it is read again as it is.
        OutputError: the file cannot be written.
    """
    if not rows:
        raise ArgumentError(f"{path} would list no videos: none that is named in it could be prepared")
    for quoted in (False, True):
        write_lines(path, (f"{_quoted(video) if quoted else video} {label}\n" for video, label in rows))
        try:
            found = [(row.path, row.label) for row in read_label_file(path)]
        except LabelFileError:
            found = []
        if found == list(rows):
            return
    raise ArgumentError(f"{path}: the names of the videos are such that no list of them can be read; rename them")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def write_frame_list(path: Path, videos: Iterable[FramesOf]) -> None:
    """Writes ``original_vido_id video_id frame_id path labels`` rows, one per image, as PySlowFast's lists have them.

    Raises:
        ArgumentError: there are none, or a name has a space or a quote, which frame lists cannot have.
        OutputError: the file cannot be written.
    """
    videos = list(videos)
    if not videos:
        raise ArgumentError(f"{path} would list no frames: none of its videos could be prepared")
    for video in videos:
        if any(mark in video.name for mark in ' \t"\n'):
            raise ArgumentError(
                f"{video.name!r}: the name has a space or quote, which no frame list can have; rename it"
            )
    write_lines(path, _rows(videos))


def _rows(videos: Sequence[FramesOf]) -> Iterator[str]:
    yield "original_vido_id video_id frame_id path labels\n"
    for index, video in enumerate(videos):
        for number in range(video.images):
            labels = ",".join(map(str, video.labels(number)))
            yield f'{video.name} {index} {number} {video.pattern % (number + 1)} "{labels}"\n'
