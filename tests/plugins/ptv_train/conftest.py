"""A tiny labelled set, and a small model that trains on it in seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ptv_train.clip_recipe import ClipRecipe
from ptv_train.demo import directions
from ptv_train.training.training import Training
from ptv_video import write_video

MODEL = (
    "resnet(model_depth=18, stem_dim_out=4, norm=ghost(ghost_batch_size=2), head_pool_kernel_size=[4, 1, 1], "
    "dropout_rate=0.0)"
)
TRANSFORM = (
    "apply_transform_to_key(key='video', transform=compose(transforms=[uniform_temporal_subsample(num_samples=4), "
    "convert_uint8_to_float, normalize(mean=[0.45, 0.45, 0.45], std=[0.225, 0.225, 0.225]), "
    "short_side_scale(size=32)]))"
)
RECIPE = ClipRecipe(0.5, TRANSFORM)


def data_spec(folder: Path, sampler: str = "uniform(clip_duration=0.5)") -> str:
    return (
        f"labeled_video_folder(data_path={str(folder)!r}, clip_sampler={sampler}, decode_audio=false, "
        f"video_sampler=sequential, transform={TRANSFORM})"
    )


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of two videos of one second."""
    folder = tmp_path_factory.mktemp("videos")
    for label in (0, 4):
        for number in range(2):
            path = folder / directions.CLASSES[label] / f"{number}.mp4"
            path.parent.mkdir(exist_ok=True)
            frames = directions.render(np.random.default_rng((label, number)), [label], frames=16)
            write_video(path, frames, 16, threads=1)
    return folder


@pytest.fixture(scope="session")
def run(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one epoch."""
    out = tmp_path_factory.mktemp("run") / "first"
    Training(
        MODEL,
        data_spec(videos),
        data_spec(videos),
        out,
        epochs=1,
        batch_size=4,
        recipe=RECIPE,
        progress=False,
        accelerator="cpu",
    ).run()
    return out
