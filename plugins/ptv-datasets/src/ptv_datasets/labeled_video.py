"""``LabeledVideoDataset``: clips of labelled videos."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any, Final, Literal, get_args

import torch
from torch.utils.data import Dataset, RandomSampler

from ptv_datasets.errors import BrokenVideoError
from ptv_datasets.failures import Failure, FailureReport, Scratch
from ptv_datasets.frame_choice import FrameChoice, Pick, Spread
from ptv_datasets.order import SharedEpoch, VideoOrder, seeded
from ptv_datasets.slots import ClipSamplerSlot, DecoderSlot, TransformSlot, VideoSamplerSlot
from ptv_datasets.videos import Durations, VideoOpener, as_labeled_videos, raise_all, read_durations
from ptv_registry import call_hook
from ptv_registry.errors import ArgumentError
from ptv_video.clip_sampling import ClipInfo, ClipInfoList, spans_by_calling
from ptv_video.video import Video

OnError = Literal["raise", "skip", "substitute"]

_REMEDY: Final = "give on_error='skip' or 'substitute' to go on without, or list readable videos only"
_SILENCE_RATE: Final = 44100
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
        decoder: name or factory of a decoder; not used for folders of frames.
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
        ArgumentError: no videos, a label that is no class, or an unknown policy or decoder.
    """

    def __init__(
        self,
        labeled_video_paths: Iterable[Any],
        clip_sampler: ClipSamplerSlot,
        video_sampler: VideoSamplerSlot = RandomSampler,
        transform: TransformSlot = None,
        decode_audio: bool = True,
        decoder: DecoderSlot = "pyav",
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
            raise ArgumentError(f"on_error={on_error!r} is no policy; choose from {', '.join(get_args(OnError))}")
        if not (decode_video or decode_audio):
            raise ArgumentError("decode_video and decode_audio are both off, so samples would hold nothing")
        if not callable(clip_sampler) or isinstance(clip_sampler, type):
            raise ArgumentError(f"clip_sampler={clip_sampler!r} is no clip sampler; see make_clip_sampler")
        self.videos, self.class_names = as_labeled_videos(labeled_video_paths, class_names)
        self.seed = seed
        self._clip_sampler = clip_sampler
        self._transform = transform
        self._decode_video, self._decode_audio = decode_video, decode_audio
        self._audio_rate = audio_rate
        self._on_error: OnError = on_error
        self._scratch = Scratch()
        self.failures = FailureReport(self._scratch)
        self._epoch = SharedEpoch()
        self._order = VideoOrder(video_sampler, self.videos, seed, self._epoch)
        self._open = VideoOpener(decoder, decode_video, decode_audio, audio_rate, frame_rate)
        self._durations = Durations(self.videos, self._open, read_durations(durations), self._scratch)
        self._pushdown = (
            call_hook("ptv_pushdown", transform=transform, key="video")
            if pushdown and decode_video and transform is not None
            else None
        )
        self._counts: list[int] | None = None
        self._layout: tuple[int, list[int], list[int]] | None = None
        self._iterator: Iterator[Any] | None = None

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
        _, _, ends = self._places(self.epoch)
        return ends[-1] if ends else 0

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
        """All samples of the epoch, one after the other; each call starts anew."""
        return self.samples_by_video(slice(None))

    def samples_by_video(self, share: slice) -> Iterator[Any]:
        """The samples of the epoch whose videos lie in this part of the order, one after the other."""
        epoch = self.epoch
        _, order, ends = self._places(epoch)
        asked = given = 0
        for place in range(len(order))[share]:
            clips = range(ends[place - 1] if place else 0, ends[place])
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
        from ptv_datasets.stream import ClipStream

        return ClipStream(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_iterator": None}

    # -- which clip is where

    def _places(self, epoch: int) -> tuple[int, list[int], list[int]]:
        """The epoch, its videos in order, and for each the number of clips up to its end."""
        if self._layout is None or self._layout[0] != epoch:
            order = self._order.indices(epoch)
            counts = self._clips_per_video()
            self._layout = epoch, order, list(accumulate(counts[video] for video in order))
        return self._layout

    def _clips_per_video(self) -> list[int]:
        if self._counts is None:
            fixed = getattr(self._clip_sampler, "fixed_count", None)
            if fixed is not None and self._on_error != "skip":
                self._counts = [fixed] * len(self.videos)
            else:
                lasting = self._durations.all(self._cannot_open)
                self._counts = [
                    0 if seconds is None else fixed or len(self._spans(video, seconds, 0))
                    for video, seconds in enumerate(lasting)
                ]
                if not any(self._counts):
                    raise self._nothing_left()
        return self._counts

    def _cannot_open(self, failures: list[Failure]) -> None:
        if self._on_error == "raise":
            raise_all(failures)
        for failure in failures:
            self.failures.record(failure)

    def _nothing_left(self) -> Exception:
        failures = self.failures.failures()
        if failures:
            return BrokenVideoError.of(failures, "none is left")
        return ArgumentError(
            "no clip is left: the videos are shorter than one and the clip sampler drops those, or the transform returned "
            "None for all"
        )

    def _spans(self, video: int, seconds: Fraction, epoch: int) -> Sequence[ClipInfo | ClipInfoList]:
        annotation = self.videos[video].info
        spans = getattr(self._clip_sampler, "spans", None)
        if spans is not None:
            found: Sequence[ClipInfo | ClipInfoList] = spans(
                seconds, annotation, seed=self.seed, epoch=epoch, index=video
            )
            return found
        with seeded(self.seed, epoch, video, "clips"):
            return spans_by_calling(self._clip_sampler, seconds, annotation)

    # -- reading

    def _samples(self, indices: Sequence[int], epoch: int) -> list[Any]:
        """The samples of these indices, ``None`` for those that are left out; each video is opened once."""
        _, order, ends = self._places(epoch)
        wanted: dict[int, list[tuple[int, int]]] = {}
        for slot, index in enumerate(indices):
            total = ends[-1] if ends else 0
            if not -total <= index < total:
                raise IndexError(f"clip {index} of {total}")
            index %= total
            place = bisect_right(ends, index)
            wanted.setdefault(order[place], []).append((slot, index - (ends[place - 1] if place else 0)))
        samples: list[Any] = [None] * len(indices)
        for video, members in wanted.items():
            try:
                clips = self._read(video, [position for _, position in members], epoch)
            except Exception as error:
                failure = Failure.of(self.videos[video].path, error)
                if self._on_error == "raise":
                    raise BrokenVideoError.of([failure], _REMEDY) from error
                self.failures.record(failure)
                if self._on_error == "substitute":
                    for slot, _ in members:
                        samples[slot] = self._substitute(indices[slot], epoch)
                continue
            for (slot, position), clip in zip(members, clips, strict=True):
                samples[slot] = self._transformed(clip, epoch, video, position)
        return samples

    def _substitute(self, index: int, epoch: int) -> Any:
        """The first sample after this one, of another video, that can be read."""
        _, order, ends = self._places(epoch)
        first = bisect_right(ends, index % ends[-1])
        for step in range(1, len(order)):
            video = order[(first + step) % len(order)]
            if not self._clips_per_video()[video]:
                continue
            try:
                clip = self._read(video, [0], epoch)[0]
            except Exception as error:  # noqa: BLE001 - as above: the next video is tried
                self.failures.record(Failure.of(self.videos[video].path, error))
                continue
            sample = self._transformed(clip, epoch, video, 0)
            if sample is not None:
                return sample
        raise self._nothing_left()

    def _read(self, index: int, positions: Sequence[int], epoch: int) -> list[dict[str, Any]]:
        with self._open(self.videos[index].source) as video:
            seconds = self._durations.known(index) or Fraction(video.exact_duration)
            spans = self._spans(index, seconds, epoch)
            infos = [spans[position] for position in positions]
            wanted = list(dict.fromkeys(pair for info in infos for pair in _pairs(info)))
            clips = dict(zip(wanted, self._clips(video, wanted, seconds, index, epoch), strict=True))
        given: set[Any] = set()
        return [self._sample(index, info, clips, given) for info in infos]

    def _pick(self, index: int, start: Fraction, epoch: int) -> Pick | None:
        """Which frames of a clip are taken before any transform; ``None`` for all."""
        count = getattr(self._clip_sampler, "num_frames", None)
        return None if count is None else Spread(count)

    def _clips(
        self, video: Video, wanted: Sequence[tuple[Any, Any]], seconds: Fraction, index: int, epoch: int
    ) -> list[dict[str, Any]]:
        if self._decode_video and not video.has_video:
            raise ArgumentError("the file has no pictures; give decode_video=False for its sound")
        sampler = self._clip_sampler
        choices = [
            FrameChoice(
                Fraction(start),
                Fraction(end),
                seconds,
                wrap=getattr(sampler, "short", None) == "wrap",
                pick=self._pick(index, start, epoch),
                keep=None if self._pushdown is None else self._pushdown.select,
            )
            for start, end in wanted
        ]
        if all(choice.is_like(choices[0]) for choice in choices):
            clips = video.get_clips([choice.span for choice in choices], select=choices[0])
        else:
            clips = [video.get_clip(*choice.span, select=choice) for choice in choices]
        return [self._modalities(clip, choice) for clip, choice in zip(clips, choices, strict=True)]

    def _modalities(self, clip: dict[str, Any], choice: FrameChoice) -> dict[str, Any]:
        found = {"video": clip["video"]} if self._decode_video else {}
        if self._decode_audio:
            rate = clip.get("sample_rate") or self._audio_rate or _SILENCE_RATE
            audio = clip.get("audio")
            found["audio"] = choice.audio(torch.zeros(0) if audio is None else audio, rate)
        return found

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        """What is known about a clip beside its pictures and sound."""
        return self.videos[index].info

    def _sample(
        self, index: int, info: ClipInfo | ClipInfoList, clips: dict[Any, dict[str, Any]], given: set[Any]
    ) -> dict[str, Any]:
        parts = []
        for pair in _pairs(info):
            # A clip that is given twice (augs_per_clip) is copied, because a transform may change it in place.
            parts.append({key: value.clone() for key, value in clips[pair].items()} if pair in given else clips[pair])
            given.add(pair)
        several = isinstance(info, ClipInfoList)
        modalities = {key: [part[key] for part in parts] if several else parts[0][key] for key in parts[0]}
        video = self.videos[index]
        return {
            **modalities,
            "video_name": video.name,
            "video_index": index,
            "clip_index": info.clip_index,
            "aug_index": info.aug_index,
            **self._labels(index, info),
        }

    def _transformed(self, sample: dict[str, Any], epoch: int, video: int, position: int) -> Any:
        if self._transform is None:
            return sample
        with seeded(self.seed, epoch, video, position, "transform"):
            return self._transform(sample) if self._pushdown is None else self._pushdown.rest(sample)


def _pairs(info: ClipInfo | ClipInfoList) -> list[tuple[Any, Any]]:
    if isinstance(info, ClipInfoList):
        return list(zip(info.clip_start_sec, info.clip_end_sec, strict=True))
    return [(info.clip_start_sec, info.clip_end_sec)]
