"""The batch transform mine, in a training."""

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


def test_a_training_mixes_its_batches_with_mine(tmp_path: Path) -> None:
    train = videos(tmp_path / "videos")
    plain, mixed = (
        Training(
            model=MODEL,
            train=train,
            batch_transforms=transforms,
            out=tmp_path / f"run{number}",
            epochs=1,
            batch_size=4,
            accelerator="cpu",
            progress=False,
        ).run()
        for number, transforms in enumerate(([], ["mine(share=0.9)"]))
    )

    assert plain.metrics["train_loss"] != mixed.metrics["train_loss"]
