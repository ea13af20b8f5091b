"""Runs: what they leave behind, how they go on, and what they refuse."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from attrs import evolve
from torch.utils.data import DataLoader, TensorDataset

import ptv_registry
from ptv_datasets import LabeledVideoDataset
from ptv_registry.errors import ArgumentError, PtvError
from ptv_train.checkpoint import load_model, read_checkpoint
from ptv_train.errors import CheckpointError, RunExistsError, UnknownClassError
from ptv_train.evaluation.evaluation import evaluate
from ptv_train.training.classifier_model import build_classifier
from ptv_train.training.data_module import Batches
from ptv_train.training.training import Training
from ptv_video.samplers.factory import make_clip_sampler

from .conftest import MODEL, RECIPE, TRANSFORM, data_spec


def test_a_run_leaves_checkpoints_lock_and_logs(run: Path) -> None:
    names = {path.name for path in run.iterdir()}
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))

    assert {"last.ckpt", "best.ckpt", "model.lock.json", "metrics.csv", "run.yaml", "summary.json"} <= names
    assert "hparams.yaml" not in names
    assert any(name.startswith("events.out.tfevents") for name in names)
    assert any(row["val_video_top1"] for row in rows)
    assert {"train_loss", "val_loss", "val_top1", "val_video_top1"} <= set(
        json.loads((run / "summary.json").read_text())
    )


def test_the_dataset_says_how_many_classes_there_are(run: Path) -> None:
    model, record = load_model(run / "last.ckpt")

    assert ("east", "west") == record.categories
    assert (1, 2) == tuple(model(torch.zeros(1, 3, 4, 32, 32)).shape)


def test_a_spec_with_another_number_of_classes_is_refused() -> None:
    with pytest.raises(ArgumentError, match="the dataset has 3 classes"):
        build_classifier("slow_r50(model_num_class=7)", 3)


def test_a_checkpoint_builds_the_model_that_was_trained(run: Path) -> None:
    record, weights = read_checkpoint(run / "last.ckpt")
    built = ptv_registry.build(record.lock)

    assert list(built.state_dict()) == list(weights)
    assert evolve(record.recipe, task=None) == RECIPE


def test_resuming_goes_on_where_the_run_ended(videos: Path, tmp_path: Path) -> None:
    def training(epochs: int, out: Path, resume: bool = False) -> dict[str, torch.Tensor]:
        Training(
            MODEL,
            data_spec(videos),
            None,
            out,
            epochs=epochs,
            batch_size=4,
            recipe=RECIPE,
            progress=False,
            resume=resume,
            accelerator="cpu",
        ).run()
        return read_checkpoint(out / "last.ckpt")[1]

    training(1, tmp_path / "a")
    before = torch.load(tmp_path / "a" / "last.ckpt", weights_only=True)["global_step"]
    training(2, tmp_path / "a", resume=True)
    after = torch.load(tmp_path / "a" / "last.ckpt", weights_only=True)["global_step"]

    assert 2 * before == after


def test_a_run_that_was_broken_off_goes_on_in_the_middle_of_the_epoch(videos: Path, tmp_path: Path) -> None:
    reading = ptv_registry.build(f"transform:{TRANSFORM}")
    seen: list[tuple[int, int]] = []

    def clips(stop: int | None) -> LabeledVideoDataset:
        def transform(sample: dict[str, Any]) -> dict[str, Any]:
            if stop is not None and len(seen) == stop:
                raise RuntimeError("power cut")
            seen.append((sample["video_index"], sample["clip_index"]))
            return dict(reading(sample))

        paths = [(str(path), int(path.parent.name == "west")) for path in sorted(videos.glob("*/*.mp4"))]
        sampler = make_clip_sampler("uniform", 0.5)
        return LabeledVideoDataset(
            paths, sampler, transform=transform, decode_audio=False, class_names=["east", "west"]
        )

    def training(stop: int | None, resume: bool) -> Training:
        return Training(
            MODEL,
            clips(stop),
            None,
            tmp_path / "a",
            epochs=2,
            batch_size=2,
            recipe=RECIPE,
            progress=False,
            resume=resume,
            save_every=1,
            accelerator="cpu",
        )

    with pytest.raises(RuntimeError, match="power cut"):
        training(6, resume=False).run()
    training(None, resume=True).run()
    every = [(video, clip) for video in range(4) for clip in range(2)]
    steps = torch.load(tmp_path / "a" / "last.ckpt", weights_only=True)["global_step"]

    assert every == sorted(seen[:8])
    assert every == sorted(seen[8:])
    assert seen[:8] != seen[8:]
    assert steps == 8


def test_a_plain_dataset_has_a_plain_loader() -> None:
    batches = Batches(TensorDataset(torch.zeros(4)), None, 2, 0)

    assert type(batches.train_dataloader()) is DataLoader
    assert batches.val_dataloader() == []


def test_a_folder_with_a_run_is_not_overwritten(run: Path, videos: Path) -> None:
    with pytest.raises(RunExistsError, match="already holds a run"):
        Training(MODEL, data_spec(videos), None, run, recipe=RECIPE, progress=False).run()


def test_there_must_be_something_to_resume(videos: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nothing to resume"):
        Training(MODEL, data_spec(videos), None, tmp_path / "none", resume=True, recipe=RECIPE).run()


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"workers": -1},
        {"lr": 0.0},
        {"lr": math.inf},
        {"lr": math.nan},
        {"optimizer": "nonsense"},
        {"weight_decay": -0.1},
        {"label_smoothing": -0.5},
        {"label_smoothing": 2.0},
        {"warmup": math.nan},
        {"precision": "17"},
        {"devices": "nonsense"},
        {"devices": 0},
        {"strategy": "nonsense"},
        {"accelerator": "nonsense"},
        {"accelerator": "tpu"},
        {"seed": -1},
        {"accumulate": 0},
        {"clip_grad": math.nan},
        {"sync_batchnorm": True},
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, object], videos: Path, tmp_path: Path) -> None:
    settings = {"epochs": 1, "progress": False, "recipe": RECIPE, "accelerator": "cpu", **change}
    with pytest.raises(PtvError, match=next(iter(change))):
        Training(MODEL, data_spec(videos), None, tmp_path / "x", **settings).run()  # type: ignore[arg-type]

    assert not (tmp_path / "x").exists()


def test_evaluation_of_the_same_data_repeats_the_metrics_of_the_run(run: Path, videos: Path) -> None:
    metrics = evaluate(run / "last.ckpt", data_spec(videos), batch_size=4, device="cpu", progress=False).metrics
    logged = json.loads((run / "summary.json").read_text())

    for name, other in (("val_loss", "view_loss"), ("val_top1", "view_top1"), ("val_video_top1", "top1")):
        assert logged[name] == pytest.approx(metrics[other], abs=1e-5)


def test_evaluation_refuses_a_dataset_with_other_classes(run: Path, videos: Path, tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "0.mp4").write_bytes(next(videos.rglob("*.mp4")).read_bytes())
    with pytest.raises(UnknownClassError, match="does not know 'up'"):
        evaluate(run / "last.ckpt", data_spec(tmp_path), progress=False)


def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(CheckpointError, match=r"x\.ckpt"):
        read_checkpoint(path)
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        read_checkpoint(tmp_path / "missing.ckpt")
    torch.save({"state_dict": {}}, path)
    with pytest.raises(CheckpointError, match="not written by `ptv train`"):
        read_checkpoint(path)


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("touched-by-a-pickle"),))


def test_a_checkpoint_with_code_in_it_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"ptv": _Evil(), "state_dict": {}}, "evil.ckpt")
    with pytest.raises(CheckpointError, match="read safely"):
        read_checkpoint("evil.ckpt")

    assert not Path("touched-by-a-pickle").exists()


def test_weights_of_another_model_do_not_load(run: Path, tmp_path: Path) -> None:
    data = torch.load(run / "last.ckpt", weights_only=True)
    data["state_dict"].popitem()
    torch.save(data, tmp_path / "short.ckpt")
    with pytest.raises(CheckpointError, match="do not fit"):
        load_model(tmp_path / "short.ckpt")
