"""The model mine, trained by its name on videos, and used on one of them."""

from pathlib import Path

import torch

from ptv_train import Predictor, Training
from ptv_video import write_video


def test_mine_is_trained_by_its_name_and_predicts(tmp_path: Path) -> None:
    for name, shade in (("dark", 30), ("bright", 220)):
        (tmp_path / "videos" / name).mkdir(parents=True)
        for number in range(2):
            frames = torch.full((3, 24, 64, 64), shade + number, dtype=torch.uint8)
            write_video(tmp_path / "videos" / name / f"{number}.mp4", frames, 12)
    result = Training(
        model="mine",
        train=tmp_path / "videos",
        out=tmp_path / "run",
        epochs=1,
        batch_size=2,
        accelerator="cpu",
        progress=False,
    ).run()
    predicted = Predictor.load(str(result.checkpoint)).predict(tmp_path / "videos" / "dark" / "0.mp4")

    assert {"bright", "dark"} == {label for label, _ in predicted.top(2)}
