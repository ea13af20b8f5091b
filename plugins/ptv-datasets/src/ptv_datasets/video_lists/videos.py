"""The videos of a dataset: where each is, what is known about it, and how it is opened."""

from __future__ import annotations

import inspect
import numbers
import operator
import os
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from ptv_datasets.annotations.frame_lists import FramePaths
from ptv_datasets.annotations.label_files import read_label_file
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.errors import BrokenVideoError
from ptv_datasets.reading.failures import Failure, Scratch
from ptv_datasets.video_lists.exact_seconds import ExactSeconds
from ptv_registry import Factory, as_factory
from ptv_registry.errors import ArgumentError
from ptv_video.containers.source import name_of
from ptv_video.decoder_choice import decoder_for
from ptv_video.opening import holds_frames
from ptv_video.video import Video

_DURATIONS: Final = "durations.json"
_MOST_THREADS: Final = 8

Source = str | tuple[str, ...] | FramePaths


class LabeledVideo(NamedTuple):
    """One video of a dataset: a file, a folder of frames or the paths of its frames, and what is known about it.

    Attributes:
        source: where it is; two videos are the same one if their sources are equal.
        info: what is known about it.
        shares: whether other videos of the dataset have frames in the same folder.
    """

    source: Source
    info: dict[str, Any]
    shares: bool = False

    @property
    def path(self) -> str:
        """What to call the video in messages: its path, or the folder of its frames if that is its own."""
        if isinstance(self.source, str):
            return self.source
        return f"{self.source[0]} (and {len(self.source) - 1} more)" if self.shares else os.path.dirname(self.source[0])

    @property
    def name(self) -> str:
        """The stem of the file, the name of the folder, or of frames that share a folder what their names begin with."""
        if self.shares:
            stems = [Path(name_of(path)).stem for path in self.source]
            common = os.path.commonprefix(stems)  # noqa: RUF071 - of names, not of paths
            return common.rstrip("0123456789").rstrip("_-. ") or stems[0]
        if isinstance(self.source, str) and not holds_frames(self.source):
            return Path(name_of(self.source)).stem
        return os.path.basename(self.path.rstrip("/")) or self.path


def as_labeled_videos(
    labeled_video_paths: Iterable[Any], class_names: Sequence[str] | None
) -> tuple[Sequence[LabeledVideo], list[str] | None]:
    """The videos with labels as numbers, and the names of the classes where there are any.

    Raises:
        ArgumentError: an element is not a pair of path and label, or there is none.
    """
    own = getattr(labeled_video_paths, "class_names", None)
    if own is not None and class_names is not None and list(own) != list(class_names):
        return with_classes(as_labeled_videos(labeled_video_paths, None)[0], own, class_names), list(class_names)
    names = own if class_names is None else list(class_names)
    listed = getattr(labeled_video_paths, "listed", None)
    if listed is not None and names == own and (found := listed()) is not None:
        return found, names
    pairs = [_pair(number, element) for number, element in enumerate(labeled_video_paths)]
    if not pairs:
        raise ArgumentError("labeled_video_paths lists no videos")
    for _, info in pairs:
        if (number := _whole(info.get("label"))) is not None:
            info["label"] = number
    words = sorted({info["label"] for _, info in pairs if isinstance(info.get("label"), str)})
    if names is None and words:
        numbered = next(((source, info["label"]) for source, info in pairs if isinstance(info.get("label"), int)), None)
        if numbered is not None:
            raise ArgumentError(
                f"{numbered[0]}: label {numbered[1]!r} is a number, and others are names such as {words[0]!r}; "
                "give class_names if both are meant"
            )
        names = words
    index = {name: number for number, name in enumerate(names or ())}
    videos = []
    for source, info in pairs:
        label = info.get("label")
        if isinstance(label, str):
            if label not in index:
                raise ArgumentError(f"{source}: label {label!r} is not one of the {len(index)} classes")
            info = {**info, "label": index[label], "label_name": label}
        elif label is None and "labels" in info:
            pass  # labels of its own kind, such as those of boxes
        elif label is None:
            info = {"label_name": "", **info, "label": -1}
        elif isinstance(label, int):
            if label < -1 or (names is not None and label >= len(names)):
                classes = f"is not one of the {len(names)} classes" if names is not None else "is negative"
                raise ArgumentError(f"{source}: label {label} {classes}; classes are numbered from 0, -1 is none")
            name = "" if label == -1 else str(label) if names is None else names[label]
            info = {"label_name": name, **info}
        else:
            info = {"label_name": "", **info}
        videos.append(LabeledVideo(source, info))
    return _told_apart(videos), names


def _told_apart(videos: list[LabeledVideo]) -> list[LabeledVideo]:
    """The videos, of whose frames is known whether they share a folder with those of others."""
    folders: dict[str, set[Source]] = {}
    for video in videos:
        if not isinstance(video.source, str):
            folders.setdefault(os.path.dirname(video.source[0]), set()).add(video.source)
    shared = {folder for folder, sources in folders.items() if len(sources) > 1}
    if not shared:
        return videos
    return [
        video
        if isinstance(video.source, str) or os.path.dirname(video.source[0]) not in shared
        else video._replace(shares=True)
        for video in videos
    ]


def with_classes(
    videos: Sequence[LabeledVideo], names: Sequence[str] | None, class_names: Sequence[str]
) -> Sequence[LabeledVideo]:
    """The videos with labels as numbers of ``class_names``, found by the classes' names.

    Args:
        videos: the videos.
        names: the names of their classes in the order of their numbers; ``None`` where labels are only numbers, which
            stay as they are.
        class_names: the names to number them by, such as those of a training set.

    Raises:
        ArgumentError: a class of a video is not among ``class_names``; the message names it and the video.
    """
    index = {name: number for number, name in enumerate(class_names)}

    def renumbered(video: LabeledVideo) -> int:
        label = video.info["label"]
        written = video.info.get("label_name") or str(label)
        name = names[label] if names is not None and label < len(names) else written
        number = index.get(name, label if names is None and written == str(label) else None)
        if number is None or not 0 <= number < len(class_names):
            raise ArgumentError(
                f"{video.path}: class {name!r} is not one of the {len(class_names)} classes of training "
                f"({', '.join(list(class_names)[:5])}{', ...' if len(class_names) > 5 else ''})"
            )
        return number

    if isinstance(videos, SharedVideos):
        return videos.renumbered(renumbered, class_names)
    found = []
    for video in videos:
        if isinstance(video.info.get("label"), int) and video.info["label"] != -1:
            number = renumbered(video)
            video = video._replace(info={**video.info, "label": number, "label_name": class_names[number]})
        found.append(video)
    return found


def _whole(label: Any) -> int | None:
    """A label that is a whole number of whatever type, such as ``np.int64(3)`` or ``3.0``, as an int."""
    if isinstance(label, str) or label is None:
        return None
    try:
        return operator.index(label)
    except TypeError:
        is_whole = isinstance(label, numbers.Real) and float(label).is_integer()
        return int(label) if is_whole else None


def _pair(number: int, element: Any) -> tuple[Source, dict[str, Any]]:
    if isinstance(element, LabeledVideo):
        return element.source, element.info
    if isinstance(element, str | os.PathLike) or not isinstance(element, Sequence) or len(element) != 2:
        raise ArgumentError(
            f"labeled_video_paths[{number}] is {element!r}; give a path and its label, such as "
            "('a.mp4', {'label': 0}) or ['a.mp4', 0]"
        )
    source, info = element
    if isinstance(source, str | os.PathLike):
        source = os.fspath(source)
    else:
        source = tuple(os.fspath(path) for path in source)
        if not source:
            raise ArgumentError(f"labeled_video_paths[{number}] has an empty list of frames")
    return source, dict(info) if isinstance(info, Mapping) else {"label": info}


class SharedVideos(Sequence[LabeledVideo]):
    """Videos that are kept in another form than as a list of objects.

    See :mod:`ptv_datasets.video_lists.listed_videos` and :mod:`ptv_datasets.video_lists.packed_videos`.

    Attributes:
        class_names: names of the classes in the order of their numbers, ``None`` where there are none.
    """

    class_names: Sequence[str] | None = None

    def listed(self) -> SharedVideos:
        """These videos; what lists videos says so if it can give them in little memory."""
        return self

    def key(self, index: int) -> Hashable:
        """What is the same for two videos that are of one file or list of frames."""
        return self[index].source

    def renumbered(self, number_of: Callable[[LabeledVideo], int], names: Sequence[str]) -> SharedVideos:
        """The same videos with other labels; ``number_of`` is asked once for each class."""
        raise NotImplementedError


class VideoOpener:
    """Opens the videos of a dataset with its decoder, or as frames.

    Args:
        decoder: name, spec or factory of a decoder; ``None`` for the one that each video asks for.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry sound.
        audio_rate: samples a second of the sound; ``None`` for that of the file.
        frame_rate: frames per second of folders and lists of frames.
    """

    def __init__(
        self,
        decoder: Callable[..., Any] | str | None,
        decode_video: bool,
        decode_audio: bool,
        audio_rate: int | None,
        frame_rate: Any,
    ) -> None:
        # A name is looked up at once, in the registry of the build that this is part of.
        self._decoder = as_factory("decoder", decoder)
        self._options = {"decode_video": decode_video, "decode_audio": decode_audio, "sample_rate": audio_rate}
        self._frame_rate = frame_rate

    def __call__(self, source: Source, *, header_only: bool = False) -> Video:
        """Open a video; the caller closes it."""
        if holds_frames(source):
            return self._frames(source)
        decoder = self._decoder or decoder_for(source)  # type: ignore[arg-type]  # frames are opened above
        options = dict(self._options)
        if header_only:
            options.update(decode_audio=not options["decode_video"], sample_rate=None)
        if not isinstance(decoder, Factory):
            options = _taken(decoder, options)
        video: Video = decoder(source, **options)
        return video

    def _frames(self, source: Source) -> Video:
        frames = as_factory("decoder", "frames")
        if frames is None:
            raise ArgumentError("no decoder 'frames' is installed")
        video: Video = frames(source, fps=self._frame_rate)
        return video


def _taken(function: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    """Those options that a decoder given as a callable takes."""
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return options
    names = {parameter.name for parameter in parameters}
    return {name: value for name, value in options.items() if name in names}


def read_durations(durations: Any) -> Mapping[str, Fraction] | ExactSeconds:
    """Durations in seconds by path, from a mapping or from a file with the columns path and duration.

    Those of all videos in their order (:class:`ExactSeconds`) are returned as they are.
    """
    if durations is None:
        return {}
    if isinstance(durations, ExactSeconds):
        return durations
    if isinstance(durations, Mapping):
        return {os.fspath(path): Fraction(seconds) for path, seconds in durations.items()}
    rows = read_label_file(durations)
    if all(row.duration is None for row in rows):
        raise LabelFileError(f"{durations} has no column duration", path=str(durations))
    return {row.path: row.duration for row in rows if row.duration is not None}


class Durations:
    """The durations of videos, read from their headers when they are first needed, once for all processes.

    Args:
        videos: the videos.
        opener: opens them.
        known: durations that need not be read, in seconds by path, or of all videos in their order.
        scratch: where the process that read them leaves them for the others.
    """

    def __init__(
        self,
        videos: Sequence[LabeledVideo],
        opener: VideoOpener,
        known: Mapping[str, Fraction] | ExactSeconds,
        scratch: Scratch,
    ) -> None:
        self._videos = videos
        self._opener = opener
        self._scratch = scratch
        self._known = known.share() if isinstance(known, ExactSeconds) else known
        self._all: ExactSeconds | None = known if isinstance(known, ExactSeconds) and known.complete else None

    def known(self, index: int) -> Fraction | None:
        """The duration of a video, if it is known by now."""
        if self._all is not None:
            return self._all[index]
        return self._known[index] if isinstance(self._known, ExactSeconds) else self._by_path(self._videos[index])

    def _by_path(self, video: LabeledVideo) -> Fraction | None:
        return self._known.get(video.path) if self._known and isinstance(self._known, Mapping) else None

    def all(self, failed: Callable[[list[Failure]], None]) -> ExactSeconds:
        """The duration of every video, ``None`` for those that cannot be opened; ``failed`` is told about them."""
        if self._all is None:
            stored = self._scratch.read(_DURATIONS)
            if stored is None:
                found, failures = self._read()
                if failures:
                    failed(failures)
                self._scratch.write(_DURATIONS, [found.upper.tolist(), found.lower.tolist()])
                self._all = found.share()
            else:
                self._all = ExactSeconds.of(*stored).share()
        return self._all

    def _read(self) -> tuple[ExactSeconds, list[Failure]]:
        keys = self._keys()
        found = {key: self.known(index) for key, index in keys.items()}
        wanted = [key for key, seconds in found.items() if seconds is None]
        failures = []
        threads = min(_MOST_THREADS, 2 * (os.cpu_count() or 1))
        with ThreadPoolExecutor(threads) as pool:
            results = pool.map(lambda key: self._duration(self._videos[keys[key]].source), wanted)
            for key, result in zip(wanted, results, strict=True):
                if isinstance(result, Fraction):
                    found[key] = result
                else:
                    failures.append(Failure.of(self._videos[keys[key]].path, result))
        return ExactSeconds(found[self._key(index)] for index in range(len(self._videos))), failures

    def _keys(self) -> dict[Hashable, int]:
        """For each file or list of frames the first of its videos."""
        keys: dict[Hashable, int] = {}
        for index in range(len(self._videos)):
            keys.setdefault(self._key(index), index)
        return keys

    def _key(self, index: int) -> Hashable:
        return self._videos.key(index) if isinstance(self._videos, SharedVideos) else self._videos[index].source

    def _duration(self, source: Source) -> Fraction | Exception:
        try:
            with self._opener(source, header_only=True) as video:
                return Fraction(video.exact_duration)
        except Exception as error:  # noqa: BLE001 - whatever a decoder raises, it is this video that is broken
            return error


def raise_all(failures: Sequence[Failure]) -> None:
    """The policy ``"raise"`` for videos that cannot be opened."""
    raise BrokenVideoError.of(failures, "give on_error='skip' or 'substitute' to go on without")
