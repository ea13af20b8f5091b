"""``LabeledVideoDataset``: clips of labelled videos."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final, Literal, Self, get_args

import numpy as np
import torch
from torch.utils.data import Dataset, RandomSampler

from ptv_datasets.errors import BrokenVideoError
from ptv_datasets.order.epoch_clips import EpochClips, Places
from ptv_datasets.order.video_order import SharedEpoch, VideoOrder, seeded
from ptv_datasets.reading.clip_reading import ClipReader, TransformError
from ptv_datasets.reading.failures import Failure, FailureReport, Scratch
from ptv_datasets.reading.frame_choice import Pick, Spread
from ptv_datasets.slots import BuiltSampler, BuiltTransform, OptionalDecoder, VideoSampler
from ptv_datasets.video_lists.videos import (
    Durations,
    VideoOpener,
    as_labeled_videos,
    raise_all,
    read_durations,
    with_classes,
)
from ptv_registry import call_hook, forget
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import ClipInfo, ClipInfoList

OnError = Literal["raise", "skip", "substitute"]

_REMEDY: Final = "give on_error='skip' or 'substitute' to go on without, or list readable videos only"
_CLIPS_AT_ONCE: Final = 8


class LabeledVideoDataset(Dataset[dict[str, Any]]):
    """Clips of labelled videos, each an encoded file or a folder of frames; ``dataset[i]`` is clip i of the epoch.

    The clips come video by video, the videos in the order of ``video_sampler``; :meth:`set_epoch` reshuffles, in worker
    processes too. A clip depends on seed, epoch and index alone, whatever process reads it. A sample is a dict::

        video        uint8 (C, T, H, W), unless decode_video is off
        audio        float32 (S) in [-1, 1], if decode_audio is on; silence where the file has none
        label        int, -1 without a label        label_name   str
        video_name   stem of the file               video_index  index in labeled_video_paths
        clip_index, aug_index                       number of the clip in the video, and of its augmentation

    and what else the video's dict holds. With a sampler of several clips at once (``random_multi``) video, audio,
    clip_index and aug_index are lists.

    Args:
        labeled_video_paths: pairs of a path and either a dict with ``"label"`` or the label itself, a number or a name.
            A folder is a video of image frames.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos and, for a
            ``DistributedSampler``, the share of this process.
        transform: called with each sample; what it returns is the sample. ``None`` from it leaves the sample out.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder, ``None`` for the one that each video asks for; not used for folders of frames.
        decode_video: whether samples carry pictures.
        seed: decides what is random, together with the epoch.
        on_error: what becomes of a video that cannot be read. ``"raise"``: :class:`BrokenVideoError` with path and
            cause. ``"skip"``: videos that do not open do not count; a clip that fails later is missing in its batch.
            ``"substitute"``: a clip of another video takes its place. See :attr:`failures` for what was left out.
        durations: seconds by path, as a mapping or a file with the columns path and duration. Without them the files'
            headers are read when the number of clips depends on them.
        class_names: names of the classes in the order of their numbers; without them names are sorted.
        audio_rate: samples a second of the sound, so that batches can be made; ``None`` keeps each file's own.
        frame_rate: frames per second of folders of frames.
        pushdown: ask the transform which frames it keeps and read no others; the samples are the same either way.

    Raises:
        ArgumentError: no videos, a label that is not a class, or an unknown policy or decoder.
    """

    #: Whether a clip that a video is too short for has all its frames; a sampler's policy ``"wrap"`` decides by itself.
    _fills_short_clips = True

    def __init__(
        self,
        labeled_video_paths: Iterable[Any],
        clip_sampler: BuiltSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        decode_audio: bool = True,
        decoder: OptionalDecoder = "pyav",
        *,
        decode_video: bool = True,
        seed: int = 0,
        on_error: OnError = "raise",
        durations: Any = None,
        class_names: Sequence[str] | None = None,
        audio_rate: int | None = 16000,
        frame_rate: float | Fraction = 30,
        pushdown: bool = True,
    ) -> None:
        if on_error not in get_args(OnError):
            raise ArgumentError(f"on_error={on_error!r} is not a policy; choose from {', '.join(get_args(OnError))}")
        if not (decode_video or decode_audio):
            raise ArgumentError("decode_video and decode_audio are both off, so samples would hold nothing")
        if not callable(clip_sampler) or isinstance(clip_sampler, type):
            raise ArgumentError(f"clip_sampler={clip_sampler!r} is not a clip sampler; see make_clip_sampler")
        self.videos, self.class_names = as_labeled_videos(labeled_video_paths, class_names)
        self.seed = seed
        self._transform = transform
        self._on_error: OnError = on_error
        self._scratch = Scratch()
        self.failures = FailureReport(self._scratch)
        self._epoch = SharedEpoch()
        self._order = VideoOrder(video_sampler, self.videos, seed, self._epoch)
        self._open = self._opener(decoder, decode_video, decode_audio, audio_rate, frame_rate)
        self._durations = Durations(self.videos, self._open, read_durations(durations), self._scratch)
        asks = pushdown and decode_video and transform is not None
        self._pushdown = call_hook("ptv_pushdown", transform=transform, key="video") if asks else None
        self._clips = EpochClips(clip_sampler, self.videos, self._order, seed)
        self._reader = ClipReader(
            decode_video,
            decode_audio,
            audio_rate,
            wrap=getattr(clip_sampler, "short", None) == "wrap",
            keep=None if self._pushdown is None else self._pushdown.select,
            fill=self._fills_short_clips or getattr(clip_sampler, "num_frames", None) is not None,
        )
        self._counts: torch.Tensor | None = None  # which workers share
        self._iterator: Iterator[Any] | None = None

    def _opener(self, *settings: Any) -> VideoOpener:
        """What opens the videos, for these arguments of :class:`VideoOpener`."""
        return VideoOpener(*settings)

    # -- what there is

    @property
    def video_sampler(self) -> VideoOrder:
        """The order of the videos; its ``set_epoch`` is that of the dataset."""
        return self._order

    @property
    def num_videos(self) -> int:
        """Number of videos of this process."""
        return len(self._order)

    @property
    def epoch(self) -> int:
        """Number of the epoch."""
        return self._epoch.get()

    def set_epoch(self, epoch: int) -> None:
        """Reshuffle the videos and what is random in their clips, in all processes that use this dataset."""
        self._epoch.set(epoch)

    def __len__(self) -> int:
        return self._places(self.epoch).total

    def __getitem__(self, index: int) -> Any:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Several samples; those that a policy or the transform leaves out are missing, but one is there always."""
        epoch = self.epoch
        samples = [sample for sample in self._samples(indices, epoch) if sample is not None]
        if samples or not indices:
            return samples
        return [self._substitute(indices[-1], epoch)]

    def __iter__(self) -> Iterator[Any]:
        """All samples of the epoch, one after the other; each call starts from the beginning."""
        return self.samples_by_video(slice(None))

    def samples_by_video(self, share: slice) -> Iterator[Any]:
        """The samples of the epoch whose videos lie in this part of the order, one after the other."""
        epoch = self.epoch
        places = self._places(epoch)
        asked = given = 0
        for place in range(len(places.order))[share]:
            clips = places.clips(place)
            for first in range(0, len(clips), _CLIPS_AT_ONCE):
                samples = self._samples(clips[first : first + _CLIPS_AT_ONCE], epoch)
                asked += len(samples)
                for sample in samples:
                    if sample is not None:
                        given += 1
                        yield sample
        if asked and not given and len(self.failures):
            raise self._nothing_left()

    def __next__(self) -> Any:
        """The next sample of an iteration that this dataset keeps itself."""
        if self._iterator is None:
            self._iterator = iter(self)
        try:
            return next(self._iterator)
        except StopIteration:
            self._iterator = None
            raise

    def as_iterable(self) -> torch.utils.data.IterableDataset[Any]:
        """The same samples as an iterable dataset, whose videos the workers of a loader share."""
        from ptv_datasets.order.stream import ClipStream

        return ClipStream(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_iterator": None}

    def with_classes(self, class_names: Sequence[str]) -> Self:
        """The same clips with labels as numbers of these classes, such as those of training; they are found by name.

        Labels that are only numbers stay as they are.

        Raises:
            ArgumentError: a class of a video is not among them; the message names it and the video.
        """
        class_names = list(class_names)
        if self.class_names == class_names:
            return self
        renumbered = copy.copy(self)
        renumbered.videos = with_classes(self.videos, self.class_names, class_names)
        renumbered.class_names = class_names
        forget(renumbered, "its classes were numbered as those of another dataset; give class_names in its spec")
        return renumbered

    # -- which clip is where

    def _places(self, epoch: int) -> Places:
        return self._clips.places(epoch, self._clips_per_video())

    def _clips_per_video(self) -> np.ndarray[Any, Any]:
        if self._counts is None:
            needless = self._clips.fixed_count is not None and self._on_error != "skip"
            self._counts = torch.from_numpy(
                self._clips.counts(None if needless else self._durations.all(self._cannot_open))
            )
            if not self._counts.any():
                raise self._nothing_left()
        counts: np.ndarray[Any, Any] = self._counts.numpy()
        return counts

    def _cannot_open(self, failures: list[Failure]) -> None:
        if self._on_error == "raise":
            raise_all(failures)
        for failure in failures:
            self.failures.record(failure)

    def _nothing_left(self) -> Exception:
        if failures := self.failures.failures():
            return BrokenVideoError.of(failures, "none is left")
        msg = "no clip is left: the clip sampler drops videos shorter than one, or the transform returned None for all"
        return ArgumentError(msg)

    # -- reading

    def _samples(self, indices: Sequence[int], epoch: int) -> list[Any]:
        """The samples of these indices, ``None`` for those that are left out; each video is opened once."""
        places = self._places(epoch)
        wanted: dict[int, list[tuple[int, int]]] = {}
        for slot, index in enumerate(indices):
            place, position = places.find(index)
            wanted.setdefault(places.video(place), []).append((slot, position))
        samples: list[Any] = [None] * len(indices)
        for video, members in wanted.items():
            found = self._read(video, [position for _, position in members], epoch)
            for number, (slot, _) in enumerate(members):
                if found is not None:
                    samples[slot] = found[number]
                elif self._on_error == "substitute":
                    samples[slot] = self._substitute(indices[slot], epoch)
        return samples

    def _substitute(self, index: int, epoch: int) -> Any:
        """The first sample after this one, of another video, that can be read."""
        places = self._places(epoch)
        first, _ = places.find(index)
        for step in range(1, len(places.order)):
            video = places.video((first + step) % len(places.order))
            found = self._read(video, [0], epoch) if self._clips_per_video()[video] else None
            if found is not None and found[0] is not None:
                return found[0]
        raise self._nothing_left()

    def _read(self, index: int, positions: Sequence[int], epoch: int) -> list[Any] | None:
        """The samples of these clips of a video, transformed; ``None`` if it is broken and the policy does not raise."""
        try:
            with self._open(self.videos[index].source) as video:
                seconds = self._durations.known(index) or Fraction(video.exact_duration)
                spans = self._clips.spans(index, seconds, epoch)
                infos = [spans[position] for position in positions]
                return self._reader.read(
                    video,
                    seconds,
                    infos,
                    pick=lambda start: self._pick(index, start, epoch),
                    finish=lambda n, found: self._finished(index, infos[n], found, epoch, positions[n]),
                )
        except TransformError as raised:
            cause: Exception = raised.args[0]
        except Exception as error:
            failure = Failure.of(self.videos[index].path, error)
            if self._on_error == "raise":
                raise BrokenVideoError.of([failure], _REMEDY) from error
            self.failures.record(failure)
            return None
        raise cause

    def _pick(self, index: int, start: Fraction, epoch: int) -> Pick | None:
        """Which frames of a clip are taken before any transform; ``None`` for all."""
        count = getattr(self._clips.sampler, "num_frames", None)
        return None if count is None else Spread(count)

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        """What is known about a clip beside its pictures and sound."""
        return self.videos[index].info

    def _finished(
        self, index: int, info: ClipInfo | ClipInfoList, found: dict[str, Any], epoch: int, position: int
    ) -> Any:
        sample = {
            **found,
            "video_name": self.videos[index].name,
            "video_index": index,
            "clip_index": info.clip_index,
            "aug_index": info.aug_index,
            **self._labels(index, info),
        }
        try:
            return self._transformed(sample, epoch, index, position)
        except Exception as error:
            raise TransformError(error) from error

    def _transformed(self, sample: dict[str, Any], epoch: int, video: int, position: int) -> Any:
        if self._transform is None:
            return sample
        with seeded(self.seed, epoch, video, position, "transform"):
            return self._transform(sample) if self._pushdown is None else self._pushdown.rest(sample)
