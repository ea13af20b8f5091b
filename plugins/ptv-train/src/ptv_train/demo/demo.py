"""``ptv demo``: the whole workflow, on videos that it writes itself."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from attrs import frozen

from ptv_train.clip_recipe import ClipRecipe
from ptv_train.demo import directions
from ptv_train.errors import RunExistsError
from ptv_train.evaluation.evaluation import evaluate
from ptv_train.prediction.picture import draw
from ptv_train.prediction.prediction import Prediction
from ptv_train.prediction.predictor import Predictor
from ptv_train.training.training import Training
from ptv_video import write_video

MODEL: Final = (
    "slowfast(norm=ghost(ghost_batch_size=8), model_depth=18, stem_dim_outs=[8, 8], "
    "slowfast_channel_reduction_ratio=[1], head_pool_kernel_sizes=[[4, 2, 2], [16, 2, 2]], dropout_rate=0.0)"
)
TRANSFORM: Final = (
    "apply_transform_to_key(key='video', transform=compose(transforms=[uniform_temporal_subsample(num_samples=16), "
    "convert_uint8_to_float, normalize(mean=[0.45, 0.45, 0.45], std=[0.225, 0.225, 0.225]), {crop}(size=64), "
    "pack_pathway(alpha=4)]))"
)
SECONDS: Final = 1.0
EPOCHS: Final = 20
TRAIN_VIDEOS: Final = 24
TEST_VIDEOS: Final = 10
LR: Final = 0.01
BATCH: Final = 16


@frozen
class DemoResult:
    """What the demo measured and wrote."""

    accuracy: float
    seconds: float
    prediction: Prediction
    out: Path
    commands: tuple[str, ...]


def train_spec(data: Path) -> str:
    """The dataset to train on: a clip from a random place of every video, cropped at random."""
    transform = TRANSFORM.format(crop="random_crop")
    return f"dataset:labeled_video_folder(data_path={str(data)!r}, clip_sampler=random(clip_duration={SECONDS}), decode_audio=false, transform={transform})"


def test_spec(data: Path) -> str:
    """The dataset to test on: the whole of every video, in windows."""
    transform = TRANSFORM.format(crop="center_crop")
    return f"dataset:labeled_video_folder(data_path={str(data)!r}, clip_sampler=uniform(clip_duration={SECONDS}), video_sampler=sequential, decode_audio=false, transform={transform})"


def write_data(out: Path, *, progress: bool = True) -> Path:
    """Write the training and the held-out videos, and an unseen one whose direction changes; returns their folder."""
    data = out / "data"
    directions.write_set(data / "train", TRAIN_VIDEOS, seed=1, name="training videos", progress=progress)
    directions.write_set(data / "test", TEST_VIDEOS, seed=2, name="held-out videos", progress=progress)
    rng = np.random.default_rng(3)
    labels = [directions.CLASSES.index(name) for name in ("east", "north", "southwest")]
    write_video(data / "unseen.mp4", directions.render(rng, labels), directions.FPS, threads=1)
    return data


def run(out: Path, *, epochs: int = EPOCHS, progress: bool = True, say: Callable[[str], Any] = print) -> DemoResult:
    """Write videos, train, evaluate on held-out ones, predict an unseen one, and draw it.

    Args:
        out: folder for everything; it must not hold a demo already.
        epochs: of the training.
        progress: whether to show progress bars.
        say: told about each step.

    Raises:
        RunExistsError: ``out`` holds a demo.
    """
    if (out / "run").exists():
        raise RunExistsError(f"{out} already holds a demo; remove it or choose another folder", path=str(out))
    began = time.monotonic()
    say("1. Writing videos of eight classes that differ only in the direction of movement")
    data = write_data(out, progress=progress)
    say(f"2. Training {MODEL}")
    torch.manual_seed(0)
    recipe = ClipRecipe(SECONDS, TRANSFORM.format(crop="center_crop"))
    training = Training(
        MODEL,
        train_spec(data / "train"),
        None,
        out / "run",
        epochs=epochs,
        batch_size=BATCH,
        lr=LR,
        recipe=recipe,
        progress=progress,
    )
    result = training.run()
    say("3. Evaluating on held-out videos")
    evaluation = evaluate(result.checkpoint, test_spec(data / "test"), batch_size=BATCH, progress=progress)
    accuracy = evaluation.metrics["top1"]
    say(f"   top-1 of {len(directions.CLASSES) * TEST_VIDEOS} held-out videos: {accuracy:.1%} (chance is 12.5 %)")
    say("4. Predicting an unseen video window by window: it moves east, then north, then southwest")
    prediction = Predictor.load(str(result.checkpoint)).predict(data / "unseen.mp4", progress=progress)
    draw(prediction, out / "prediction.png")
    return DemoResult(accuracy, time.monotonic() - began, prediction, out, commands(out, epochs))


def commands(out: Path, epochs: int = EPOCHS) -> tuple[str, ...]:
    """The commands that repeat each step by hand."""
    data, checkpoint = out / "data", str(out / "run" / "last.ckpt")
    recipe = ["--clip-seconds", str(SECONDS), "--transform", TRANSFORM.format(crop="center_crop")]
    lines = [
        ["ptv", "demo", "--only-data", "-o", str(out)],
        [
            "ptv",
            "train",
            "--model",
            MODEL,
            "--train",
            train_spec(data / "train"),
            "--epochs",
            str(epochs),
            "--out",
            str(out / "run-by-hand"),
            "--batch-size",
            str(BATCH),
            "--lr",
            str(LR),
            *recipe,
        ],
        ["ptv", "eval", checkpoint, "--data", test_spec(data / "test"), "--batch-size", str(BATCH)],
        ["ptv", "predict", str(data / "unseen.mp4"), "--model", checkpoint, "--picture", str(out / "prediction.png")],
        ["ptv", "plan", MODEL],
    ]
    return tuple(shlex.join(line) for line in lines)
