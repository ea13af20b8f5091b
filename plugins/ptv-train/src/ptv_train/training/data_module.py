"""The batches of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from typing import Any

import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from ptv_datasets import ClipLoader, LabeledVideoDataset

Collate = Callable[[list[Any]], Any] | None


class Batches(pl.LightningDataModule):
    """Loaders that are made once the ranks of a run are known.

    Labelled videos to train on are shared among the ranks, in equal steps, and their position goes into checkpoints, so
    that a run resumes in the middle of an epoch. Of another dataset an epoch that was broken off starts over.

    Args:
        train: what to train on.
        val: what to validate on, or ``None``.
        batch_size: clips per step and rank.
        workers: processes that read video; 0 reads in this one.
        collate, collate_val: make batches of samples; ``None`` for torch's own way.
    """

    def __init__(
        self,
        train: Dataset[Any],
        val: Dataset[Any] | None,
        batch_size: int,
        workers: int,
        collate: Collate = None,
        collate_val: Collate = None,
    ) -> None:
        super().__init__()
        self._collate, self._collate_val = collate, collate_val
        self._train, self._val = train, val
        self._batch_size, self._workers = batch_size, workers
        self._clips: ClipLoader | None = None
        self._position: dict[str, Any] = {}

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches to train on."""
        if isinstance(self._train, LabeledVideoDataset):
            workers = self._workers
            self._clips = ClipLoader(
                self._train,
                self._batch_size,
                num_workers=workers,
                persistent_workers=workers > 0,
                collate_fn=self._collate,
            )
            self._clips.generator = _apart()
            self.load_state_dict(self._position)
            self._position = {}
            return self._clips
        return loader(self._train, self._batch_size, self._workers, _shares(self._train), self._collate)

    # Lightning keeps the positions of loaders too, but gives none back to loaders that an optimizer's schedule asked for.

    def state_dict(self) -> dict[str, Any]:
        """Where in the epoch the run is."""
        return {} if self._clips is None else self._clips.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume there, with the current loader or the next one; a complete epoch leaves nothing to resume."""
        if not 0 < state_dict.get("clips_done", 0) < state_dict.get("num_clips", 0):
            return
        if self._clips is None:
            self._position = state_dict
        else:
            self._clips.load_state_dict(state_dict)

    def val_dataloader(self) -> list[DataLoader[Any]]:
        """Batches to validate on, if any: each rank its share."""
        if self._val is None:
            return []
        return [loader(self._val, self._batch_size, self._workers, _uneven_shares(self._val), self._collate_val)]

    def plain_batches(self, number: int) -> Iterable[Any]:
        """So many batches to train on, as many on every rank, apart from the loader whose position is saved.

        They are read in this process, in the dataset's order of the epoch.
        """
        rank, world = _ranks()
        clips = len(self._train) if isinstance(self._train, Sized) else 0
        share = min(number * self._batch_size, max(1, clips // world))
        return loader(
            self._train,
            self._batch_size,
            0,
            [place % clips for place in range(rank * share, (rank + 1) * share)],
            self._collate,
        )


def loader(
    dataset: Dataset[Any],
    batch_size: int,
    workers: int,
    sampler: Iterable[int] | None = None,
    collate: Collate = None,
) -> DataLoader[Any]:
    """Batches in the dataset's own order, which it shuffles by video and epoch."""
    return DataLoader(
        dataset,
        batch_size,
        sampler=sampler,
        collate_fn=collate,
        num_workers=workers,
        persistent_workers=workers > 0,
        generator=_apart(),
    )


def _apart() -> torch.Generator:
    """What loaders draw the seeds of workers from, so that making one leaves the run's random numbers alone."""
    return torch.Generator().manual_seed(torch.initial_seed() % 2**63)


def _ranks() -> tuple[int, int]:
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1


def _shares(dataset: Dataset[Any]) -> Iterable[int] | None:
    """Equal shares, some clips twice where need be, for steps that all ranks take together."""
    rank, world = _ranks()
    if world == 1 or not isinstance(dataset, Sized):
        return None
    return DistributedSampler(dataset, world, rank, shuffle=False)


def _uneven_shares(dataset: Dataset[Any]) -> Iterable[int] | None:
    """All clips once; one rank may have fewer, or none."""
    rank, world = _ranks()
    if world == 1 or not isinstance(dataset, Sized):
        return None
    return range(len(dataset) * rank // world, len(dataset) * (rank + 1) // world)
