"""The loss mine, in a training."""

from pathlib import Path

import torch

import ptv_registry as ptv
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


def test_mine_is_what_a_training_minimises(tmp_path: Path) -> None:
    train = videos(tmp_path / "videos")
    result = Training(
        model=MODEL,
        train=train,
        loss="mine(gamma=1.0)",
        out=tmp_path / "run",
        epochs=1,
        batch_size=4,
        accelerator="cpu",
        progress=False,
    ).run()

    assert 0 < result.metrics["train_loss"]
    assert "mine" in (tmp_path / "run" / "run.yaml").read_text()


def test_a_linear_classifier_learns_with_mine() -> None:
    torch.manual_seed(0)
    loss, model, clips = ptv.build("loss:mine"), torch.nn.Linear(8, 3), torch.randn(6, 8)
    labels, optimizer = torch.tensor([0, 1, 2, 0, 1, 2]), torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        loss(model(clips), labels).backward()
        optimizer.step()

    assert labels.tolist() == model(clips).argmax(1).tolist()
