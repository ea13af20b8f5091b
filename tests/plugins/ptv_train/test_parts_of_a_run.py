"""The components of a run: they go on bit for bit, a stranger's work as ours, and what cannot work is refused."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torchmetrics import Metric

import ptv_registry
from ptv_registry import _registry
from ptv_registry.errors import ArgumentError, PtvError
from ptv_train.checkpoint import load_checkpoint
from ptv_train.run.parts import part
from ptv_train.training.classification import Classification
from ptv_train.training.learner import Learner
from ptv_train.training.task import Task
from ptv_train.training.training import Training

from .conftest import RECIPE, data_spec

MODEL = "resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[4, 1, 1], dropout_rate=0.5)"
MIXED = ("mixvideo(cutmix_prob=0.5)",)
KEPT = ("ema(decay=0.9)", "precise_bn(batches=2)")


@pytest.fixture
def register() -> Iterator[Any]:
    """Names that a test gives in this process are forgotten after it."""
    before = dict(_registry.default._local)
    yield ptv_registry.register
    _registry.default._local.clear()
    _registry.default._local.update(before)


def _training(videos: Path, out: Path, **settings: Any) -> Training:
    usual = {"val": data_spec(videos), "epochs": 2, "batch_size": 2, "accelerator": "cpu", "model": MODEL}
    return Training(train=data_spec(videos), out=out, recipe=RECIPE, progress=False, **{**usual, **settings})


def _tensors(node: Any) -> list[torch.Tensor]:
    if isinstance(node, torch.Tensor):
        return [node]
    items = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [tensor for item in items for tensor in _tensors(item)]


@pytest.mark.parametrize("stop", [3, 4])
def test_mixing_averaging_and_dropout_go_on_bit_for_bit(stop: int, videos: Path, tmp_path: Path, register: Any) -> None:
    import lightning.pytorch as pl

    class PowerCut(pl.Callback):
        """Ends the run after a step, once the checkpoint of the one before is written."""

        def on_train_batch_start(self, trainer: Any, *args: Any) -> None:
            if trainer.global_step == stop and not trainer.ckpt_path:
                raise RuntimeError("power cut")

    register("callback", "power_cut")(PowerCut)
    settings = {
        "save_every": 1,
        "batch_transforms": MIXED,
        "callbacks": (*KEPT, "power_cut"),
        "optimizer": "adamw(layer_decay=0.8)",
    }
    _training(videos, tmp_path / "whole", **{**settings, "callbacks": KEPT}).run()
    with pytest.raises(RuntimeError, match="power cut"):
        _training(videos, tmp_path / "cut", **settings).run()
    _training(videos, tmp_path / "cut", **settings, resume=True).run()
    whole, cut = (load_checkpoint(tmp_path / name / "last.ckpt") for name in ("whole", "cut"))

    for entry in ("state_dict", "current_model_state", "averaging_state", "optimizer_states"):
        one, two = _tensors(whole[entry]), _tensors(cut[entry])
        assert len(one) == len(two) > 0
        assert 0 == sum(not torch.equal(a, b) for a, b in zip(one, two, strict=True)), entry


def test_a_run_records_every_value_of_its_parts_and_their_locks(videos: Path, tmp_path: Path) -> None:
    import yaml

    _training(
        videos, tmp_path / "a", val=str(videos), epochs=1, lr=0.02, label_smoothing=0.1, batch_transforms=["mixup"]
    ).run()
    record = yaml.safe_load((tmp_path / "a" / "run.yaml").read_text())
    locks = json.loads((tmp_path / "a" / "run.lock.json").read_text())

    assert {
        "task": "classification",
        "loss": "cross_entropy(label_smoothing=0.1, class_weights=none)",
        "metrics": [],
        "optimizer": "adamw(lr=0.02, weight_decay=0.05, layer_decay=1.0, betas=[0.9, 0.999], eps=1e-08)",
        "schedule": "cosine(warmup=0.1, final=0.0)",
        "batch_transforms": ["mixup(alpha=1.0, label_smoothing=0.0)"],
        "callbacks": [],
    }.items() <= record.items()
    assert {"model", "task", "optimizer", "schedule", "batch_transforms", "callbacks", "train", "val", "transform"} <= (
        locks.keys()
    )
    assert "ptv-train" in locks["optimizer"]["distributions"]
    assert "even_clips(clip_duration=0.5, clips=1)" in locks["val"]["asked"]["arguments"].values()


def test_a_strangers_task_optimizer_schedule_metric_and_loss_train(videos: Path, tmp_path: Path, register: Any) -> None:
    class Recall(Metric):
        """Share of the clips of class 0 that are found."""

        def __init__(self, num_classes: int, of: int = 0) -> None:
            super().__init__()
            self.of = of
            self.add_state("found", torch.zeros(()), dist_reduce_fx="sum")
            self.add_state("all", torch.zeros(()), dist_reduce_fx="sum")

        def update(self, scores: torch.Tensor, labels: torch.Tensor) -> None:
            self.found += ((scores.argmax(1) == self.of) & (labels == self.of)).sum()
            self.all += (labels == self.of).sum()

        def compute(self) -> torch.Tensor:
            return self.found / self.all

    class Focal(nn.Module):
        """Focal loss."""

        def __init__(self, gamma: float = 2.0) -> None:
            super().__init__()
            self.gamma = gamma

        def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            right = logits.softmax(1).gather(1, labels[:, None])
            return -((1 - right) ** self.gamma * right.log()).mean()

    seen: list[int] = []

    class Mine(Classification):
        """Classification that looks at its batches."""

        def training_loss(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
            seen.append(len(batch["label"]))
            return super().training_loss(model, batch)

    register("task", "mine")(Mine)
    register("optimizer", "rprop")(torch.optim.Rprop)
    register("schedule", "exponential")(torch.optim.lr_scheduler.ExponentialLR)
    register("metric", "recall")(Recall)
    register("loss", "focal")(Focal)
    out = tmp_path / "run"
    result = _training(
        videos, out, task="mine", optimizer="rprop(lr=0.001)", schedule="exponential(gamma=0.9)",
        metrics=["recall(of=1)", "mean_class_accuracy"], loss="focal(gamma=1.0)",
    ).run()  # fmt: skip
    rows = list(csv.DictReader((out / "metrics.csv").read_text().splitlines()))

    assert [2] * 8 == seen
    assert {"val_recall", "val_mean_class_accuracy", "val_loss", "val_video_top1"} <= result.metrics.keys()
    assert "val_top1" not in result.metrics
    assert any(row["val_recall"] for row in rows)
    assert (out / "best.ckpt").is_file()


@pytest.mark.parametrize("transform", ["mixup(alpha=0.4)", "cutmix", "mixvideo"])
def test_mixed_batches_of_several_pathways_train_on_shares_of_classes(transform: str) -> None:
    class TwoPathways(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.slow, self.fast = nn.Linear(3, 4), nn.Linear(3, 4)

        def forward(self, clips: list[torch.Tensor]) -> torch.Tensor:
            out: torch.Tensor = self.slow(clips[0].mean((2, 3, 4))) + self.fast(clips[1].mean((2, 3, 4)))
            return out

    torch.manual_seed(0)
    task = Classification(("a", "b", "c", "d"))
    learner = Learner(
        TwoPathways(),
        task,
        part("optimizer", "adamw"),
        part("schedule", "constant"),
        batch_transforms=[part("batch_transform", transform).build(num_classes=4)],
    )
    batch = {"video": [torch.rand(4, 3, t, 8, 8) for t in (2, 8)], "label": torch.arange(4)}
    mixed = learner._transformed(batch, 4)
    loss = task.training_loss(learner.model, mixed)
    logits = learner.model(mixed["video"])

    assert (4, 4) == tuple(mixed["label"].shape)
    torch.testing.assert_close(loss, -(mixed["label"] * logits.log_softmax(1)).sum(1).mean())
    assert 0 <= float(task.train_metrics.compute()["train_top1"]) <= 1
    assert batch is learner._transformed(batch, 1)


def test_accuracy_on_shares_counts_the_largest() -> None:
    task = Classification(("a", "b"))
    model = nn.Identity()
    task.training_loss(
        model,
        {
            "video": torch.tensor([[1.0, 0], [0, 1], [0, 1]]),
            "label": torch.tensor([[0.7, 0.3], [0.4, 0.6], [0.8, 0.2]]),
        },
    )

    assert 2 / 3 == pytest.approx(float(task.train_metrics.compute()["train_top1"]))


def test_mean_class_accuracy_counts_rare_classes_as_much() -> None:
    task = Classification(("a", "b"), metric=part("metric", "mean_class_accuracy").factory)
    scores = torch.tensor([[1.0, 0], [1, 0], [1, 0], [1, 0]])
    batch = {
        "video": scores,
        "label": torch.tensor([0, 0, 0, 1]),
        "video_index": torch.arange(4),
        "clip_index": torch.zeros(4, dtype=torch.int64),
    }
    task.validate(nn.Identity(), batch)

    assert 0.5 == float(task.results(torch.device("cpu"))["mean_class_accuracy"])
    assert "mean_class_accuracy" == task.score


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "sgdd"}, "Did you mean sgd"),
        ({"optimizer": "sgd(lr=0.1)", "lr": 0.2}, "lr is given twice"),
        ({"optimizer": "cosine"}, "'cosine' is a schedule, not an optimizer"),
        ({"loss": "ntxent"}, "ntxent"),
        ({"loss": "soft_target_cross_entropy(reduction='none')"}, "reduction=mean"),
        ({"metrics": ["top5"]}, "top5 needs at least 5 classes"),
        ({"metrics": ["top1", "top1"]}, "two metrics val_top1"),
        ({"batch_transforms": ["mixup(alpha=0)"]}, "alpha"),
        ({"schedule": "constant(final=0.1)"}, "constant takes no argument 'final'"),
        ({"task": "nonsense"}, "no task is called"),
    ],
)
def test_parts_that_cannot_work_are_refused_before_anything_is_written(
    settings: dict[str, Any], message: str, videos: Path, tmp_path: Path
) -> None:
    with pytest.raises(PtvError, match=message):
        _training(videos, tmp_path / "x", **settings).run()

    assert not (tmp_path / "x").exists()


def test_a_task_must_be_one(videos: Path, tmp_path: Path, register: Any) -> None:
    register("task", "not_one")(lambda classes: object())
    with pytest.raises(ArgumentError, match=r"no ptv_train\.Task"):
        _training(videos, tmp_path / "x", task="not_one").run()


@pytest.mark.parametrize(("kind", "setting"), [("metric", "metrics"), ("batch_transform", "batch_transforms")])
def test_a_part_of_another_kind_is_named(kind: str, setting: str, videos: Path, tmp_path: Path, register: Any) -> None:
    register(kind, "not_one")(lambda: 7)
    with pytest.raises(ArgumentError, match=f"{kind}.* gives a int"):
        _training(videos, tmp_path / "x", **{setting: ["not_one"]}).run()

    assert not (tmp_path / "x").exists()


def test_the_base_class_says_what_a_task_must_do() -> None:
    model = nn.Linear(2, 2)
    scores = Task().predict(model, {"video": torch.ones(1, 2)})

    assert torch.equal(scores, model(torch.ones(1, 2)))
    with pytest.raises(NotImplementedError):
        Task().training_loss(model, {})


def test_a_checkpoint_that_does_not_say_its_schedule_is_not_taken_for_the_usual(videos: Path, tmp_path: Path) -> None:
    from ptv_train.checkpoint import save_checkpoint

    _training(videos, tmp_path / "new", epochs=1).run()
    saved = load_checkpoint(tmp_path / "new" / "last.ckpt")
    del saved["ptv_run"]["settings"]["schedule"]
    out = Path(shutil.copytree(tmp_path / "new", tmp_path / "old"))
    save_checkpoint(saved, out / "last.ckpt")
    with pytest.raises(ArgumentError, match="does not say what schedule was"):
        _training(videos, out, epochs=2, resume=True).run()
