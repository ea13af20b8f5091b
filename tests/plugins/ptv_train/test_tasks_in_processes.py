"""Tasks on two ranks, real processes: the same figures as on one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ptv_train.checkpoint import load_checkpoint
from tests.support.task_sets import people, several_colours, textures

from .test_detection import MODEL as BOXES
from .test_detection import spec
from .test_multi_label import MODEL

_SMALL = "num_frames=4, seconds=0.5, side=32, crop=32"


def _run(out: Path, *words: str) -> dict[str, float]:
    command = [sys.executable, "-m", "ptv_registry.cli", "train", "--out", str(out), "--accelerator", "cpu", "--json"]
    done = subprocess.run(
        [*command, "--optimizer", "sgd(lr=0.0001)", *words],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert 0 == done.returncode, done.stderr
    metrics: dict[str, float] = json.loads(done.stdout)["metrics"]
    return metrics


@pytest.mark.parametrize("task", ["multi_label", "detection"])
def test_two_ranks_measure_what_one_does(task: str, tmp_path: Path) -> None:
    """Norms have no statistics of their own here, so that ranks and batches make no difference."""
    if task == "detection":
        data, model, frames = spec(*people(tmp_path / "set", 5, 0)), BOXES, "num_frames=4, seconds=1, crop=56, side=64"
    else:
        data, model, frames = str(several_colours(tmp_path / "set", 5, 0)), MODEL, _SMALL
    words = ["--model", model[:-1] + ", norm=none)", "--train", data, "--val", data, "--task", task, "--epochs", "1"]
    words += ["--input", frames]
    one = _run(tmp_path / "one", *words, "--batch-size", "4")
    two = _run(tmp_path / "two", *words, "--batch-size", "2", "--devices", "2")
    figures = [name for name in one if name.startswith("val_") and name != "val_loss"]

    assert figures
    for name in figures:
        assert one[name] == pytest.approx(two[name], abs=0.02)


def test_two_ranks_compare_the_views_of_both_and_remember_the_same(tmp_path: Path) -> None:
    data = textures(tmp_path / "set", 2, 0)
    words = ["--model", MODEL, "--train", str(data), "--val", str(data), "--epochs", "1", "--input", _SMALL]
    task = "moco_v2(dim=8, hidden=8, queue_size=16, remembered=8)"
    metrics = _run(tmp_path / "run", *words, "--task", task, "--batch-size", "2", "--devices", "2")
    state = load_checkpoint(tmp_path / "run" / "last.ckpt")["state_dict"]

    assert 0 <= metrics["val_knn_top1"] <= 1
    assert [0, 0, 1, 1, 2, 2, 3, 3] == sorted(state["task.knn.labels"].tolist())
    assert 8 == int(state["task.method.ptr"])
