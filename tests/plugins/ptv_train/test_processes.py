"""Runs of real processes: ranks that share the work, and runs that are killed and go on."""

from __future__ import annotations

import csv
import json
import os
import random
import shlex
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

from ptv_train.checkpoint import load_model, read_checkpoint
from ptv_train.demo import directions

from .conftest import TRANSFORM, data_spec

_KILLED_RUN = Path(__file__).with_name("killed_run.py")
_RANDOM = TRANSFORM.replace("short_side_scale(size=32)", "short_side_scale(size=36), random_crop(size=32)")


def _model(dropout: float = 0.0, norm: str = "batch") -> str:
    return (
        f"resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[4, 1, 1], dropout_rate={dropout}, norm={norm})"
    )


def _command(train: str, out: Path, *more: str, model: str = _model()) -> list[str]:
    ptv = [sys.executable, "-m", "ptv_registry.cli", "train", "--model", model, "--train", train, "--out", str(out)]
    return [*ptv, "--accelerator", "cpu", "--clip-seconds", "0.5", "--transform", TRANSFORM, *more]


def _start(command: list[str], **variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
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
    settings += ("--log-every", "1")
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
    assert 20 == len(_loss_curve(tmp_path / "one"))
    assert _loss_curve(tmp_path / "one") == pytest.approx(_loss_curve(tmp_path / "two"), abs=1e-4)


_MVIT = "mvit(spatial_size=32, temporal_size=4, depth=2, embed_dim_mul=[[1, 2.0]], dropout_rate_block=0.0)"


@pytest.mark.parametrize("model", [_model(), _MVIT])
def test_sharded_training_is_that_of_whole_models_and_its_checkpoint_loads_in_one_process(
    model: str, videos: Path, tmp_path: Path
) -> None:
    settings = ["--batch-size", "2", "--devices", "2", "--optimizer", "sgd", "--lr", "0.01", "--quiet"]

    def train(name: str, *more: str) -> None:
        _run(_command(data_spec(videos), tmp_path / name, *settings, *more, model=model))

    train("whole", "--epochs", "1")
    train("sharded", "--epochs", "1", "--strategy", "fsdp2")
    whole, sharded = (load_model(tmp_path / name / "last.ckpt")[0] for name in ("whole", "sharded"))

    assert sharded.state_dict().keys() == whole.state_dict().keys()
    for name, value in sharded.named_parameters():
        torch.testing.assert_close(value, whole.get_parameter(name), rtol=1e-4, atol=1e-5)
    train("sharded", "--epochs", "2", "--strategy", "fsdp2", "--resume")

    assert 4 == torch.load(tmp_path / "sharded" / "last.ckpt", weights_only=True)["global_step"]


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


def _random_run(videos: Path, out: Path, processes: int, workers: int = 0) -> list[str]:
    """A run of 16 batches in which everything is random: dropout, crops, mixes."""
    data = data_spec(videos).replace(TRANSFORM, _RANDOM)
    settings = ["--val", data_spec(videos), "--epochs", "4", "--batch-size", "2", "--save-every", "3", "--quiet"]
    settings += ["--batch-transform", "mixup(alpha=0.8)"]
    settings += ["--workers", str(workers), "--devices", str(processes), "--log-every", "1"]
    return _command(data, out, *settings, model=_model(dropout=0.5))


@pytest.fixture(scope="module", params=[1, 2])
def undisturbed(request: pytest.FixtureRequest, videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of so many processes, in a folder of that name."""
    out = tmp_path_factory.mktemp("undisturbed") / str(request.param)
    _run(_random_run(videos, out, request.param))
    return out


def _kills(processes: int, workers: int) -> list[tuple[int, str]]:
    """When a run is killed: after how many batches since it began or went on, and at which moment."""
    numbers = random.Random(f"{processes} {workers}")
    moments = ["before_step", "after_step", "in_save", "after_save"]
    return [
        (numbers.randint(1, 14 // processes), numbers.choice(moments)) for _ in range(int(os.environ.get("KILLS", "1")))
    ]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_that_was_killed_goes_on_as_if_nothing_had_happened(
    undisturbed: Path, workers: int, videos: Path, tmp_path: Path
) -> None:
    processes, out = int(undisturbed.name), tmp_path / "killed"
    command = _random_run(videos, out, processes, workers)
    arguments = command[command.index("train") :]
    for batch, moment in _kills(processes, workers):
        again = ["--resume"] if (out / "last.ckpt").exists() else []
        process = _start(
            [sys.executable, str(_KILLED_RUN), *arguments, *again], KILL_BATCH=str(batch), KILL_MOMENT=moment
        )
        _, errors = process.communicate(timeout=300)

        assert process.returncode in (-signal.SIGKILL, 0), errors
    _run([*command, "--resume"] if (out / "last.ckpt").exists() else command)
    whole, resumed = _tensors(undisturbed / "last.ckpt"), _tensors(out / "last.ckpt")

    assert len(whole) > 50
    assert len(whole) == len(resumed)
    assert 0 == sum(not torch.equal(a, b) for a, b in zip(whole, resumed, strict=True))
    assert (undisturbed / "metrics.csv").read_text() == (out / "metrics.csv").read_text()


def test_ctrl_c_ends_with_130_and_the_command_to_go_on(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = _start(_command(data_spec(videos), out, "--epochs", "500", "--save-every", "1", "--batch-size", "1"))
    while not (out / "last.ckpt").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    record = yaml.safe_load((out / "run.yaml").read_text())

    assert 130 == process.returncode, errors
    assert "Interrupted. Continue with: ptv train" in errors
    assert errors.rstrip().endswith("--resume")
    assert "Traceback" not in errors
    assert not record["finished"]


@pytest.mark.parametrize(("place", "most_bytes"), [("/dev/null/run", None), ("run", 4096)])
def test_a_folder_or_disk_that_takes_nothing_is_one_line(
    place: str, most_bytes: int | None, videos: Path, tmp_path: Path
) -> None:
    command = _command(data_spec(videos), tmp_path / place, "--epochs", "1", "--batch-size", "4", "--quiet")
    if most_bytes is not None:
        # A disk without room for more than that in a file.
        command = ["bash", "-c", f"ulimit -f {most_bytes // 1024}; exec {shlex.join(command)}"]
    _, errors = _run(command, status=1)
    words = [line for line in errors.splitlines() if line]

    assert 1 == len(words), errors
    assert words[0].startswith("Error: ")
    assert "cannot be written" in words[0]
