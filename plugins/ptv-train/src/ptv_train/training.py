"""``Training``: one run, from specs to checkpoints and logs in a folder."""

from __future__ import annotations

import json
import logging
import math
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import lightning.pytorch as pl
from attrs import define, evolve, field, frozen
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.utilities.exceptions import MisconfigurationException

import ptv_registry
from ptv_layers.scores import giving_logits, scores_of
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text
from ptv_registry.redaction import without_secrets
from ptv_train.batches import Batches
from ptv_train.checkpoint import ModelRecord, load_checkpoint, way_out
from ptv_train.classifier_model import build_classifier
from ptv_train.clip_classifier import ClipClassifier, Optimizer
from ptv_train.clips import ClipRecipe, recipe_for
from ptv_train.errors import CheckpointError, RunExistsError
from ptv_train.freezing import freeze
from ptv_train.metrics_file import Events, MetricsFile
from ptv_train.model_source import address_of
from ptv_train.run_data import check_described, training_data, validation_data
from ptv_train.run_record import check_same, model_of, write_record
from ptv_train.run_state import KEY, LAST, CheckpointFiles, RunCheckpoints

SUMMARY: Final = "summary.json"
_PLAIN: Final = (
    "epochs",
    "batch_size",
    "accumulate",
    "clip_grad",
    "optimizer",
    "lr",
    "weight_decay",
    "warmup",
    "label_smoothing",
    "seed",
    "sync_batchnorm",
    "strategy",
    "compile",
    "workers",
    "save_every",
    "accelerator",
)


@frozen
class TrainingResult:
    """What a run left behind.

    Attributes:
        out: its folder.
        checkpoint: the last checkpoint.
        metrics: the last value of every metric.
        skipped: the videos that could not be read, each with the cause.
        was_finished: there was nothing left to do, and nothing was changed.
    """

    out: Path
    checkpoint: Path
    metrics: dict[str, float]
    skipped: dict[str, str] = field(factory=dict)
    was_finished: bool = False


@define
class Training:
    """Trains a model on a dataset of labelled clips.

    Attributes:
        model: spec, plan or lock of a model. If it does not say how many classes there are, the dataset does.
        train, val: folders of class folders, label files, specs of datasets, or datasets; ``val`` may be ``None``. What a
            spec leaves out follows from ``recipe``. Classes of ``val`` are those of ``train`` of the same names.
        out: folder for checkpoints (``last.ckpt``, ``last.previous.ckpt``, ``best.ckpt``), ``run.yaml``,
            ``model.lock.json``, ``metrics.csv``, ``summary.json`` and TensorBoard events.
        epochs: how often every clip is seen.
        batch_size: clips per step and process.
        optimizer, lr, weight_decay, warmup, label_smoothing: see :class:`ClipClassifier`.
        workers: processes that read video; 0 reads in this one.
        seed: of the weights and of dropout; the datasets have seeds of their own.
        resume: go on from ``last.ckpt`` in ``out``. All settings but ``epochs``, ``workers``, ``save_every``,
            ``accelerator`` and ``progress`` must be those the run began with.
        save_every: write ``last.ckpt`` after this many steps too, not only at the end of an epoch.
        recipe: how clips become input, kept in the checkpoint for ``ptv predict``; by default the model's own.
        accelerator, devices, num_nodes, strategy, precision, sync_batchnorm: see :class:`lightning.pytorch.Trainer`.
        weights: where the training starts from: name of published weights, a file, or an address.
        freeze: what does not learn: ``backbone`` (all but the head), or a pattern of parameter names.
        on_error: what becomes of videos that cannot be read; those left out are listed in ``run.yaml``.
        accumulate: batches whose gradients make one step.
        clip_grad: the largest norm of the gradients of a step; ``None``: any.
        compile: compile the model with :func:`torch.compile`.
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
    num_nodes: int = 1
    strategy: str = "auto"
    precision: Any = "32-true"
    weights: str | None = None
    freeze: str | None = None
    on_error: Literal["raise", "skip", "substitute"] = "raise"
    accumulate: int = 1
    clip_grad: float | None = None
    sync_batchnorm: bool = False
    compile: bool = False
    progress: bool = True

    def run(self) -> TrainingResult:
        """Train to the last epoch.

        Raises:
            RunExistsError: ``out`` holds a run, and ``resume`` is off.
            CheckpointError: ``resume`` is on and there is nothing to resume, or it is damaged.
            ArgumentError: a setting is out of range, or another than the run began with; the machine does not have what
                is asked for; or the dataset has no classes.
            OutputError: a file of the run cannot be written.
            KeyboardInterrupt: of Ctrl-C; ``resume`` goes on.
        """
        self._check()
        saved = load_checkpoint(self._last) if self.resume else None
        asked: dict[str, Any] = {} if self.weights is None else {"weights": address_of(self.weights)}
        plan = ptv_registry.resolve(self.model, **asked)
        recipe = self.recipe or recipe_for(plan)
        if self.recipe is None:
            check_described(self.train)
        train = training_data(self.train, recipe, seed=self.seed, on_error=self.on_error)
        categories = categories_of(train)
        val = None if self.val is None else validation_data(self.val, recipe, categories, on_error=self.on_error)
        pl.seed_everything(self.seed, workers=True, verbose=False)
        model, plan = build_classifier(plan, len(categories))
        recipe = evolve(recipe, scores=scores_of(model))
        if recipe.scores == "per_label":
            raise ArgumentError(
                f"the scores of {plan.root.name} are a probability per label, and each video here has one class; give the "
                "head another activation (head_activation=none)"
            )
        at_rest = () if self.freeze is None else freeze(model, self.freeze)
        lock = ptv_registry.freeze(plan)
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
            at_rest=at_rest,
        )
        settings = self._settings(record)
        state = RunCheckpoints(self.out, self.save_every, settings, [train, val], module.train_metrics)
        steps_done = 0 if saved is None else int(saved["global_step"])
        trainer = self._trainer(state, steps_done)
        settings["processes"] = trainer.world_size
        if saved is not None and self._was_finished(saved, settings):
            return self._finished(saved)
        del saved
        if self.compile:
            model.compile()
        if trainer.is_global_zero:
            write_record(self.out, settings, finished=False, skipped={}, spec=describe(self.model))
            write_text(self.out / "model.lock.json", lock)
        with quiet_lightning(), _interruptible(trainer), giving_logits(model):
            trainer.fit(
                module,
                datamodule=Batches(train, val, self.batch_size, self.workers),
                ckpt_path=self._last if self.resume else None,
                weights_only=True,
            )
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        if trainer.is_global_zero:
            write_text(self.out / SUMMARY, json.dumps(metrics, indent=1) + "\n")
            write_record(self.out, settings, finished=True, skipped=state.skipped, spec=describe(self.model))
        return TrainingResult(self.out, self._last, metrics, state.skipped)

    @property
    def _last(self) -> Path:
        return self.out / LAST

    def _settings(self, record: dict[str, Any]) -> dict[str, Any]:
        """Plain data that says what was asked for."""
        return {
            "model": model_of(record["lock"]),
            "categories": record["categories"],
            "recipe": record["recipe"],
            "weights": self.weights and without_secrets(self.weights),
            "freeze": self.freeze,
            "on_error": self.on_error,
            "train": describe(self.train),
            "val": describe(self.val),
            **{name: getattr(self, name) for name in _PLAIN},
            "precision": str(self.precision),
        }

    def _was_finished(self, saved: dict[str, Any], settings: dict[str, Any]) -> bool:
        if KEY not in saved:
            raise CheckpointError(
                f"{self._last} does not hold what is needed to go on with a run; begin another one",
                path=str(self._last),
            )
        check_same(saved[KEY]["settings"], settings, self.out)
        return bool(saved[KEY]["epochs_done"] >= self.epochs)

    def _finished(self, saved: dict[str, Any]) -> TrainingResult:
        summary = self.out / SUMMARY
        metrics = json.loads(summary.read_text(encoding="utf-8")) if summary.is_file() else {}
        return TrainingResult(self.out, self._last, metrics, saved[KEY]["skipped"], was_finished=True)

    def _check(self) -> None:
        for name in ("epochs", "batch_size", "accumulate", "num_nodes"):
            if getattr(self, name) < 1:
                raise ArgumentError(f"{name}={getattr(self, name)!r} must be at least 1")
        if self.save_every is not None and self.save_every < 1:
            raise ArgumentError(f"save_every={self.save_every!r} must be at least 1, or None")
        if self.workers < 0:
            raise ArgumentError(f"workers={self.workers!r} must be at least 0")
        if not 0 <= self.seed < 2**32:
            raise ArgumentError(f"seed={self.seed!r} must be at least 0 and less than 2**32")
        if self.clip_grad is not None and not 0 < self.clip_grad < math.inf:
            raise ArgumentError(f"clip_grad={self.clip_grad!r} must be a number above 0, or None")
        if self.resume and not self._last.is_file():
            raise CheckpointError(
                f"there is nothing to resume: {self._last} does not exist{way_out(self._last)}", path=str(self._last)
            )
        if not self.resume and self._last.exists():
            raise RunExistsError(
                f"{self.out} holds a run already; resume it (--resume), or choose another folder", path=str(self.out)
            )

    def _trainer(self, state: RunCheckpoints, steps_done: int) -> pl.Trainer:
        """The trainer; what it does not take is told in one line, before anything is written."""
        callbacks: list[pl.Callback] = [state]
        if self.progress:
            callbacks.append(TQDMProgressBar(leave=False))
        try:
            with quiet_lightning():
                trainer = pl.Trainer(
                    max_epochs=self.epochs,
                    accelerator=self.accelerator,
                    devices=self.devices,
                    num_nodes=self.num_nodes,
                    strategy=self.strategy,
                    precision=self.precision,
                    accumulate_grad_batches=self.accumulate,
                    gradient_clip_val=self.clip_grad,
                    sync_batchnorm=self.sync_batchnorm,
                    default_root_dir=self.out,
                    logger=[
                        MetricsFile(self.out / "metrics.csv", steps_done),
                        Events(self.out, name="", version="", purge_step=steps_done or None),
                    ],
                    callbacks=callbacks,
                    plugins=[CheckpointFiles()],
                    enable_progress_bar=self.progress,
                    enable_model_summary=False,
                    log_every_n_steps=10,
                    num_sanity_val_steps=0,
                    use_distributed_sampler=False,
                )
        except (ValueError, TypeError, RuntimeError, ImportError, MisconfigurationException) as error:
            raise ArgumentError(
                f"accelerator={self.accelerator!r}, devices={self.devices!r}, strategy={self.strategy!r}, "
                f"precision={self.precision!r} cannot be had here: {' '.join(str(error).split())}"
            ) from error
        if self.sync_batchnorm and trainer.strategy.root_device.type == "cpu":
            raise ArgumentError(
                "sync_batchnorm=True is for GPUs; on the CPU give the model the norm naive_sync (--model 'resnet(norm=naive_sync)')"
            )
        return trainer


@contextmanager
def _interruptible(trainer: pl.Trainer) -> Iterator[None]:
    """Ctrl-C stays one: Lightning ends the process with status 1 instead, and ignores the next."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as error:
        if not trainer.interrupted:
            raise
        raise KeyboardInterrupt from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def describe(data: Any) -> str | None:
    """A dataset, as its spec where there is one, for the record of a run."""
    if data is None:
        return None
    if isinstance(data, str | Mapping | ptv_registry.Spec):
        return without_secrets(str(data))
    return f"{type(data).__name__} of {len(data)}" if isinstance(data, Sized) else type(data).__name__


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
            warnings.filterwarnings("ignore", message=".*on epoch level in distributed setting.*")
            yield
    finally:
        for undo in restore:
            undo()
