"""``Ava``: who does what, in boxes around people, stored as frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import torch
from torch.utils.data import RandomSampler

from ptv_datasets.annotations.ava_lists import read_boxes, read_moments
from ptv_datasets.annotations.frame_lists import read_frame_lists
from ptv_datasets.annotations.kinetics_lists import clip_span, youtube_id
from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.annotations.named_videos import find_videos, tell_missing
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.slots import BuiltTransform, OptionalBuiltSampler, VideoSampler
from ptv_datasets.video_lists.key_frames import KeyFrames, Place
from ptv_datasets.video_lists.packed import Packed
from ptv_datasets.video_lists.packed_videos import PackedVideos
from ptv_datasets.video_lists.videos import Source
from ptv_registry.errors import ArgumentError
from ptv_video.containers.source import local_path, path_manager
from ptv_video.samplers.factory import ClipInfo, ClipInfoList, ClipSampler, RandomClipSampler, Seconds, as_seconds

_MAP_ENTRY: Final = re.compile(r'name:\s*"([^"]*)"[^{}]*?\b(?:label_)?id:\s*(\d{1,18})(?!\d)', re.DOTALL)


class TimeStampClipSampler(ClipSampler):
    """One clip of each entry, around the time that the entry tells in ``clip_index``.

    A clip that would begin before the video or end behind it is moved into it.

    Args:
        clip_sampler: whose ``clip_duration`` (or ``num_frames`` and ``frame_rate``) the clips have.
    """

    _count_of_any_video = 1

    def __init__(self, clip_sampler: ClipSampler) -> None:
        if isinstance(clip_sampler, type) or not hasattr(clip_sampler, "clip_duration"):
            raise ArgumentError(f"clip_sampler={clip_sampler!r} has no clip_duration; see make_clip_sampler")
        super().__init__(clip_sampler.clip_duration)
        self.num_frames, self.frame_rate = clip_sampler.num_frames, clip_sampler.frame_rate

    def __call__(
        self, last_clip_time: Seconds | None, video_duration: Seconds, annotation: dict[str, Any] | None
    ) -> ClipInfo:
        """The clip; only the annotation's ``clip_index``, in seconds, and the duration of the video matter."""
        if annotation is None:
            raise ArgumentError("a clip around a time stamp needs an annotation with clip_index, in seconds")
        latest = max(as_seconds(video_duration) - self.clip_duration, Fraction(0))
        start = min(max(as_seconds(annotation["clip_index"]) - self.clip_duration / 2, Fraction(0)), latest)
        return ClipInfo(start, start + self.clip_duration, 0, 0, True)

    def spans(
        self,
        video_duration: Seconds,
        annotation: dict[str, Any] | None = None,
        *,
        seed: int = 0,
        epoch: int = 0,
        index: int = 0,
    ) -> Sequence[ClipInfo]:
        """The one clip; see :meth:`ClipSampler.spans`."""
        return [self(None, video_duration, annotation)]


class AvaLabeledVideoFramePaths:
    """The key frames of AVA with their boxes, from the frame lists and annotation files.

    Annotated are the seconds 902 to 1798 of each film, whose frames begin at second 900, and any second of the clips of
    AVA-Kinetics, whose names (``id_000084_000094``) tell which part of a YouTube video they are.
    """

    AVA_VALID_FRAMES: Final = range(902, 1799)
    AVA_VIDEO_START_SEC: Final = 900
    FPS: Final = 30

    @classmethod
    def from_csv(
        cls,
        frame_paths_file: str,
        frame_labels_file: str,
        video_path_prefix: str = "",
        label_map_file: str | None = None,
        film_start_sec: float = AVA_VIDEO_START_SEC,
        excluded_timestamps_file: str | None = None,
    ) -> list[tuple[Any, dict[str, Any]]]:
        """An entry per key frame: the frames of the film, and its boxes.

        The boxes are float (N, 4), x1, y1, x2, y2 in [0, 1]; ``labels`` and ``extra_info`` have a list per box. Boxes
        are the same if their corners are. A box without a label (a detection) has the label -1 and stays whatever
        the label map says. Rows without a box, of key frames where nobody is, give no entry. Films that are not
        there are left out with a warning.

        Args:
            frame_paths_file, frame_labels_file, video_path_prefix, label_map_file, film_start_sec: see :class:`Ava`.
            excluded_timestamps_file: likewise.

        Raises:
            LabelFileError: a file cannot be understood, the message names row and column; or no film is there.
        """
        found = cls._key_frames(
            frame_paths_file,
            frame_labels_file,
            video_path_prefix,
            label_map_file,
            film_start_sec,
            excluded_timestamps_file,
        )
        return [(video.source, as_tensors(video.info)) for video in found]

    @classmethod
    def _key_frames(
        cls,
        frame_paths_file: str,
        path: str,
        video_path_prefix: str,
        label_map_file: str | None,
        film_start_sec: float,
        excluded_timestamps_file: str | None,
    ) -> PackedVideos:
        films = _Films(frame_paths_file, video_path_prefix, film_start_sec)
        allowed = None if label_map_file is None else set(cls.read_label_map(label_map_file)[0])
        excluded = set() if excluded_timestamps_file is None else read_moments(excluded_timestamps_file)
        first, last = cls.AVA_VALID_FRAMES[0], cls.AVA_VALID_FRAMES[-1]

        def find(video: str, second: float) -> Place | None:
            found = films.find(video, second)
            if found is None:
                return None
            index, begin, is_film = found
            return Place(index, begin, (not is_film or first <= second <= last) and (video, second) not in excluded)

        frames = KeyFrames(read_boxes(path), find, allowed)
        if not frames.named:
            raise LabelFileError(f"{path} is empty", path=str(path))
        missing = [video for video, there in frames.named.items() if not there]
        way_out = "give the frame list, or the folder, of these videos"
        tell_missing(path, frame_paths_file, missing, len(frames.named), way_out)
        if not len(frames):
            raise LabelFileError(f"{path} has no box in the seconds {first} to {last}", path=str(path))
        return PackedVideos(films.sources, frames.sources.tolist(), frames)

    @staticmethod
    def read_label_map(label_map_file: str) -> tuple[dict[int, str], set[int]]:
        """The names of the actions by their numbers, and the numbers, from a ``.pbtxt`` file."""
        names = {int(number): name for name, number in _MAP_ENTRY.findall(read_text(label_map_file))}
        if not names:
            raise LabelFileError(f"{label_map_file} has no entries with name and id", path=str(label_map_file))
        return names, set(names)


def as_tensors(info: dict[str, Any]) -> dict[str, Any]:
    """What is known about a key frame, with its boxes as a float tensor (N, 4)."""
    return {**info, "boxes": torch.tensor(info["boxes"])}


class _Films:
    """The films and clips that there are, and which of them shows a second.

    Args:
        path: a frame list, or a folder of videos or of folders of frames.
        prefix: joined to the front of the images' paths.
        start: second of a film with which it begins there.
    """

    def __init__(self, path: str, prefix: str, start: float) -> None:
        place = local_path(str(path))
        self.sources: Sequence[Source]
        if path_manager.isdir(place):
            named = find_videos(place)
            self.sources, names = Packed(named.values()), list(named)
        else:
            self.sources = frames = read_frame_lists(path, prefix)
            names = frames.names
        self._start = start
        self._films: dict[str, int] = {}
        self._clips: dict[str, list[tuple[int, int, int]]] = {}  # YouTube id -> start, end and index of each clip
        for index, name in enumerate(names):
            self._films[name] = index
            if (span := clip_span(name)) is not None:
                self._clips.setdefault(youtube_id(name), []).append((*span, index))

    def find(self, video: str, second: float) -> tuple[int, float, bool] | None:
        """The index of what shows a second of a video, where that begins, and whether it is a film; ``None`` for none."""
        for start, end, index in self._clips.get(video, ()):
            if start <= second <= end:
                return index, start, False
        return (self._films[video], self._start, True) if video in self._films else None


class Ava(LabeledVideoDataset):
    """Clips around the key frames of AVA and AVA-Kinetics (https://research.google.com/ava/), with the boxes of the key frame.

    A sample has ``boxes``, float (N, 4) as x1, y1, x2, y2 in [0, 1], and per box the lists ``labels`` and
    ``extra_info``; ``video_index`` is the number of the film and ``clip_index`` the second of the key frame, counted from
    where the frames or the video begin; ``film`` and ``second`` are what the annotations call them.

    Attributes:
        action_names: the names of the actions by their numbers, from the label map; ``None`` without one.

    Args:
        frame_paths_file: frame list with the columns original_vido_id, video_id, frame_id, path and labels; or a folder that
            holds videos, or folders of frames at 30 per second, named as the annotations name them: films, or for
            AVA-Kinetics clips ``id_000084_000094.mp4``. Films that are not there are left out with a warning.
        frame_labels_file: CSV without header, such as ``ava_train_v2.2.csv`` or ``kinetics_train_v1.0.csv``: video, time
            stamp, x1, y1, x2, y2, action label, and either detection IoU, person or nothing. Rows of key frames where nobody
            is give no clip.
        video_path_prefix: joined to the front of the images' paths.
        label_map_file: ``.pbtxt`` with ids and names; labels of other ids are left out.
        clip_sampler: gives the length of the clips; ``None`` for 2 seconds.
        video_sampler: class of a torch sampler that gives the order of the key frames.
        transform: called with each sample.
        film_start_sec: second of the films with which the frames or videos begin: 900 as they are prepared, 0 for whole films.
        excluded_timestamps_file: CSV without header, such as ``ava_val_excluded_timestamps_v2.2.csv``: video and time stamp of
            key frames that are left out, as AVA's evaluation leaves them out; ``None`` for none.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for clips that cannot be read.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        LabelFileError: a file cannot be understood; the message names row and column.
    """

    def __init__(
        self,
        frame_paths_file: str,
        frame_labels_file: str,
        video_path_prefix: str = "",
        label_map_file: str | None = None,
        clip_sampler: OptionalBuiltSampler = None,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        *,
        film_start_sec: float = AvaLabeledVideoFramePaths.AVA_VIDEO_START_SEC,
        excluded_timestamps_file: str | None = None,
        seed: int = 0,
        on_error: OnError = "raise",
        pushdown: bool = True,
    ) -> None:
        self._film_start_sec = film_start_sec
        self.action_names = (
            None if label_map_file is None else AvaLabeledVideoFramePaths.read_label_map(label_map_file)[0]
        )
        # The documented default is the class itself, which has no length.
        length = RandomClipSampler(2) if clip_sampler is None or clip_sampler is ClipSampler else clip_sampler
        super().__init__(
            AvaLabeledVideoFramePaths._key_frames(
                frame_paths_file,
                frame_labels_file,
                video_path_prefix,
                label_map_file,
                film_start_sec,
                excluded_timestamps_file,
            ),
            TimeStampClipSampler(length),
            video_sampler,
            transform,
            decode_audio=False,
            frame_rate=AvaLabeledVideoFramePaths.FPS,
            seed=seed,
            on_error=on_error,
            pushdown=pushdown,
        )

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        known = as_tensors(super()._labels(index, info))
        name = self.videos[index].name
        span = clip_span(name)
        film, start = (name, self._film_start_sec) if span is None else (youtube_id(name), span[0])
        return {**known, "film": film, "second": float(start + known["clip_index"])}
