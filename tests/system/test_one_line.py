"""The main job is one short line a step: a folder, a CSV or a JSON of videos, any family of models, no transform by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

import ptv_registry
from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Classes, Frames, Pixels
from ptv_registry.cli import ptv
from ptv_train.checkpoint import read_checkpoint
from ptv_train.demo import directions
from ptv_video import write_video

CLASSES = ("east", "north", "west")
STEM = "model_depth=18, stem_dim_out=8, dropout_rate=0"
SPECS = {
    "resnet": f"resnet({STEM}, head_pool_kernel_size=[4, 1, 1])",
    "slowfast": "slowfast(model_depth=18, stem_dim_outs=[8, 8], slowfast_channel_reduction_ratio=[1], "
    "head_pool_kernel_sizes=[[2, 1, 1], [8, 1, 1]])",
    "x3d": "x3d(width_factor=0.5, depth_factor=1, input_clip_length=4, input_crop_size=32)",
    "r2plus1d": f"r2plus1d({STEM}, head_pool_kernel_size=[1, 1, 1])",
    "csn": f"csn({STEM}, head_pool_kernel_size=[1, 1, 1])",
    "mvit": "mvit(spatial_size=32, temporal_size=4, depth=1)",
    "vmz": "vmz_resnet(stage_dims=[4, 4, 4, 8])",
    "stranger": "strangers_net(length=4, edge=32)",
}


@takes_clips(ClipInput(8, 4, crop=64))
class StrangersNet(nn.Module):
    """A model of somebody else's, whose parameters have names of their own."""

    def __init__(self, labels: Classes = 10, length: Frames = 8, edge: Pixels = 64) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, 4, (length, edge // 4, edge // 4))
        self.out = nn.Linear(4, labels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.out(self.conv(x).relu().mean((2, 3, 4)))
        return scores


@pytest.fixture(scope="module", autouse=True)
def stranger() -> None:
    ptv_registry.register("model", "strangers_net", replace=True)(StrangersNet)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same videos as a folder of class folders, a CSV and a JSON."""
    root = tmp_path_factory.mktemp("one-line")
    rows = []
    for label, name in enumerate(CLASSES):
        (root / "videos" / name).mkdir(parents=True)
        for number in range(2):
            rng = np.random.default_rng((label, number))
            path = root / "videos" / name / f"{number}.mp4"
            write_video(path, directions.render(rng, [directions.CLASSES.index(name)], frames=16), 16, threads=1)
            rows.append((str(path), name))
    with (root / "videos.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *rows])
    (root / "videos.json").write_text(json.dumps([{"video_path": path, "label": name} for path, name in rows]))
    return {"folder": root / "videos", "csv": root / "videos.csv", "json": root / "videos.json"}


def run(*words: Any) -> str:
    done = CliRunner().invoke(ptv, [str(word) for word in words], catch_exceptions=False)
    assert 0 == done.exit_code, done.output
    return done.stdout


def train(spec: str, source: Path, out: Path, *more: str) -> Path:
    words = ["--epochs", "1", "--batch-size", "3", "--json", "--accelerator", "cpu", *more]
    run("train", "--model", spec, "--train", source, "--val", source, "--out", out, *words)
    return out / "last.ckpt"


@pytest.mark.slow
@pytest.mark.parametrize("family", SPECS)
def test_train_eval_predict_and_export_are_one_line_each(family: str, data: dict[str, Path], tmp_path: Path) -> None:
    more = ["--input", "num_frames=4, crop=32"] if family == "vmz" else []
    checkpoint = train(SPECS[family], data["folder"], tmp_path / "run", *more)
    found = json.loads(run("eval", checkpoint, "--data", data["folder"], "--device", "cpu", "--json"))
    run("export", checkpoint, "--backend", "eager", "-o", tmp_path / "exported")
    video = data["folder"] / "east" / "0.mp4"
    wanted, given = (
        json.loads(run("predict", video, "--model", model, "--json"))["top"]
        for model in (checkpoint, tmp_path / "exported")
    )
    record, _ = read_checkpoint(checkpoint)

    assert CLASSES == record.categories
    assert "random_crop" in (record.recipe.train_transform or "")
    assert 6 == len(found["videos"]) if isinstance(found["videos"], list) else found["videos"]
    assert set(CLASSES) == {row["class"] for row in wanted}
    assert pytest.approx(1, abs=1e-3) == sum(row["score"] for row in wanted)
    assert [row["class"] for row in wanted] == [row["class"] for row in given]
    assert pytest.approx([row["score"] for row in wanted], abs=1e-4) == [row["score"] for row in given]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "json"])
def test_lists_of_videos_train_as_folders_do(form: str, data: dict[str, Path], tmp_path: Path) -> None:
    weights = [read_checkpoint(train(SPECS["resnet"], data[kind], tmp_path / kind))[1] for kind in (form, "folder")]

    assert all(torch.equal(tensor, weights[1][name]) for name, tensor in weights[0].items())


def test_a_validation_class_that_training_does_not_know_is_named(data: dict[str, Path], tmp_path: Path) -> None:
    other = tmp_path / "val" / "upwards"
    other.mkdir(parents=True)
    (other / "0.mp4").symlink_to(data["folder"] / "north" / "0.mp4")
    from ptv_registry.errors import ArgumentError

    with pytest.raises(ArgumentError, match="upwards"):
        run(
            *("train", "--model", SPECS["resnet"], "--train", data["folder"], "--val", tmp_path / "val"),
            *("--out", tmp_path / "run", "--epochs", "1"),
        )
    assert not (tmp_path / "run").exists()


def test_training_starts_from_cross_entropy_of_logits(data: dict[str, Path], tmp_path: Path) -> None:
    """A softmax head is left out of the loss, which is that of the same network without one."""
    losses = {}
    for head in ("softmax", "none"):
        spec = SPECS["x3d"].replace("x3d(", f"x3d(dropout_rate=0, head_activation={head}, ")
        out = tmp_path / head
        train(spec, data["folder"], out)
        losses[head] = json.loads((out / "summary.json").read_text())["val_loss"]

    assert pytest.approx(losses["none"], abs=1e-5) == losses["softmax"]
