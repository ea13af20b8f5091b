"""Models that hear: spectrograms of a video's own sound, from training to prediction, alone and beside pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import ptv_registry
from ptv_cards.clip_input import ClipInput, clip_input_of
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import recipe_for
from ptv_transforms.modalities import DropPathway, JoinPathways, MaskedSpectrogram
from tests.support.task_sets import RATE, TONES, pairs, tones

from .task_commands import ptv

ACOUSTIC = "acoustic_resnet(model_depth=18, stem_dim_out=8, head_pool=adaptive_avg, dropout_rate=0.0)"
BOTH = "audio_visual_slowfast(model_depth=18, stem_dim_outs=[16, 2, 8], head_pool=adaptive_avg, dropout_rate=0.0)"
_HEARD = "mel_steps=32, mels=40"
_SEEN = "num_frames=8, seconds=0.5, side=32, crop=32, mel_steps=32, mels=40"


def test_a_model_of_sound_says_what_it_takes() -> None:
    recipe = recipe_for(ptv_registry.resolve(ACOUSTIC))
    shorter = recipe_for(ptv_registry.resolve(ACOUSTIC), changes={"mel_steps": 64, "mels": 40})
    sample = shorter.build_transform()({"audio": torch.rand(16384) - 0.5})

    assert (False, True, 2.048) == (recipe.decode_video, recipe.decode_audio, recipe.seconds)
    assert 1.024 == shorter.seconds
    assert (1, 64, 1, 40) == sample["video"].shape
    with pytest.raises(ArgumentError, match="would get nothing"):
        ClipInput(8, 8, pictures=False)


def test_a_model_of_both_gets_both_as_pathways() -> None:
    plan = ptv_registry.resolve(BOTH)
    recipe = recipe_for(plan, changes={"crop": 32, "side": 32, "num_frames": 8, "mel_steps": 32, "mels": 40})
    clip = torch.randint(0, 255, (3, 16, 40, 48), dtype=torch.uint8)
    sample = recipe.build_transform("train")({"video": clip, "audio": torch.rand(8192) - 0.5})
    model = ptv_registry.build(plan)
    model.eval()

    assert [(3, 2, 32, 32), (3, 8, 32, 32), (1, 32, 1, 40)] == [tuple(part.shape) for part in sample["video"]]
    assert (1, 400) == model([part[None] for part in sample["video"]]).shape
    assert 4 == clip_input_of(plan).alpha  # type: ignore[union-attr]


def test_sound_that_is_missing_is_the_mean_and_silence_is_not_loud() -> None:
    spectrogram = MaskedSpectrogram(num_steps=8, num_mels=20, mean=-7.0, std=4.0)

    assert not spectrogram(torch.zeros(2048)).any()
    assert spectrogram(torch.full((2048,), 0.1)).abs().max() > 0.1


def test_a_pathway_is_dropped_as_often_as_asked() -> None:
    torch.manual_seed(0)
    sample = {"video": [torch.ones(2), torch.ones(3)], "audio": torch.ones(4)}
    drop = DropPathway("audio", p=0.25)
    dropped = sum(not drop(sample)["audio"].any() for _ in range(400))

    assert 70 < dropped < 130
    assert all(not part.any() for part in DropPathway("video", p=1.0)(sample)["video"])
    assert sample["audio"].all()
    with pytest.raises(ArgumentError, match="p=2"):
        DropPathway("audio", p=2)


def test_values_are_joined_in_order() -> None:
    joined = JoinPathways(["video", "audio"])({"video": [1, 2], "audio": 3, "label": 0})

    assert {"video": [1, 2, 3], "label": 0} == joined
    assert {"video": 3} == JoinPathways(["audio"])({"audio": 3})


@pytest.mark.parametrize(("name", "model", "changes"), [("tones", ACOUSTIC, _HEARD), ("pairs", BOTH, _SEEN)])
def test_a_run_goes_from_training_to_prediction_and_export(name: str, model: str, changes: str, tmp_path: Path) -> None:
    write: Any = {"tones": tones, "pairs": pairs}[name]
    data, out = write(tmp_path / "set", 1, 0, seconds=0.6), tmp_path / "run"
    settings = ["--epochs", "1", "--batch-size", "4", "--accelerator", "cpu", "--input", changes + ", drop_sound=0.2"]
    trained = ptv("train", "--model", model, "--train", data, "--val", data, "--out", out, *settings)
    found = ptv("eval", out / "last.ckpt", "--data", data, "--workers", "0")
    video = next(data.rglob("*.mp4"))
    predicted = ptv("predict", video, "--model", out / "last.ckpt")
    ptv("export", out / "last.ckpt", "-o", tmp_path / "exported", "--backend", "eager")
    again = ptv("predict", video, "--model", tmp_path / "exported", "--trust")

    assert 0 <= trained["metrics"]["val_top1"] <= 1
    assert 4 == found["videos"]
    assert 4 == len(predicted["top"])
    assert {row["class"]: row["score"] for row in predicted["top"]} == pytest.approx(
        {row["class"]: row["score"] for row in again["top"]}, abs=1e-4
    )


def test_tones_are_where_a_spectrogram_shows_them() -> None:
    time = torch.arange(RATE) / RATE
    peaks = [
        int(
            MaskedSpectrogram(num_steps=8, num_mels=40)(torch.sin(2 * torch.pi * hertz * time)).mean((0, 1, 2)).argmax()
        )
        for hertz in TONES
    ]

    assert sorted(set(peaks)) == peaks
