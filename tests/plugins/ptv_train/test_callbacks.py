"""Callbacks: averages of weights, precise statistics of batch norms, and an early end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.checkpoint import load_checkpoint, load_model
from ptv_train.components.callbacks import Ema
from ptv_train.evaluation.evaluation import evaluate
from ptv_train.run.data import training_data
from ptv_train.run.parts import part
from ptv_train.training.precise_bn import PreciseBatchNorm, _norms, update_statistics
from ptv_train.training.training import Training

from .conftest import RECIPE, TRANSFORM, data_spec

MODEL = "resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[4, 1, 1], dropout_rate=0.0)"


@pytest.fixture
def trained(videos: Path, tmp_path: Path) -> Callable[..., Path]:
    """Runs a training and gives its folder."""

    def train(**settings: Any) -> Path:
        out = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        usual = {"val": data_spec(videos), "epochs": 2, "batch_size": 2, "accelerator": "cpu", "lr": 0.01}
        Training(MODEL, data_spec(videos), out=out, recipe=RECIPE, progress=False, **{**usual, **settings}).run()
        return out

    return train


class _Snapshots(pl.Callback):
    """The weights after each step."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        self.seen.append(pl_module.model.blocks[5].proj.weight.detach().clone())


@pytest.fixture
def snapshots() -> Any:
    """A callback that tests can name ``snapshots``."""
    from ptv_registry import _registry

    callback = _Snapshots()
    before = dict(_registry.default._local)
    _registry.default.register("callback", "snapshots")(lambda: callback)
    yield callback
    _registry.default._local.clear()
    _registry.default._local.update(before)


@pytest.mark.parametrize("warmup", [True, False])
def test_the_checkpoint_holds_the_average_of_the_weights(
    warmup: bool, trained: Callable[..., Path], snapshots: _Snapshots
) -> None:
    out = trained(callbacks=[f"ema(decay=0.6, warmup={str(warmup).lower()})", "snapshots"])
    average = snapshots.seen[0]
    for number, weights in enumerate(snapshots.seen[1:], 1):
        decay = min(0.6, (1 + number) / (10 + number)) if warmup else 0.6
        average = decay * average + (1 - decay) * weights
    saved = load_checkpoint(out / "last.ckpt")

    assert 8 == len(snapshots.seen)
    torch.testing.assert_close(load_model(out / "last.ckpt")[0].blocks[5].proj.weight.detach(), average)
    assert torch.equal(saved["current_model_state"]["model.blocks.5.proj.weight"], snapshots.seen[-1])
    assert not torch.allclose(average, snapshots.seen[-1], atol=1e-4)


def test_the_average_is_what_is_validated(trained: Callable[..., Path], videos: Path) -> None:
    out = trained(callbacks=["ema(decay=0.9)"])
    logged = json.loads((out / "summary.json").read_text())
    metrics = evaluate(out / "last.ckpt", data_spec(videos), batch_size=4, device="cpu", progress=False).metrics

    assert logged["val_loss"] == pytest.approx(metrics["view_loss"], abs=1e-5)


def test_precise_statistics_are_those_of_the_whole_population() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm3d(3)
            self.drop = nn.Dropout(0.5)
            self.second = nn.BatchNorm3d(3)

        def predict_step(self, batch: torch.Tensor, index: int) -> torch.Tensor:
            out: torch.Tensor = self.second(self.drop(self.norm(batch)))
            return out

    torch.manual_seed(0)
    net = Net().eval()
    batches = [torch.randn(size, 3, 2, 4, 4) * size + size for size in (2, 5, 3)]
    update_statistics(net.predict_step, batches, _norms(net))
    whole = torch.cat(batches).transpose(0, 1).flatten(1)
    normalised = torch.cat(
        [
            (b - b.mean((0, 2, 3, 4), keepdim=True)) / (b.var((0, 2, 3, 4), keepdim=True, correction=0) + 1e-5).sqrt()
            for b in batches
        ]
    )

    torch.testing.assert_close(net.norm.running_mean, whole.mean(1))
    torch.testing.assert_close(net.norm.running_var, whole.var(1, correction=0))
    torch.testing.assert_close(net.second.running_var, normalised.transpose(0, 1).flatten(1).var(1, correction=0))
    assert not net.norm.training
    assert 0 == int(net.norm.num_batches_tracked)


def test_a_training_saves_the_precise_statistics_and_its_weights_stay_as_they_would_be(
    trained: Callable[..., Path], videos: Path
) -> None:
    with_it, without = trained(callbacks=["precise_bn"], epochs=1), trained(epochs=1)
    precise, running = load_model(with_it / "last.ckpt")[0], load_model(without / "last.ckpt")[0]
    assert all(torch.equal(a, b) for a, b in zip(precise.parameters(), running.parameters(), strict=True))
    first = precise.blocks[0].norm
    mean, variance = _of_all_clips(precise, videos)

    torch.testing.assert_close(first.running_mean, mean, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(first.running_var, variance, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(running.blocks[0].norm.running_var, first.running_var, rtol=1e-2)


def _of_all_clips(model: nn.Module, videos: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance of what the first norm gets of all clips of the training."""
    data = training_data(data_spec(videos), RECIPE)
    clips = torch.stack([data[i]["video"] for i in range(8)])
    inputs: list[torch.Tensor] = []
    hook = model.blocks[0].norm.register_forward_pre_hook(lambda module, args: inputs.append(args[0]))
    with torch.no_grad():
        model(clips)
    hook.remove()
    values = inputs[0].transpose(0, 1).flatten(1)
    return values.mean(1), values.var(1, correction=0)


def test_an_early_end_is_the_end(trained: Callable[..., Path], videos: Path) -> None:
    out = trained(epochs=9, callbacks=["early_stopping(monitor='val_loss', mode=min, patience=1, min_delta=1000)"])
    saved = load_checkpoint(out / "last.ckpt")
    again = Training(
        MODEL, data_spec(videos), data_spec(videos), out, epochs=9, batch_size=2, accelerator="cpu", lr=0.01,
        callbacks=["early_stopping(monitor='val_loss', mode=min, patience=1, min_delta=1000)"], recipe=RECIPE,
        progress=False, resume=True,
    ).run()  # fmt: skip

    assert 2 == saved["ptv_run"]["epochs_done"]
    assert again.was_finished


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        ("early_stopping", "needs a validation"),
        ("precise_bn", "needs a validation"),
        ("ema(decay=1.0)", r"decay=1\.0"),
        ("precise_bn(batches=0)", "batches=0"),
        ("early_stopping(patience=0)", "patience=0"),
        ("early_stopping(monitor=train_loss, mode=best)", "mode is one of max, min"),
    ],
)
def test_callbacks_that_cannot_work_are_refused_before_anything_is_written(
    callback: str, message: str, trained: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(ArgumentError, match=message):
        trained(val=None, callbacks=[callback])

    assert [] == list(tmp_path.iterdir())


def test_a_callback_that_is_given_twice_is_refused(trained: Callable[..., Path]) -> None:
    with pytest.raises(ArgumentError, match="Ema is given twice"):
        trained(callbacks=["ema", "ema(decay=0.9)"])


def test_an_early_end_names_the_metrics_that_there_are(trained: Callable[..., Path]) -> None:
    with pytest.raises(ArgumentError, match=r"val_top2.*unknown metric; choose from .*val_top1"):
        trained(callbacks=["early_stopping(monitor='val_top2')"], epochs=1)


def test_the_statistics_are_those_of_the_averaged_weights_in_whatever_order(
    trained: Callable[..., Path], videos: Path
) -> None:
    first = trained(callbacks=["ema(decay=0.5)", "precise_bn"], epochs=1)
    second = trained(callbacks=["precise_bn", "ema(decay=0.5)"], epochs=1)
    models = [load_model(out / "last.ckpt")[0] for out in (first, second)]
    mean, variance = _of_all_clips(models[1], videos)

    assert all(torch.equal(a, b) for a, b in zip(*(model.state_dict().values() for model in models), strict=True))
    torch.testing.assert_close(models[1].blocks[0].norm.running_mean, mean, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(models[1].blocks[0].norm.running_var, variance, atol=1e-5, rtol=1e-4)


def test_callbacks_copy_and_pickle() -> None:
    import copy
    import pickle

    for spec in ("ema(decay=0.5)", "precise_bn(batches=3)", "early_stopping"):
        built = part("callback", spec).build()

        assert type(built) is type(copy.deepcopy(built)) is type(pickle.loads(pickle.dumps(built)))
    assert isinstance(part("callback", "ema").build(), Ema)
    assert 200 == PreciseBatchNorm().batches


def _of_two_processes(videos: Path, out: Path, *parts: str) -> dict[str, float]:
    """Train on two ranks, and give what the last validation measured."""
    data = data_spec(videos)
    ptv = [sys.executable, "-m", "ptv_registry.cli", "train", "--model", MODEL, "--train", data, "--val", data]
    settings = ["--out", str(out), "--accelerator", "cpu", "--devices", "2", "--epochs", "1", "--batch-size", "2"]
    recipe = ["--clip-seconds", "0.5", "--transform", TRANSFORM, "--json"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [*ptv, *settings, *recipe, *parts]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)

    assert 0 == done.returncode, done.stderr
    return dict(json.loads(done.stdout)["metrics"])


def test_two_processes_find_the_statistics_of_all_their_clips(videos: Path, tmp_path: Path) -> None:
    parts = ["--callback", "precise_bn", "--callback", "ema(decay=0.5)", "--batch-transform", "mixup"]
    _of_two_processes(videos, tmp_path / "run", *parts)
    model = load_model(tmp_path / "run" / "last.ckpt")[0]
    mean, variance = _of_all_clips(model, videos)

    torch.testing.assert_close(model.blocks[0].norm.running_mean, mean, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(model.blocks[0].norm.running_var, variance, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("parts", [(), ("--callback", "ema(decay=0.5)")], ids=["weights", "average"])
def test_all_ranks_validate_the_model_that_is_saved(parts: tuple[str, ...], videos: Path, tmp_path: Path) -> None:
    logged = _of_two_processes(videos, tmp_path / "run", *parts)
    saved = tmp_path / "run" / "last.ckpt"
    metrics = evaluate(saved, data_spec(videos), batch_size=4, device="cpu", progress=False).metrics

    assert logged["val_loss"] == pytest.approx(metrics["view_loss"], abs=1e-5)
