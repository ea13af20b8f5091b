"""``ptv explain``: from a video to heat as video, picture and array."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image
from torch import nn

import ptv_registry
from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_explain.command import explain
from ptv_registry.errors import ArgumentError, OutputError
from ptv_video import PyAVVideo, write_video

SIDE, FPS = 48, 8


@ptv_registry.register("model", "sees_red_green_blue")
@takes_clips(ClipInput(8, 1, side=SIDE, crop=SIDE, frame_rate=FPS))
def sees_red_green_blue() -> nn.Module:
    """Gives how red, green and blue a clip is."""
    layer = nn.Conv3d(3, 3, 1, bias=False)
    layer.weight.data = torch.eye(3)[..., None, None, None]
    return nn.Sequential(layer, nn.ReLU(), nn.AdaptiveAvgPool3d(1), nn.Flatten())


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds: a red square in the upper left, then a green one in the lower right."""
    frames = torch.zeros(3, 2 * FPS, SIDE, SIDE, dtype=torch.uint8)
    frames[0, :FPS, 4:16, 4:16] = 250
    frames[1, FPS:, 28:44, 28:44] = 250
    path = tmp_path_factory.mktemp("videos") / "squares.mp4"
    write_video(path, frames, FPS, options={"crf": "5"}, pix_fmt="yuv444p")
    return path


def run(video: Path, out: Path, *more: str) -> Result:
    arguments = [str(video), "--model", "sees_red_green_blue", "-o", str(out), "--quiet", *more]
    return CliRunner().invoke(explain, arguments, catch_exceptions=False)


def test_heat_of_each_window_lies_on_what_its_class_is_about(video: Path, tmp_path: Path) -> None:
    done = run(video, tmp_path / "why", "--json")
    said: dict[str, Any] = json.loads(done.stdout)
    with np.load(tmp_path / "why" / "heat.npz") as file:
        heat, times, classes = file["heat"].astype(float), file["times"], file["classes"]

    assert 0 == done.exit_code
    assert ["0", "1"] == classes.tolist() == [window["class"] for window in said["windows"]]
    assert (2, 8, SIDE, SIDE) == heat.shape
    np.testing.assert_allclose(times, [[0, 1], [1, 2]], atol=1e-6)
    assert heat[0, :, 4:16, 4:16].sum() > 0.9 * heat[0].sum()
    assert heat[1, :, 28:44, 28:44].sum() > 0.9 * heat[1].sum()


def test_the_video_shows_the_clips_beside_their_heat(video: Path, tmp_path: Path) -> None:
    run(video, tmp_path / "why")
    with PyAVVideo(str(tmp_path / "why" / "heat.mp4")) as found:
        clip = found.get_clip(0, math.inf)["video"].float()
    scale = clip.shape[2] // SIDE
    left, right = clip[..., : SIDE * scale], clip[..., SIDE * scale :]

    assert (3, 16) == tuple(clip.shape[:2])
    assert clip.shape[2] >= 256
    assert left[0, 2, 10 * scale, 10 * scale] > 200
    assert left[1, 2, 10 * scale, 10 * scale] < 60
    assert right[1, 2, 10 * scale, 10 * scale] > 120  # hot places are bright, not only red
    assert right[:, 2, 40 * scale, 40 * scale].max() < 40


def test_the_strip_is_a_picture_with_a_row_for_each_window(video: Path, tmp_path: Path) -> None:
    run(video, tmp_path / "why")
    one = tmp_path / "one"
    run(video, one, "--windows", "1")
    with Image.open(tmp_path / "why" / "heat.png") as both, Image.open(one / "heat.png") as single:
        assert both.height > 1.5 * single.height
        assert np.asarray(both).std() > 20


def test_another_class_can_be_asked_about(video: Path, tmp_path: Path) -> None:
    run(video, tmp_path / "why", "--class", "2")
    with np.load(tmp_path / "why" / "heat.npz") as file:
        assert ["2", "2"] == file["classes"].tolist()
        assert file["heat"].max() <= 1


def test_what_cannot_be_explained_is_said(video: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="no class 'red'; it has numbers from 0"):
        run(video, tmp_path / "why", "--class", "red")
    with pytest.raises(ArgumentError, match="'9' is not a layer"):
        run(video, tmp_path / "why", "--layer", "9")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made"):
        run(video, tmp_path / "file" / "why")
