"""Predictions: windows that cover the video, scores, tables, JSON and pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe, recipe_for
from ptv_train.errors import NoInputDescriptionError
from ptv_train.prediction.command import predict
from ptv_train.prediction.predictor import Predictor, windows
from ptv_video.errors import VideoDecodeError

from .conftest import MODEL, TRANSFORM

CLIPS = Path(__file__).parents[2] / "support" / "clips"
TINY = ["--model", MODEL, "--clip-seconds", "1", "--transform", TRANSFORM]


@pytest.mark.parametrize(
    ("duration", "length", "stride", "expected"),
    [
        (3.0, 1.0, None, [(0, 1), (1, 2), (2, 3)]),
        (2.5, 1.0, None, [(0, 1), (1, 2), (1.5, 2.5)]),
        (2.0, 1.0, 0.5, [(0, 1), (0.5, 1.5), (1, 2)]),
        (0.4, 1.0, None, [(0, 0.4)]),
        (1.0, 1.0, None, [(0, 1)]),
        (2.0000001, 1.0, None, [(0, 1), (1, 2)]),
    ],
)
def test_windows_cover_the_video_and_end_with_it(duration: float, length: float, stride: float, expected: list) -> None:
    assert expected == [
        (pytest.approx(a, abs=1e-6), pytest.approx(b, abs=1e-6)) for a, b in windows(duration, length, stride)
    ]


@pytest.mark.parametrize("stride", [0, -1, float("nan")])
def test_a_stride_must_be_positive(stride: float) -> None:
    with pytest.raises(ArgumentError, match="stride_s"):
        list(windows(3.0, 1.0, stride))


class _MeanColour(nn.Module):
    """Three classes: how red, green and blue the clip is."""

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return clips.float().mean((2, 3, 4))


def test_scores_of_a_window_are_those_of_its_frames(tmp_path: Path) -> None:
    from ptv_video import write_video

    frames = torch.zeros(3, 20, 32, 32, dtype=torch.uint8)
    frames[0, :10], frames[2, 10:] = 255, 255
    write_video(tmp_path / "red-then-blue.mp4", frames, 10)
    recipe = ClipRecipe(1.0, "apply_transform_to_key(key='video', transform=convert_uint8_to_float)")

    found = Predictor(_MeanColour(), recipe, ["red", "green", "blue"]).predict(tmp_path / "red-then-blue.mp4")

    assert ["red", "blue"] == [found.top(1, window)[0][0] for window in found.windows]
    assert pytest.approx(1.0) == float(found.scores.sum())


def test_names_must_match_the_classes(tmp_path: Path) -> None:
    recipe = ClipRecipe(1.0, "apply_transform_to_key(key='video', transform=convert_uint8_to_float)")
    with pytest.raises(ArgumentError, match="3 classes, and there are 2 names"):
        Predictor(_MeanColour(), recipe, ["a", "b"]).predict(next(CLIPS.glob("*.mp4")))


def test_a_model_without_a_description_of_its_input_asks_for_one() -> None:
    import ptv_registry

    @ptv_registry.register("model", "mean_colour", replace=True)
    class MeanColour(_MeanColour):
        """Three classes."""

    with pytest.raises(NoInputDescriptionError, match="--clip-seconds"):
        recipe_for(ptv_registry.resolve("mean_colour"))


@pytest.mark.parametrize("clip", sorted(CLIPS.iterdir()), ids=lambda path: path.name)
def test_every_clip_is_predicted_and_random_weights_say_so(clip: Path) -> None:
    done = CliRunner().invoke(predict, [str(clip), *TINY, "--json"], catch_exceptions=False)
    found = json.loads(done.stdout)

    assert 0 == done.exit_code
    assert "random" == found["weights"]
    assert "random weights" in done.stderr
    assert 5 == len(found["top"])
    assert found["duration_s"] == pytest.approx(found["windows"][-1]["end_s"])
    assert 0.0 == found["windows"][0]["start_s"]


@pytest.mark.parametrize("clip", sorted(CLIPS.iterdir()), ids=lambda path: path.name)
def test_a_truncated_file_gives_an_error_that_names_it(clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / f"truncated{clip.suffix}"
    broken.write_bytes(clip.read_bytes()[:2000])
    with pytest.raises(VideoDecodeError, match="truncated"):
        CliRunner().invoke(predict, [str(broken), *TINY], catch_exceptions=False)


def test_a_checkpoint_predicts_with_its_categories_and_draws(run: Path, videos: Path, tmp_path: Path) -> None:
    picture = tmp_path / "scores.png"
    video = next(videos.rglob("*.mp4"))
    arguments = [str(video), "--model", str(run / "last.ckpt"), "--picture", str(picture), "--quiet"]

    done = CliRunner().invoke(predict, arguments, catch_exceptions=False)

    assert 0 == done.exit_code
    assert "east" in done.stdout
    assert "west" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_lock_is_predicted_with_like_its_spec(run: Path, videos: Path) -> None:
    arguments = ["--clip-seconds", "0.5", "--transform", TRANSFORM, "--json"]
    video = str(next(videos.rglob("*.mp4")))

    done = CliRunner().invoke(
        predict, [video, "--model", str(run / "model.lock.json"), *arguments], catch_exceptions=False
    )

    assert 2 == len(json.loads(done.stdout)["windows"])
