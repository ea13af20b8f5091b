"""The schedule mine, in a training."""

from pathlib import Path

import torch

from ptv_train import Training
from ptv_video import write_video

MODEL = "x3d(input_clip_length=4, input_crop_size=32, depth_factor=0.3)"


def videos(folder: Path) -> Path:
    """Two classes of two videos that are told apart by their brightness."""
    for name, shade in (("dark", 30), ("bright", 220)):
        (folder / name).mkdir(parents=True)
        for number in range(2):
            frames = torch.full((3, 8, 32, 32), shade + number, dtype=torch.uint8)
            write_video(folder / name / f"{number}.mp4", frames, 8)
    return folder


def test_mine_sets_the_rate_of_each_step(tmp_path: Path) -> None:
    train = videos(tmp_path / "videos")
    result = Training(
        model=MODEL,
        train=train,
        schedule="mine(power=1.5)",
        lr=0.01,
        out=tmp_path / "run",
        epochs=1,
        batch_size=4,
        accelerator="cpu",
        progress=False,
    ).run()
    state = torch.load(result.checkpoint, weights_only=True)["lr_schedulers"][0]

    assert (1, 1.5) == (state["total_iters"], state["power"])
    assert 1 == state["last_epoch"]
