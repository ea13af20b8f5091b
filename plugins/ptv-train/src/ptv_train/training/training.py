"""``Training``: one run, from specs to checkpoints and logs in a folder."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import lightning.pytorch as pl
from attrs import define, evolve, field, frozen
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.utilities.exceptions import MisconfigurationException

import ptv_registry
from ptv_cards.scores import giving_logits
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text
from ptv_registry.redaction import without_secrets
from ptv_train.checkpoint import ModelRecord, load_checkpoint, way_out
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.components.callbacks import check_callbacks, in_order
from ptv_train.errors import CheckpointError, RunExistsError
from ptv_train.model_source import address_of
from ptv_train.run.record import check_same, model_of, write_locks, write_record
from ptv_train.run.settings import RunParts, describe, parts_of, plain
from ptv_train.training.data_module import Batches
from ptv_train.training.freezing import freeze
from ptv_train.training.learner import Learner
from ptv_train.training.metrics_file import Events
from ptv_train.training.profile import TimeShares, TrainingProfiler
from ptv_train.training.quiet_lightning import interruptible, quiet_lightning
from ptv_train.training.run_state import KEY, LAST, CheckpointFiles, RunCheckpoints
from ptv_train.training.sharding import FSDP2, ShardedLearner, ShardedStrategy
from ptv_train.training.task import Task

SUMMARY: Final = "summary.json"
_PLAIN: Final = (
    "epochs",
    "batch_size",
    "accumulate",
    "clip_grad",
    "seed",
    "sync_batchnorm",
    "strategy",
    "compile",
    "workers",
    "save_every",
    "log_every",
    "accelerator",
    "devices",
    "num_nodes",
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
        times: where the time of the first process went, if that was asked for.
    """

    out: Path
    checkpoint: Path
    metrics: dict[str, float]
    skipped: dict[str, str] = field(factory=dict)
    was_finished: bool = False
    times: TimeShares | None = None


@define
class Training:
    """Trains a model on a dataset of labelled clips.

    Attributes:
        model: spec, plan or lock of a model. If it does not say how many classes there are, the dataset does.
        edits: changes deep in the model by path, as ``set`` of :func:`ptv_registry.build`.
        train, val: folders of class folders, label files, specs of datasets, or datasets; ``val`` may be ``None``. What a
            spec leaves out follows from ``recipe``. Classes of ``val`` are those of ``train`` of the same names.
        out: folder for checkpoints (``last.ckpt``, ``last.previous.ckpt``, ``best.ckpt``), ``run.yaml``,
            ``model.lock.json``, ``run.lock.json``, ``metrics.csv``, ``summary.json`` and TensorBoard events.
        epochs: how often every clip is seen.
        batch_size: clips per step and process.
        task: spec of what is learnt, such as ``classification``.
        loss, metrics: specs of the task's loss and of what a validation measures; by default the task's own. The first
            metric says which checkpoint is the best.
        optimizer, schedule: specs of these, such as ``sgd(momentum=0.9)`` and ``cosine(warmup=0.1)``.
        lr, weight_decay: arguments of the optimizer; ``None``: what its spec says, or its default.
        warmup: argument of the schedule, likewise.
        label_smoothing: argument of the loss, likewise.
        batch_transforms: specs of what is done to whole batches of the training, in order, such as ``mixup(alpha=0.2)``.
        callbacks: specs of what takes part in the training, such as ``ema(decay=0.999)``.
        workers: processes that read video; 0 reads in this one.
        seed: of the weights and of dropout; the datasets have seeds of their own.
        resume: go on from ``last.ckpt`` in ``out``. All settings but ``epochs``, ``workers``, ``save_every``,
            ``log_every``, ``accelerator`` and ``progress`` must be those the run began with.
        save_every: write ``last.ckpt`` after this many steps too, not only at the end of an epoch.
        log_every: optimizer steps between two rows of ``metrics.csv`` and two points of TensorBoard.
        recipe: how clips become input, kept in the checkpoint for ``ptv predict``; by default the model's own.
        accelerator, devices, num_nodes, strategy, precision, sync_batchnorm: see :class:`lightning.pytorch.Trainer`; the
            strategy ``fsdp2`` shares parameters and optimizer states among the processes.
        weights: where the training starts from: name of published weights, a file, or an address.
        freeze: what does not learn: ``backbone`` (all but the head), or a pattern of parameter names.
        on_error: what becomes of videos that cannot be read; those left out are listed in ``run.yaml``.
        accumulate: batches whose gradients make one step.
        clip_grad: the largest norm of the gradients of a step; ``None``: any.
        compile: compile the model with :func:`torch.compile`.
        profile: measure where the time goes.
        progress: whether to show a progress bar.
    """

    model: Any
    train: Any
    val: Any = None
    out: Path = field(default=Path("runs/train"), converter=Path)
    epochs: int = 10
    batch_size: int = 8
    task: Any = "classification"
    loss: Any = None
    metrics: Sequence[Any] = ()
    optimizer: Any = "adamw"
    schedule: Any = "cosine"
    lr: float | None = None
    weight_decay: float | None = None
    warmup: float | None = None
    label_smoothing: float | None = None
    batch_transforms: Sequence[Any] = ()
    callbacks: Sequence[Any] = ()
    edits: Mapping[str, Any] = field(factory=dict)
    workers: int = 0
    seed: int = 0
    resume: bool = False
    save_every: int | None = None
    log_every: int = 10
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
    profile: bool = False
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
        parts = self._parts()
        callbacks = [each.build() for each in parts.callbacks]
        check_callbacks(callbacks, validates=self.val is not None)
        saved = load_checkpoint(self._last) if self.resume else None
        asked: dict[str, Any] = {} if self.weights is None else {"weights": address_of(self.weights)}
        plan = ptv_registry.resolve(self.model, set=self.edits, **asked)
        data = parts.data
        recipe = data.recipe(plan, self.recipe)
        data.check(self.train, self.recipe)
        train = data.training(self.train, recipe, seed=self.seed, on_error=self.on_error)
        categories = data.classes(train)
        val = None if self.val is None else data.validation(self.val, recipe, categories, on_error=self.on_error)
        pl.seed_everything(self.seed, workers=True, verbose=False)
        task = parts.task.build(classes=tuple(categories))
        if not isinstance(task, Task):
            raise ArgumentError(f"task {parts.task.name} gives a {type(task).__name__}, no ptv_train.Task")
        task.prepare(train)
        model, plan = task.build_model(plan)
        recipe = evolve(recipe, scores=task.scores_of(model), task=str(parts.task.resolved))
        at_rest = () if self.freeze is None else freeze(model, self.freeze)
        lock = ptv_registry.freeze(plan)
        record = ModelRecord(lock, tuple(categories), recipe).to_dict()
        module = (ShardedLearner if self.strategy == FSDP2 else Learner)(
            model,
            task,
            parts.optimizer,
            parts.schedule,
            batch_transforms=[
                each.build(num_classes=len(categories), one_hot=task.label_vectors) for each in parts.batch_transforms
            ],
            epochs=self.epochs,
            record=record,
            at_rest=at_rest,
        )
        settings = self._settings(record, parts)
        state = RunCheckpoints(
            self.out, self.save_every, self.log_every, settings, [train, val], task.train_metrics, f"val_{task.score}"
        )
        steps_done = 0 if saved is None else int(saved["global_step"])
        profiler = TrainingProfiler() if self.profile else None
        trainer = self._trainer(state, steps_done, in_order(callbacks), profiler)
        settings["processes"] = trainer.world_size
        if saved is not None and self._was_finished(saved, settings):
            return self._finished(saved)
        skipped = {} if saved is None else dict(saved[KEY]["skipped"])
        del saved
        if self.compile:
            model.compile()
        if trainer.is_global_zero:
            write_record(self.out, settings, finished=False, skipped=skipped, spec=self._spec)
            write_text(self.out / "model.lock.json", lock)
            write_locks(self.out, lock, parts.locks(), train=train, val=val, recipe=recipe)
        with quiet_lightning(), interruptible(trainer), giving_logits(model):
            trainer.fit(
                module,
                datamodule=Batches(
                    train,
                    val,
                    self.batch_size,
                    self.workers,
                    *(None if each is None else data.collate(each, categories) for each in (train, val)),
                ),
                ckpt_path=self._last if self.resume else None,
                weights_only=True,
            )
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        if trainer.is_global_zero:
            write_text(self.out / SUMMARY, json.dumps(metrics, indent=1) + "\n")
            write_record(self.out, settings, finished=True, skipped=state.skipped, spec=self._spec)
        times = None if profiler is None else profiler.shares()
        return TrainingResult(self.out, self._last, metrics, state.skipped, times=times)

    @property
    def _last(self) -> Path:
        return self.out / LAST

    @property
    def _spec(self) -> str:
        """The model as a run file names it: its spec, or the lock beside."""
        text = describe(self.model) or ""
        is_spec = isinstance(self.model, str | ptv_registry.Spec | Mapping) and not text.lstrip().startswith("{")
        return text if is_spec else "model.lock.json"

    def _parts(self) -> RunParts:
        return parts_of(
            task=self.task,
            loss=self.loss,
            metrics=self.metrics,
            optimizer=self.optimizer,
            schedule=self.schedule,
            batch_transforms=self.batch_transforms,
            callbacks=self.callbacks,
            lr=self.lr,
            weight_decay=self.weight_decay,
            warmup=self.warmup,
            label_smoothing=self.label_smoothing,
        )

    def _settings(self, record: dict[str, Any], parts: RunParts) -> dict[str, Any]:
        """Plain data that says what was asked for."""
        return {
            "model": model_of(record["lock"]),
            "edits": {path: plain(value) for path, value in self.edits.items()},
            "categories": record["categories"],
            "recipe": record["recipe"],
            "weights": self.weights and without_secrets(self.weights),
            "freeze": self.freeze,
            "on_error": self.on_error,
            "train": describe(self.train),
            "val": describe(self.val),
            **parts.to_settings(),
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
        return bool(saved[KEY]["epochs_done"] >= self.epochs or saved[KEY]["stopped"])

    def _finished(self, saved: dict[str, Any]) -> TrainingResult:
        summary = self.out / SUMMARY
        metrics = json.loads(summary.read_text(encoding="utf-8")) if summary.is_file() else {}
        return TrainingResult(self.out, self._last, metrics, saved[KEY]["skipped"], was_finished=True)

    def _check(self) -> None:
        for name in ("epochs", "batch_size", "accumulate", "num_nodes", "log_every"):
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
                f"{self.out} already holds a run; resume it (--resume) or choose another folder", path=str(self.out)
            )

    def _trainer(
        self,
        state: RunCheckpoints,
        steps_done: int,
        more: Sequence[pl.Callback] = (),
        profiler: TrainingProfiler | None = None,
    ) -> pl.Trainer:
        """The trainer; what it does not take is told in one line, before anything is written."""
        callbacks: list[pl.Callback] = [*more, state]
        if self.progress:
            callbacks.append(TQDMProgressBar(leave=False))
        try:
            with quiet_lightning():
                trainer = pl.Trainer(
                    max_epochs=self.epochs,
                    accelerator=self.accelerator,
                    devices=self.devices,
                    num_nodes=self.num_nodes,
                    strategy=ShardedStrategy() if self.strategy == FSDP2 else self.strategy,
                    precision=self.precision,
                    accumulate_grad_batches=self.accumulate,
                    gradient_clip_val=self.clip_grad,
                    sync_batchnorm=self.sync_batchnorm,
                    default_root_dir=self.out,
                    profiler=profiler,
                    logger=Events(self.out, name="", version="", purge_step=steps_done or None),
                    callbacks=callbacks,
                    plugins=[CheckpointFiles()],
                    enable_progress_bar=self.progress,
                    enable_model_summary=False,
                    log_every_n_steps=self.log_every,
                    num_sanity_val_steps=0,
                    use_distributed_sampler=False,
                )
        except (ValueError, TypeError, RuntimeError, ImportError, MisconfigurationException) as error:
            raise ArgumentError(
                f"accelerator={self.accelerator!r}, devices={self.devices!r}, strategy={self.strategy!r}, "
                f"precision={self.precision!r} is not available here: {' '.join(str(error).split())}"
            ) from error
        if self.sync_batchnorm and trainer.strategy.root_device.type == "cpu":
            raise ArgumentError(
                "sync_batchnorm=True is for GPUs; on the CPU give the model the norm naive_sync (--model 'resnet(norm=naive_sync)')"
            )
        return trainer
