"""Reading the views of a dataset's videos, each video in one pass, in threads beside the model."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import evolve, frozen
from torch.utils.data import DataLoader

from ptv_datasets import BrokenVideoError, Failure, LabeledVideoDataset
from ptv_registry.errors import ArgumentError
from ptv_train.evaluation.views import Views, ViewTransform
from ptv_transforms.frame_pushdown import Pushdown


@frozen
class View:
    """The model's input for one view: which video, clip and crop it is of, and the clip or its pathways."""

    video: int
    clip: int
    crop: int
    inputs: Any


@frozen
class VideoEnd:
    """No view of this video follows; ``failure`` if it could not be read whole."""

    video: int
    failure: Failure | None = None


Item = View | VideoEnd
Items = Iterator[Item]
DatasetOf = Callable[[Any], LabeledVideoDataset]
"""Makes the dataset whose transform is the one given."""


class _StoppedError(Exception):
    """Nobody wants further views."""


class _Handing:
    """A transform of samples that hands the views of each clip on as soon as it is read, so that few are in memory."""

    def __init__(self, transform: ViewTransform, hand: Callable[[View], None]) -> None:
        self._transform, self._hand = transform, hand

    def __call__(self, sample: dict[str, Any]) -> dict[str, Any]:
        for view in self._transform(sample):
            if view is not None:
                self._hand(View(sample["video_index"], sample["clip_index"], view["aug_index"], view["video"]))
        return {}

    def sample_pushdown(self, key: str) -> Pushdown | None:
        found = self._transform.selecting()
        return None if found is None else Pushdown(found[0], _Handing(found[1], self._hand), framewise=False)


class ViewReader:
    """Reads the same views of each video, opening and decoding it once.

    A clip that the file needs a second pass for may be handed over twice; the later one counts.

    Args:
        dataset_of: makes the dataset, in the order of its videos and with ``views.clips`` clips of each.
        transform: makes the crops.
        views: of each video.
        threads: how many read at the same time.
        ahead: how many views wait for the model at most.

    Raises:
        ArgumentError: the dataset has another number of clips.
    """

    def __init__(self, dataset_of: DatasetOf, transform: ViewTransform, views: Views, threads: int, ahead: int) -> None:
        self._queue: queue.Queue[Item | BaseException] = queue.Queue(max(1, ahead))
        self._stop = threading.Event()
        self._threads = threads
        self._views = views
        self.dataset = dataset_of(_Handing(transform, self._hand))
        self._numbers = iter(range(len(self.dataset.videos)))
        self._lock = threading.Lock()
        if len(self.dataset) != views.clips * len(self.dataset.videos):
            raise ArgumentError(
                f"{type(self.dataset).__name__} does not give {views.clips} clips of each video; name its own clip_sampler "
                "and leave the views out"
            )

    @contextmanager
    def items(self) -> Iterator[Items]:
        """The views and ends of all videos; what a transform raises is raised here."""
        threads = [threading.Thread(target=self._read, daemon=True) for _ in range(self._threads)]
        for thread in threads:
            thread.start()
        try:
            yield self._given()
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=10)

    def _given(self) -> Iterator[Item]:
        left = len(self.dataset.videos)
        while left:
            item = self._queue.get()
            if isinstance(item, BaseException):
                raise item
            left -= isinstance(item, VideoEnd)
            yield item

    def _hand(self, item: Item | BaseException) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.2)
            except queue.Full:
                continue
            return
        raise _StoppedError

    def _read(self) -> None:
        clips = self._views.clips
        try:
            while True:
                with self._lock:
                    number = next(self._numbers, None)
                if number is None:
                    return
                failure = None
                try:
                    self.dataset.__getitems__(range(number * clips, (number + 1) * clips))
                except BrokenVideoError as error:
                    failure = Failure.of(self.dataset.videos[number].path, error.__cause__ or error)
                self._hand(VideoEnd(number, failure))
        except _StoppedError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the views are taken
            if not self._stop.is_set():
                self._hand(error)


@contextmanager
def views_of_dataset(dataset: LabeledVideoDataset, batch_size: int, workers: int) -> Iterator[Items]:
    """The samples of a dataset with a sampler of its own, as views; ends of videos come where the video changes."""
    yield _samples(dataset, batch_size, workers)


def _samples(dataset: LabeledVideoDataset, batch_size: int, workers: int) -> Iterator[Item]:
    loader = DataLoader(dataset, batch_size, num_workers=workers, collate_fn=list)
    current: int | None = None
    for samples in loader:
        for sample in samples:
            try:
                view = View(*(sample[key] for key in ("video_index", "clip_index", "aug_index", "video")))
            except (KeyError, TypeError) as error:
                raise ArgumentError(
                    f"evaluation needs samples with video, video_index, clip_index and aug_index: {error!r}"
                ) from error
            if isinstance(view.clip, list):
                raise ArgumentError("evaluation takes samples of one clip each, and the clip sampler gives several")
            if current is not None and view.video != current:
                yield VideoEnd(current)
            current = view.video
            yield evolve(view, clip=int(view.clip), crop=int(view.crop))
    if current is not None:
        yield VideoEnd(current)
    broken = {failure.path: failure for failure in dataset.failures.failures()}
    for number, video in enumerate(dataset.videos):
        if video.path in broken:
            yield VideoEnd(number, broken[video.path])
