"""Sharing an epoch among ranks, and resuming in the middle of one."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import torch.distributed
from torch.utils.data import DataLoader, Sampler

from ptv_datasets.labeled_video import LabeledVideoDataset
from ptv_datasets.reading.failures import FailureReport
from ptv_registry.errors import ArgumentError

logger = logging.getLogger(__name__)


class ResumableSampler(Sampler[list[int]]):
    """Batches of one rank: all ranks together give every clip of the epoch once, in the same number of steps.

    A loader takes it as ``batch_sampler``. It follows the order of the dataset and keeps the clips of a video together.
    The last batches are smaller where the clips do not suffice; a clip is given twice only where even that leaves a rank
    without one (fewer clips than ranks, or batches of one), see :attr:`num_repeated`. After a pass the epoch advances by itself.

    Args:
        dataset: the dataset; its ``set_epoch`` is called when a pass begins.
        batch_size: number of clips of a batch.
        rank: number of this process; by default that of the process group, or 0.
        world_size: number of processes; by default that of the process group, or 1.
        drop_last: leave out the clips that do not fill a batch on every rank.
        shuffle_clips: mix the clips of different videos, which reads each video as often as it has clips.

    Raises:
        ArgumentError: a number is out of range.
    """

    def __init__(
        self,
        dataset: LabeledVideoDataset,
        batch_size: int,
        *,
        rank: int | None = None,
        world_size: int | None = None,
        drop_last: bool = False,
        shuffle_clips: bool = False,
    ) -> None:
        group = torch.distributed.is_available() and torch.distributed.is_initialized()
        self.rank = rank if rank is not None else torch.distributed.get_rank() if group else 0
        self.world_size = world_size if world_size is not None else torch.distributed.get_world_size() if group else 1
        if batch_size < 1:
            raise ArgumentError(f"batch_size={batch_size!r} must be at least 1")
        if not 0 <= self.rank < self.world_size:
            raise ArgumentError(f"rank={self.rank!r} must be at least 0 and less than world_size={self.world_size!r}")
        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.shuffle_clips = shuffle_clips
        self.sampler = self  # where Lightning looks for set_epoch
        self.epoch = dataset.epoch
        self._first = 0  # step at which the next pass begins
        self._asked = 0

    @property
    def first_step(self) -> int:
        """The step at which the next pass begins: 0, except after :meth:`load_state_dict`."""
        return self._first

    def set_epoch(self, epoch: int) -> None:
        """Begin the next pass with this epoch; another one than the present begins at its start."""
        if epoch != self.epoch:
            self.epoch, self._first, self._asked = epoch, 0, 0

    @property
    def num_repeated(self) -> int:
        """How many clips of an epoch are given twice, so that all ranks take the same number of steps."""
        return sum(len(batch) for step in self._steps() for batch in step) - self._num_used

    @property
    def _num_used(self) -> int:
        total, whole = len(self.dataset), self.batch_size * self.world_size
        return total // whole * whole if self.drop_last else total

    def _steps(self) -> list[list[range]]:
        """For each step the clips of each rank, as places in the order of the epoch."""
        whole = self.batch_size * self.world_size
        used = self._num_used
        full, rest = divmod(used, whole)
        steps = [_parts(range(step * whole, (step + 1) * whole), self.world_size) for step in range(full)]
        if not rest:
            return steps
        if rest >= self.world_size:
            return [*steps, _parts(range(full * whole, used), self.world_size)]
        if full and self.batch_size > 1:
            # The rest does not go round: it and the last whole step make two smaller steps.
            parts = _parts(range((full - 1) * whole, used), 2 * self.world_size)
            return [*steps[:-1], parts[: self.world_size], parts[self.world_size :]]
        tail = _parts(range(full * whole, used), rest)
        return [*steps, [tail[rank % rest] for rank in range(self.world_size)]]

    def __len__(self) -> int:
        return -(-self._num_used // (self.batch_size * self.world_size))

    def __iter__(self) -> Iterator[list[int]]:
        """The batches of the epoch; after :meth:`load_state_dict` those that were left."""
        self.dataset.set_epoch(self.epoch)
        order = list(range(len(self.dataset)))
        if self.shuffle_clips:
            random.Random(f"{self.dataset.seed}/{self.epoch}/clips").shuffle(order)
        self._asked, self._first = self._first, 0
        for step in self._steps()[self._asked :]:
            self._asked += 1
            yield [order[place] for place in step[self.rank]]
        self.epoch, self._asked = self.epoch + 1, 0

    def state_dict(self, steps_done: int | None = None) -> dict[str, Any]:
        """Where the pass is, the same on every rank.

        Args:
            steps_done: number of steps of the epoch that are done. A loader with workers asks for batches in advance, so
                only who receives them knows; by default the batches that have been asked for.
        """
        done = (self._first or self._asked) if steps_done is None else steps_done
        return {
            "epoch": self.epoch,
            "steps_done": done,
            "clips_done": min(done * self.batch_size * self.world_size, len(self.dataset)),
            "batch_size": self.batch_size,
            "world_size": self.world_size,
            "seed": self.dataset.seed,
            "num_clips": len(self.dataset),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume where ``state`` says, with the next pass.

        Raises:
            ArgumentError: the state is of another dataset, seed, batch size or number of ranks.
        """
        present = self.state_dict()
        for key in "num_clips", "seed", "batch_size", "world_size":
            if state[key] != present[key]:
                raise ArgumentError(
                    f"the saved position has {key}={state[key]!r}, but here it is {present[key]!r}; "
                    "to go on in the middle of an epoch they must agree"
                )
        self.epoch, self._first = int(state["epoch"]), int(state["steps_done"])
        if self._first >= len(self):
            self.epoch, self._first = self.epoch + 1, 0


def _parts(clips: range, number: int) -> list[range]:
    """``number`` parts of nearly equal size, each in a row."""
    bounds = [len(clips) * part // number for part in range(number + 1)]
    return [clips[first:end] for first, end in pairwise(bounds)]


class ClipLoader(DataLoader[Any]):
    """A loader whose position can be saved and resumed in the middle of an epoch, and which shares clips among ranks.

    It counts the batches that have been given out, not those that workers have prepared. At the end of an epoch it tells
    which videos could not be read.

    Args:
        dataset: the dataset.
        batch_size: number of clips of a batch.
        rank: see :class:`ResumableSampler`.
        world_size: see :class:`ResumableSampler`.
        drop_last: see :class:`ResumableSampler`.
        shuffle_clips: see :class:`ResumableSampler`.
        num_workers: see :class:`torch.utils.data.DataLoader`, as for what follows.
        collate_fn: makes a batch of samples.
        pin_memory: copy batches to memory from which they go to a GPU faster.
        persistent_workers: keep the workers from epoch to epoch.
        prefetch_factor: batches that each worker prepares in advance.
        multiprocessing_context: how workers start.
        timeout: seconds to wait for a batch of a worker.
    """

    def __init__(
        self,
        dataset: LabeledVideoDataset,
        batch_size: int = 1,
        *,
        rank: int | None = None,
        world_size: int | None = None,
        drop_last: bool = False,
        shuffle_clips: bool = False,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        persistent_workers: bool = False,
        prefetch_factor: int | None = None,
        multiprocessing_context: Any = None,
        timeout: float = 0,
    ) -> None:
        self._batches = ResumableSampler(
            dataset, batch_size, rank=rank, world_size=world_size, drop_last=drop_last, shuffle_clips=shuffle_clips
        )
        self._position: tuple[int, int] | None = None  # epoch and steps of the pass that is going on
        super().__init__(
            dataset,
            batch_sampler=self._batches,
            num_workers=num_workers,
            collate_fn=collate_fn,
            pin_memory=pin_memory,
            persistent_workers=persistent_workers,
            prefetch_factor=prefetch_factor,
            multiprocessing_context=multiprocessing_context,
            timeout=timeout,
        )

    def set_epoch(self, epoch: int) -> None:
        """Begin the next pass with this epoch."""
        self._batches.set_epoch(epoch)

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """The batches of the epoch; after :meth:`load_state_dict` those that were left."""
        epoch, given = self._batches.epoch, self._batches.first_step
        for batch in super().__iter__():
            given += 1
            self._position = epoch, given
            yield batch
        self._position = None
        if len(self._failures):
            logger.warning("epoch %d: %s", epoch, self._failures)

    @property
    def _failures(self) -> FailureReport:
        return self._batches.dataset.failures

    def state_dict(self) -> dict[str, Any]:
        """Where the pass is: what has been given out counts as done."""
        if self._position is None:
            return self._batches.state_dict()
        epoch, given = self._position
        return {**self._batches.state_dict(given), "epoch": epoch}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume where ``state`` says, with the next pass; see :meth:`ResumableSampler.load_state_dict`."""
        self._position = None
        self._batches.load_state_dict(state)
