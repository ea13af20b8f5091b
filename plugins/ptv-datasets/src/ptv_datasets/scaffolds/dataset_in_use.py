"""The dataset mine, as what a model is trained on."""

from pathlib import Path

import ptv_registry as ptv
from ptv_train import Training

MODEL = "x3d(input_clip_length=4, input_crop_size=32, depth_factor=0.3)"


def test_mine_has_two_clips() -> None:
    dataset = ptv.build("dataset:mine(edge=32)")

    assert [("dark", 0), ("bright", 1)] == [
        (sample["label_name"], sample["label"]) for sample in map(dataset.__getitem__, range(2))
    ]
    assert (3, 16, 32, 32) == tuple(dataset[0]["video"].shape)


def test_a_model_is_trained_on_mine(tmp_path: Path) -> None:
    result = Training(
        model=MODEL,
        train="dataset:mine",
        out=tmp_path / "run",
        epochs=1,
        batch_size=2,
        accelerator="cpu",
        progress=False,
    ).run()

    assert result.checkpoint.exists()
    assert "train_loss" in result.metrics
