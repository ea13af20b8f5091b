"""What a run needs to go on as if nothing had happened: checkpoints at the right moments, with the random generators."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from lightning.pytorch.callbacks import Checkpoint

from ptv_train.checkpoint import BEST, load_checkpoint, save_checkpoint
from ptv_train.train_accuracy import TrainMetrics

LAST: Final = "last.ckpt"
KEY: Final = "ptv_run"


class RunCheckpoints(Checkpoint):
    """Writes ``last.ckpt`` after epochs and steps, and ``best.ckpt`` when the validation is better than ever.

    Both hold the state of the random generators of every rank, which is set again when the run goes on.

    Args:
        out: folder of the run.
        save_every: optimizer steps between two ``last.ckpt`` within an epoch; ``None``: only after epochs.
        settings: what the run was asked for, kept in the checkpoints.
        datasets: those whose unreadable videos are counted.
        metrics: those of the epoch that is going on.
        score: name of the metric that the best checkpoint has most of.
    """

    def __init__(
        self,
        out: Path,
        save_every: int | None,
        settings: dict[str, Any],
        datasets: list[Any],
        metrics: TrainMetrics,
        score: str,
    ) -> None:
        self._out, self._save_every, self._settings = out, save_every, settings
        self._datasets, self._metrics, self._score = datasets, metrics, score
        self._epoch, self._epochs_done, self._saved_step = 0, 0, 0
        self._best: float | None = None
        self._resumed: dict[str, Any] | None = None
        self.skipped: dict[str, str] = {}

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Set the random generators: as they were, or apart on each rank."""
        self._saved_step = trainer.global_step
        if self._resumed is not None:
            _set_random_states(self._resumed["random"][trainer.global_rank])
            self._metrics.load_counts(self._resumed["counts"][trainer.global_rank])
        elif trainer.global_rank:
            torch.manual_seed(self._settings["seed"] + trainer.global_rank)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remember which epoch it is."""
        self._epoch = trainer.current_epoch

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Write ``last.ckpt`` where it is due; the last step of an epoch is written with the epoch."""
        step = trainer.global_step
        due = self._save_every is not None and step % self._save_every == 0 and step != self._saved_step
        if due and not trainer.is_last_batch:
            self._saved_step = step
            trainer.save_checkpoint(self._out / LAST, weights_only=False)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write ``best.ckpt``, if it is better, and ``last.ckpt``."""
        self._epochs_done, self._saved_step = self._epoch + 1, trainer.global_step
        score = trainer.callback_metrics.get(self._score)
        if score is not None and (self._best is None or float(score) > self._best):
            self._best = float(score)
            trainer.save_checkpoint(self._out / BEST, weights_only=False)
        trainer.save_checkpoint(self._out / LAST, weights_only=False)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Gather what the ranks could not read."""
        for found in _from_all(trainer, self._unreadable()):
            self.skipped |= found

    def _unreadable(self) -> dict[str, str]:
        reports = [dataset.failures for dataset in self._datasets if hasattr(dataset, "failures")]
        return {f.path: f"{f.error}: {f.message}" for report in reports for f in report.failures()}

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Add the states of all ranks; every rank comes here."""
        mine = {
            "random": _random_states(),
            "counts": self._metrics.counts(),
            "skipped": self._unreadable(),
        }
        ranks = _from_all(trainer, mine)
        for rank in ranks:
            self.skipped |= rank["skipped"]
        checkpoint[KEY] = {
            "settings": self._settings,
            "epochs_done": self._epochs_done,
            "stopped": bool(trainer.should_stop),
            "best": self._best,
            "skipped": self.skipped,
            "random": [rank["random"] for rank in ranks],
            "counts": [rank["counts"] for rank in ranks],
        }

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Take over what the run knew."""
        saved = checkpoint[KEY]
        self._resumed = saved
        self._epochs_done, self._best = saved["epochs_done"], saved["best"]
        self.skipped = dict(saved["skipped"])


class CheckpointFiles(TorchCheckpointIO):
    """How Lightning writes and reads checkpoints here."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """See :func:`save_checkpoint`."""
        save_checkpoint(checkpoint, Path(path))

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        """See :func:`load_checkpoint`."""
        return load_checkpoint(path)


def _from_all(trainer: pl.Trainer, mine: Any) -> list[Any]:
    if trainer.world_size == 1:
        return [mine]
    found: list[Any] = [None] * trainer.world_size
    torch.distributed.all_gather_object(found, mine)
    return found


def _random_states() -> dict[str, Any]:
    """Plain data and tensors, so that the checkpoint reads with ``weights_only=True``."""
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        "python": [version, torch.tensor(numbers, dtype=torch.int64), gauss],
        "numpy": [name, torch.from_numpy(np.asarray(keys, np.int64)), position, has_gauss, cached],
    }


def _set_random_states(states: dict[str, Any]) -> None:
    torch.set_rng_state(states["torch"])
    if states["cuda"] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers.tolist()), gauss))
    name, keys, position, has_gauss, cached = states["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), position, has_gauss, cached))
