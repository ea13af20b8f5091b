"""Runs of real processes: ranks that share the work, and runs that are killed and go on."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from ptv_train import directions
from ptv_train.checkpoint import read_checkpoint

from .conftest import TRANSFORM, data_spec

_RANDOM = TRANSFORM.replace("short_side_scale(size=32)", "short_side_scale(size=36), random_crop(size=32)")


def _model(dropout: float = 0.0, norm: str = "batch") -> str:
    return (
        f"resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[4, 1, 1], dropout_rate={dropout}, norm={norm})"
    )


def _command(train: str, out: Path, *more: str, model: str = _model()) -> list[str]:
    ptv = [sys.executable, "-m", "ptv_registry.cli", "train", "--model", model, "--train", train, "--out", str(out)]
    return [*ptv, "--accelerator", "cpu", "--clip-seconds", "0.5", "--transform", TRANSFORM, *more]


def _start(command: list[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, start_new_session=True, **pipes)


def _run(command: list[str], status: int = 0) -> tuple[str, str]:
    process = _start(command)
    out, err = process.communicate(timeout=300)

    assert status == process.returncode, err
    return out, err


def _tensors(checkpoint: Path) -> list[torch.Tensor]:
    """All of model and optimizer."""
    data = torch.load(checkpoint, weights_only=True)
    found: list[torch.Tensor] = []

    def walk(node: Any) -> None:
        if isinstance(node, torch.Tensor):
            found.append(node)
        for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(item)

    walk([data["state_dict"], data["optimizer_states"]])
    return found


def _loss_curve(out: Path) -> list[float]:
    rows = csv.DictReader((out / "metrics.csv").read_text().splitlines())
    return [float(row["train_loss"]) for row in rows if row["train_loss"]]


@pytest.fixture(scope="module")
def uneven(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five videos, one of which is broken."""
    folder = tmp_path_factory.mktemp("uneven") / "set"
    shutil.copytree(videos, folder)
    first = folder / directions.CLASSES[0]
    shutil.copy(first / "0.mp4", first / "2.mp4")
    whole = (first / "1.mp4").read_bytes()
    (first / "1.mp4").write_bytes(whole[: len(whole) // 3])
    return folder


def test_two_processes_train_and_validate_like_one_with_twice_the_batch(videos: Path, tmp_path: Path) -> None:
    settings = ("--val", data_spec(videos), "--epochs", "20", "--quiet", "--optimizer", "sgd", "--lr", "0.01", "--json")
    model = _model(norm="naive_sync")
    one, _ = _run(_command(data_spec(videos), tmp_path / "one", *settings, "--batch-size", "8", model=model))
    two, _ = _run(
        _command(data_spec(videos), tmp_path / "two", *settings, "--batch-size", "4", "--devices", "2", model=model)
    )
    first, second = json.loads(one)["metrics"], json.loads(two)["metrics"]
    steps = torch.load(tmp_path / "two" / "last.ckpt", weights_only=True)["global_step"]

    assert 20 == steps
    assert first.keys() == second.keys()
    for name in first:
        assert first[name] == pytest.approx(second[name], abs=1e-4)
    weights = [read_checkpoint(tmp_path / name / "last.ckpt")[1] for name in ("one", "two")]
    for name, value in weights[0].items():
        torch.testing.assert_close(value, weights[1][name], rtol=1e-3, atol=1e-3)
    assert _loss_curve(tmp_path / "one") == pytest.approx(_loss_curve(tmp_path / "two"), abs=1e-4)


def test_two_processes_go_on_without_a_broken_video_and_say_so(uneven: Path, tmp_path: Path) -> None:
    data = data_spec(uneven).replace("video_sampler", "on_error=skip, video_sampler")
    settings = ("--val", data, "--epochs", "1", "--batch-size", "2", "--devices", "2")
    text, errors = _run(_command(data, tmp_path / "run", *settings))
    record = yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())

    assert [str(uneven / directions.CLASSES[0] / "1.mp4")] == list(record["skipped"])
    assert 1 == text.count("1 videos could not be read")
    assert "weights_only" not in text + errors
    assert {"finished": True, "epochs": 1, "processes": 2} == {
        k: record[k] for k in ("finished", "epochs", "processes")
    }


@pytest.mark.parametrize(("workers", "processes", "kill_after"), [(0, 1, 1), (2, 1, 3), (0, 2, 2), (2, 2, 3)])
def test_a_run_that_was_killed_goes_on_as_if_nothing_had_happened(
    workers: int, processes: int, kill_after: int, videos: Path, tmp_path: Path
) -> None:
    data = data_spec(videos).replace(TRANSFORM, _RANDOM)
    settings = ["--val", data_spec(videos), "--epochs", "3", "--batch-size", "1", "--save-every", "1", "--quiet"]
    settings += ["--workers", str(workers), "--devices", str(processes)]

    def command(name: str, *more: str) -> list[str]:
        return _command(data, tmp_path / name, *settings, *more, model=_model(dropout=0.5))

    _run(command("whole"))
    process = _start(command("killed"))
    last, seen = tmp_path / "killed" / "last.ckpt", set()
    while len(seen) <= kill_after and process.poll() is None:
        if last.exists():
            seen.add(last.stat().st_ino)
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    _run(command("killed", "--resume"))
    whole, resumed = _tensors(tmp_path / "whole" / "last.ckpt"), _tensors(last)
    rows = [(tmp_path / name / "metrics.csv").read_text().splitlines() for name in ("whole", "killed")]

    assert len(whole) > 50
    assert len(whole) == len(resumed)
    assert 0 == sum(not torch.equal(a, b) for a, b in zip(whole, resumed, strict=True))
    assert set(rows[1]) <= set(rows[0])
    assert len(rows[1]) == len(set(rows[1]))
