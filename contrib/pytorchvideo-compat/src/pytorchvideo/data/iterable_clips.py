"""``IterableClips``: what makes a dataset of ptv_datasets the original's: iterable, and with the attributes that programs use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import torch
from torch.utils.data import IterableDataset, RandomSampler, get_worker_info

import ptv_datasets
from ptv_datasets.errors import BrokenVideoError
from ptv_datasets.labeled_video import OnError
from ptv_datasets.video_lists.videos import VideoOpener
from pytorchvideo.data.clip_sampling import RandomClipSampler
from pytorchvideo.data.documented_samples import documented_sample, wants_uint8
from pytorchvideo.data.given_videos import GivenVideos, HandledOpener
from pytorchvideo.data.iteration import ClipIterator
from pytorchvideo.data.video import VideoPathHandler

_NOT_TOLD: Final = -1

#: Attributes of the original that decide what samples are; setting one has its effect from the next pass on.
_DECISIVE: Final = ("_labeled_videos", "_clip_sampler", "_transform", "_decode_audio", "_decode_video", "_decoder")


class NothingLeftError(BrokenVideoError, RuntimeError):
    """Too many videos in a row cannot be read, or all of them."""


class IterableClips(ptv_datasets.LabeledVideoDataset, IterableDataset[Any]):
    """Base of the datasets that are iterable in the original.

    A subclass constructs a dataset of ptv_datasets and then calls :meth:`iterate_as_documented`.
    """

    _MAX_CONSECUTIVE_FAILURES = 10
    #: That of the original, which is not a limit here; see :meth:`begin_pass`.
    _LENIENT_LIMIT: Final = 10

    _fills_short_clips = False
    _pass = 0
    _passes_begun = 0
    _own_pass: Iterator[Any] | None = None
    _is_complete = False
    _is_stale = False
    #: Attributes by which programs' own ``__next__`` remember where they are.
    _video_sampler_iter: Any = None
    _loaded_video_label: Any = None
    _loaded_clip: Any = None
    _last_clip_end_time: Any = None
    _next_clip_start_time: Any = 0.0
    video_path_handler: Any = None
    _video_sampler: Any

    def iterate_as_documented(self) -> None:
        """Complete the construction."""
        if self.video_path_handler is None:
            self.video_path_handler = VideoPathHandler()
        self._clip_sampler = self._clips.sampler
        self._wants_uint8 = wants_uint8(self._transform)
        self._adopt(self._order.sampler)
        self.set_epoch(_NOT_TOLD)
        self._is_complete = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._is_complete and name == "_video_sampler":
            self._adopt(value)
            return
        super().__setattr__(name, value)
        if self._is_complete and name in _DECISIVE:
            super().__setattr__("_is_stale", True)
        if name == "_video_sampler_iter" and value is None:
            super().__setattr__("_own_pass", None)

    def _adopt(self, sampler: Any) -> None:
        """Take a sampler for the order of the videos, whose ``set_epoch`` reaches all processes."""
        self._order.replace(sampler)
        sampler.set_epoch = self._order.set_epoch
        super().__setattr__("_video_sampler", sampler)

    def _reconstruct(self) -> None:
        """Construct the dataset anew with the attributes as they are now."""

    def _opener(self, *settings: Any) -> VideoOpener:
        return HandledOpener(self._handler, *settings)

    def _handler(self) -> Any:
        return self.video_path_handler

    # -- passes

    @property
    def video_sampler(self) -> Any:
        """Torch's sampler; its ``set_epoch`` is that of the dataset."""
        return self._video_sampler

    @property
    def epoch(self) -> int:
        """Number of the epoch: the one told, or else that of the pass."""
        told = super().epoch
        if told != _NOT_TOLD:
            return told
        return 0 if self._order.tells_epochs else self._pass

    def __iter__(self) -> Iterator[Any]:
        """A pass over the clips; in a loader over those of this worker."""
        if type(self).__next__ is _OWN_NEXT:
            return ClipIterator(self)
        self._begin_own_way()
        return self

    def _begin_own_way(self) -> None:
        """Let a subclass's ``__next__`` begin a pass: nothing is left of the one before, and all workers have one order."""
        self._video_sampler_iter = self._loaded_video_label = self._loaded_clip = self._last_clip_end_time = None
        self._next_clip_start_time = 0.0
        reset = getattr(self._clip_sampler, "reset", None)
        if reset is not None:
            reset()
        worker = get_worker_info()
        if worker is not None and isinstance(self._video_sampler, RandomSampler):
            self._video_sampler.generator = torch.Generator().manual_seed(worker.seed - worker.id)

    def __next__(self) -> Any:
        """The next clip of a pass that this dataset keeps itself."""
        if self._own_pass is None:
            self._own_pass = self._video_sampler_iter = ClipIterator(self)
        try:
            return next(self._own_pass)
        except StopIteration:
            self._video_sampler_iter = None
            raise

    def begin_pass(self) -> Iterator[Any]:
        """The samples of another pass that are the share of this process.

        Broken videos do not end it, unless ``_MAX_CONSECUTIVE_FAILURES`` was set: then so many of them without a sample
        in between do.
        """
        if self._is_stale or self._given_state() != self._seen_state:
            self._reconstruct()
        worker = get_worker_info()
        # The loader draws a number for its workers, which live for one pass or for all of them.
        self._pass = self._passes_begun + (0 if worker is None else worker.seed - worker.id)
        self._passes_begun += 1
        samples = self.samples_by_video(slice(None) if worker is None else slice(worker.id, None, worker.num_workers))
        limit = self._MAX_CONSECUTIVE_FAILURES
        return samples if limit == self._LENIENT_LIMIT else self._limited(samples, limit)

    _seen_state: Any = None

    def _given_state(self) -> Any:
        return self.videos.state if isinstance(self.videos, GivenVideos) else None

    def _limited(self, samples: Iterator[Any], limit: int) -> Iterator[Any]:
        before = len(self.failures)
        while True:
            sample = next(samples, self)
            if len(self.failures) - before >= limit:
                raise NothingLeftError.of(self.failures.failures()[before:], f"_MAX_CONSECUTIVE_FAILURES is {limit}")
            if sample is self:
                return
            before = len(self.failures)
            yield sample

    def _nothing_left(self) -> Exception:
        failures = self.failures.failures()
        return NothingLeftError.of(failures, "none is left") if failures else super()._nothing_left()

    def __len__(self) -> int:
        raise TypeError(f"{type(self).__name__} is iterable and has no length; num_videos is the number of its videos")

    def __bool__(self) -> bool:
        return True

    def __getstate__(self) -> dict[str, Any]:
        own = self._own_pass
        return {**super().__getstate__(), **({"_own_pass": None, "_video_sampler_iter": None} if own else {})}

    def _transformed(self, sample: dict[str, Any], epoch: int, video: int, position: int) -> Any:
        return super()._transformed(documented_sample(sample, self._wants_uint8), epoch, video, position)


_OWN_NEXT: Final = IterableClips.__next__


def lenient(clip_sampler: Any) -> OnError:
    """The policy by which broken videos do not end a pass.

    A random clip is replaced by one of another video. In a test, where the clips have fixed places, that would count a
    video twice, so there they are left out.
    """
    return "substitute" if isinstance(clip_sampler, RandomClipSampler) else "skip"
