"""Scaling while converting, which is asked for by ``short_side``."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ptv_registry import build
from ptv_registry.errors import ArgumentError
from ptv_video import PyAVVideo
from tests.support.video_files import CLIPS, numbers_of

Files = Callable[[str], Path]
PEOPLE = CLIPS / "people_h264_340x256_30fps.mp4"


def test_pictures_have_the_short_side_asked_for(file_named: Files) -> None:
    with PyAVVideo(PEOPLE, short_side=128) as video:
        assert video.size == (128, 170)
        assert video.get_clip(0, 0.5)["video"].shape == (3, 3, 128, 170)
    with PyAVVideo(file_named("rotate_90.mp4"), short_side=24) as video:
        assert video.get_clip(0, 1)["video"].shape[2:] == (32, 24)


def test_scaling_shows_the_same_pictures(file_named: Files) -> None:
    with PyAVVideo(file_named("h264_25.mp4"), short_side=24) as video:
        assert numbers_of(video.get_clip(0.2, 0.6)["video"]) == list(range(5, 15))
    with PyAVVideo(PEOPLE) as whole, PyAVVideo(PEOPLE, short_side=128) as small:
        frames = whole.get_clip(0, 0.5)["video"].transpose(0, 1).float()
        expected = torch.nn.functional.interpolate(frames, (128, 170), mode="bilinear", antialias=True)
        difference = (small.get_clip(0, 0.5)["video"].transpose(0, 1).float() - expected).abs()

    assert difference.mean() < 4


def test_the_size_is_kept_unless_asked_for(file_named: Files) -> None:
    with PyAVVideo(file_named("h264_25.mp4")) as video:
        assert video.size == (48, 64)


def test_a_spec_asks_for_it() -> None:
    with build("decoder:pyav(short_side=64)", source=str(PEOPLE)) as video:
        assert video.size == (64, 85)


@pytest.mark.parametrize("short_side", [0, -1, 1.5, True])
def test_a_short_side_that_is_no_number_of_pixels_is_refused(short_side: object) -> None:
    with pytest.raises(ArgumentError, match="short_side"):
        PyAVVideo(PEOPLE, short_side=short_side)
