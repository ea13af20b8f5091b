"""The batches of a run."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
from torch.utils.data import DataLoader, Dataset

from ptv_datasets import ClipLoader, LabeledVideoDataset


class Batches(pl.LightningDataModule):
    """Loaders that are made once the ranks of a run are known.

    Labelled videos to train on are shared among the ranks, in equal steps, and their position goes into checkpoints, so
    that a run resumes in the middle of an epoch. Another dataset has what Lightning does: it samples what the ranks share,
    and an epoch that was broken off starts over.

    Args:
        train: what to train on.
        val: what to validate on, or ``None``. Every rank reads all of it if ``train`` is of labelled videos.
        batch_size: clips per step and rank.
        workers: processes that read video; 0 reads in this one.
    """

    def __init__(self, train: Dataset[Any], val: Dataset[Any] | None, batch_size: int, workers: int) -> None:
        super().__init__()
        self._train, self._val = train, val
        self._batch_size, self._workers = batch_size, workers
        self._clips: ClipLoader | None = None
        self._position: dict[str, Any] = {}

    @property
    def shares(self) -> bool:
        """Whether the batches are shared among the ranks here, not by Lightning."""
        return isinstance(self._train, LabeledVideoDataset)

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches to train on."""
        if isinstance(self._train, LabeledVideoDataset):
            workers = self._workers
            self._clips = ClipLoader(self._train, self._batch_size, num_workers=workers, persistent_workers=workers > 0)
            self.load_state_dict(self._position)
            self._position = {}
            return self._clips
        return loader(self._train, self._batch_size, self._workers)

    # Lightning keeps the positions of loaders too, but gives none back to loaders that an optimizer's schedule asked for.

    def state_dict(self) -> dict[str, Any]:
        """Where in the epoch the run is."""
        return {} if self._clips is None else self._clips.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on there, with the loader that there is or the next one; a whole epoch leaves nothing to go on with."""
        if not 0 < state_dict.get("clips_done", 0) < state_dict.get("num_clips", 0):
            return
        if self._clips is None:
            self._position = state_dict
        else:
            self._clips.load_state_dict(state_dict)

    def val_dataloader(self) -> list[DataLoader[Any]]:
        """Batches to validate on, if any."""
        return [] if self._val is None else [loader(self._val, self._batch_size, self._workers)]


def loader(dataset: Dataset[Any], batch_size: int, workers: int) -> DataLoader[Any]:
    """Batches in the dataset's own order, which it shuffles by video and epoch."""
    return DataLoader(dataset, batch_size, num_workers=workers, persistent_workers=workers > 0)
