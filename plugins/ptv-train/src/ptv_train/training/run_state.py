"""What a run needs to resume as if nothing had happened: checkpoints at the right moments, with the random generators."""

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
from ptv_train.training.metrics_file import MetricsFile
from ptv_train.training.train_accuracy import TrainMetrics

LAST: Final = "last.ckpt"
METRICS: Final = "metrics.csv"
KEY: Final = "ptv_run"


class RunCheckpoints(Checkpoint):
    """Writes ``last.ckpt`` after epochs and steps, ``best.ckpt`` when the validation is better than ever, ``metrics.csv``.

    Checkpoints hold the state of the random generators of every rank, which is set again when the run goes on. The rows of
    ``metrics.csv`` up to a step are there before the checkpoint of that step is.

    Args:
        out: folder of the run.
        save_every: optimizer steps between two ``last.ckpt`` within an epoch; ``None``: only after epochs.
        log_every: optimizer steps between two rows of ``metrics.csv``.
        settings: what the run was asked for, kept in the checkpoints.
        datasets: those whose unreadable videos are counted.
        metrics: those of the epoch that is going on.
        score: name of the metric that the best checkpoint has most of.
    """

    def __init__(
        self,
        out: Path,
        save_every: int | None,
        log_every: int,
        settings: dict[str, Any],
        datasets: list[Any],
        metrics: TrainMetrics,
        score: str,
    ) -> None:
        self._out, self._settings = out, settings
        self._save_every, self._log_every = save_every, log_every
        self._datasets, self._metrics, self._score = datasets, metrics, score
        self._epoch, self._epochs_done, self._step = 0, 0, 0
        self._step_names: list[str] | None = None
        self._rows = MetricsFile(out / METRICS)
        self._best: float | None = None
        self._resumed: dict[str, Any] | None = None
        self.skipped: dict[str, str] = {}

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Set the random generators: as they were, or apart on each rank."""
        self._step = trainer.global_step
        self._rows = MetricsFile(self._out / METRICS, trainer.global_step)
        if self._resumed is not None:
            _set_random_states(self._resumed["random"][trainer.global_rank])
            counts = self._resumed["counts"][trainer.global_rank]
            if counts is not None:
                self._metrics.load_counts(counts)
        elif trainer.global_rank:
            torch.manual_seed(self._settings["seed"] + trainer.global_rank)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Write a row and ``last.ckpt`` where they are due; the last step of an epoch is saved with the epoch."""
        self._epoch = trainer.current_epoch
        if self._step_names is None:
            self._step_names = list(trainer.callback_metrics)
        step = trainer.global_step
        if step == self._step:
            return
        self._step = step
        if step % self._log_every == 0:
            self._write_row(trainer, {name: trainer.callback_metrics[name] for name in self._step_names})
        if self._save_every is not None and step % self._save_every == 0 and not trainer.is_last_batch:
            trainer.save_checkpoint(self._out / LAST, weights_only=False)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the epoch's row, ``best.ckpt``, if it is better, and ``last.ckpt``."""
        self._epochs_done, self._step = self._epoch + 1, trainer.global_step
        values = trainer.callback_metrics
        self._write_row(trainer, {name: values[name] for name in values if name not in (self._step_names or ())})
        score = values.get(self._score)
        if score is not None and (self._best is None or float(score) > self._best):
            self._best = float(score)
            trainer.save_checkpoint(self._out / BEST, weights_only=False)
        trainer.save_checkpoint(self._out / LAST, weights_only=False)

    def _write_row(self, trainer: pl.Trainer, values: dict[str, torch.Tensor]) -> None:
        if trainer.is_global_zero and values:
            rounded = {name: float(f"{float(value):.7g}") for name, value in values.items()}
            self._rows.write(self._epoch, trainer.global_step, rounded)

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
            "counts": None if self._epochs_done > self._epoch else self._metrics.counts(),
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
    """Lightning's checkpoint IO, with checksums."""

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
