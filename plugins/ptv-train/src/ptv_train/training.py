"""``Training``: one run, from specs to checkpoints and logs in a folder."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from attrs import define, field, frozen
from lightning.pytorch.callbacks import ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from torch import nn
from torch.utils.data import Dataset

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_train.batches import Batches
from ptv_train.checkpoint import ModelRecord
from ptv_train.clip_classifier import ClipClassifier, Optimizer
from ptv_train.clips import ClipRecipe, recipe_for
from ptv_train.errors import CheckpointError, RunExistsError

_CLASS_COUNTS = ("model_num_class", "num_classes")


@frozen
class TrainingResult:
    """What a run left behind: its folder, the last checkpoint, and the last value of every metric."""

    out: Path
    checkpoint: Path
    metrics: dict[str, float]


@define
class Training:
    """Trains a model on a dataset of labelled clips.

    Attributes:
        model: spec, plan or lock of a model. If it does not say how many classes there are, the dataset does.
        train, val: specs of datasets, or datasets; ``val`` may be ``None``.
        out: folder for checkpoints (``last.ckpt``, ``best.ckpt``), ``model.lock.json``, ``metrics.csv`` and TensorBoard
            events.
        epochs: how often every clip is seen.
        batch_size: clips per step.
        optimizer, lr, weight_decay, warmup, label_smoothing: see :class:`ClipClassifier`.
        workers: processes that read video; 0 reads in this one.
        seed: of the weights; the datasets have seeds of their own.
        resume: go on from ``last.ckpt`` in ``out``.
        save_every: write ``last.ckpt`` after this many steps too, not only at the end of an epoch.
        recipe: how clips become input, kept in the checkpoint for ``ptv predict``; by default the model's own.
        accelerator, devices, precision: see :class:`lightning.pytorch.Trainer`.
        progress: whether to show a progress bar.
    """

    model: Any
    train: Any
    val: Any = None
    out: Path = field(default=Path("runs/train"), converter=Path)
    epochs: int = 10
    batch_size: int = 8
    optimizer: Optimizer = "adamw"
    lr: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.1
    label_smoothing: float = 0.0
    workers: int = 0
    seed: int = 0
    resume: bool = False
    save_every: int | None = None
    recipe: ClipRecipe | None = None
    accelerator: str = "auto"
    devices: Any = "auto"
    precision: Any = "32-true"
    progress: bool = True

    def run(self) -> TrainingResult:
        """Train to the last epoch.

        Raises:
            RunExistsError: ``out`` holds a run, and ``resume`` is off.
            CheckpointError: ``resume`` is on and there is nothing to resume, or it is of another model.
            ArgumentError: a count is not positive, or the dataset has no classes.
        """
        self._check()
        train = as_dataset(self.train)
        val = as_dataset(self.val) if self.val is not None else None
        categories = categories_of(train)
        pl.seed_everything(self.seed, workers=True, verbose=False)
        model, plan = build_classifier(self.model, len(categories))
        lock = ptv_registry.freeze(plan)
        recipe = self.recipe or recipe_for(plan)
        record = ModelRecord(lock, tuple(categories), recipe).to_dict()
        module = ClipClassifier(
            model,
            len(categories),
            optimizer=self.optimizer,
            lr=self.lr,
            weight_decay=self.weight_decay,
            warmup=self.warmup,
            label_smoothing=self.label_smoothing,
            record=record,
        )
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "model.lock.json").write_text(lock, encoding="utf-8")
        batches = Batches(train, val, self.batch_size, self.workers)
        trainer = self._trainer(val is not None, batches.shares)
        with quiet_lightning():
            trainer.fit(
                module,
                datamodule=batches,
                ckpt_path=self._last if self.resume else None,
                weights_only=True,
            )
        trainer.save_checkpoint(self._last)
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        (self.out / "summary.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
        return TrainingResult(self.out, self._last, metrics)

    @property
    def _last(self) -> Path:
        return self.out / "last.ckpt"

    def _check(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise ArgumentError(f"{name}={getattr(self, name)!r} must be at least 1")
        if self.save_every is not None and self.save_every < 1:
            raise ArgumentError(f"save_every={self.save_every!r} must be at least 1, or None")
        if self.workers < 0:
            raise ArgumentError(f"workers={self.workers!r} must be at least 0")
        if self.resume and not self._last.is_file():
            raise CheckpointError(f"there is nothing to resume: {self._last} does not exist", path=str(self._last))
        if not self.resume and self._last.exists():
            raise RunExistsError(
                f"{self.out} holds a run already; resume it (--resume), or choose another folder", path=str(self.out)
            )

    def _trainer(self, validates: bool, shares: bool) -> pl.Trainer:
        callbacks: list[pl.Callback] = [ModelCheckpoint(self.out, "last", enable_version_counter=False)]
        if self.save_every is not None:
            often = ModelCheckpoint(
                self.out,
                "last",
                every_n_train_steps=self.save_every,
                save_on_train_epoch_end=False,
                enable_version_counter=False,
            )
            callbacks.append(often)
        if validates:
            best = ModelCheckpoint(self.out, "best", "val_top1", mode="max", enable_version_counter=False)
            callbacks.append(best)
        if self.progress:
            callbacks.append(TQDMProgressBar(leave=False))
        with quiet_lightning():
            return pl.Trainer(
                max_epochs=self.epochs,
                accelerator=self.accelerator,
                devices=self.devices,
                precision=self.precision,
                default_root_dir=self.out,
                logger=[CSVLogger(self.out, name="", version=""), TensorBoardLogger(self.out, name="", version="")],
                callbacks=callbacks,
                enable_progress_bar=self.progress,
                enable_model_summary=False,
                log_every_n_steps=10,
                num_sanity_val_steps=0,
                use_distributed_sampler=not shares,
            )


def as_dataset(spec: Any) -> Dataset[Any]:
    """The dataset of a spec; a dataset is returned as it is."""
    dataset: Dataset[Any] = (
        ptv_registry.build(spec, kind="dataset") if isinstance(spec, str | Mapping | ptv_registry.Spec) else spec
    )
    return dataset


def categories_of(dataset: Any) -> list[str]:
    """The names of a dataset's classes.

    Raises:
        ArgumentError: it has none.
    """
    names = getattr(dataset, "class_names", None)
    if names:
        return [str(name) for name in names]
    labels = {video.info["label"] for video in getattr(dataset, "videos", ()) if video.info.get("label", -1) >= 0}
    if labels:
        return [str(label) for label in range(max(labels) + 1)]
    raise ArgumentError(f"{type(dataset).__name__} has no labels to train on")


def build_classifier(model: Any, num_classes: int) -> tuple[nn.Module, ptv_registry.Plan]:
    """The model with as many classes as the dataset has, unless its spec says how many, and its plan.

    Raises:
        ArgumentError: the spec says another number.
    """
    plan = ptv_registry.resolve(model)
    for name in _CLASS_COUNTS:
        argument = plan.root.arguments.get(name)
        if argument is None:
            continue
        if argument.source == "default":
            count: dict[str, Any] = {name: num_classes}
            plan = ptv_registry.resolve(model, **count)
        elif argument.value != num_classes:
            raise ArgumentError(f"{name}={argument.value} of the model, and the dataset has {num_classes} classes")
    built: nn.Module = ptv_registry.build(plan)
    return built, plan


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Keep Lightning from advertising; what it warns of that a user cannot change here is left out."""
    names = ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero", "lightning.fabric.utilities.rank_zero")
    loggers: list[tuple[logging.Logger, int]] = [(logging.getLogger(n), logging.getLogger(n).level) for n in names]
    restore: list[Callable[[], None]] = []
    for logger, level in loggers:
        logger.setLevel(logging.ERROR)
        restore.append(lambda logger=logger, level=level: logger.setLevel(level))  # type: ignore[misc]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*does not have many workers.*")
            warnings.filterwarnings("ignore", message=".*Total length of `list` across ranks is zero.*")
            warnings.filterwarnings("ignore", message=".*exists and is not empty.*")
            warnings.filterwarnings("ignore", message=".*number of training batches.*")
            warnings.filterwarnings("ignore", message=".*`validation_step` but have no `val_dataloader`.*")
            warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*")
            warnings.filterwarnings("ignore", message=".*hyperparams in yaml.*")
            yield
    finally:
        for undo in restore:
            undo()
