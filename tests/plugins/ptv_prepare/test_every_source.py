"""Every kind of file is re-encoded and extracted with the right frames at the right times."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ptv_prepare.extraction import ExtractFrames
from ptv_prepare.reencode import Reencode
from ptv_registry.errors import ArgumentError
from ptv_video import PyAVVideo, VideoDecodeError, open_frames
from tests.support.damage import damaged
from tests.support.video_files import RECIPES, numbers_of, write

PICTURES = [name for name, recipe in RECIPES.items() if recipe.codec]


def quiet():
    """No sign of life is needed."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    return cache(lambda name: str(write(RECIPES[name], folder)))


@pytest.mark.parametrize("name", PICTURES)
def test_a_video_keeps_its_frames_times_and_sound(name, sources, tmp_path):
    path, target = sources(name), tmp_path / "out.mp4"
    facts = Reencode(short_side=64, preset="ultrafast")(path, target, quiet)

    with PyAVVideo(path) as before, PyAVVideo(target) as after:
        old, new = before.get_clip(0, math.inf), after.get_clip(0, math.inf)
        assert facts["frames"] == new["video"].shape[1]
        assert 64 == min(new["video"].shape[2:])
        assert abs(new["video"].shape[3] / new["video"].shape[2] - before.size[1] / before.size[0]) < 0.05
        assert numbers_of(_upright(old, name)) == numbers_of(_upright(new, name, before.size))
        assert float((old["pts"] - new["pts"]).abs().max()) < 0.002
        assert abs(before.duration - after.duration) < (0.03 if name.startswith("vfr") else 0.01)
        assert before.has_audio == after.has_audio
        if before.has_audio and not name.startswith("audio_late"):
            length = min(before.duration, 1.0) - 0.1
            loud = [clip["audio"][2000 : int(length * clip["sample_rate"])].square().mean() for clip in (old, new)]
            assert 0.8 < float(loud[1] / loud[0]) < 1.25


def _upright(clip, name, size=None):
    """Numbers are read at the original's size, and off turned pictures after turning them back."""
    video = clip["video"]
    if size is not None:
        video = torch.nn.functional.interpolate(video.float(), size, mode="area")
    return torch.rot90(video, -(RECIPES[name].rotation[0] // 90), (2, 3))


def test_late_sound_stays_late(sources, tmp_path):
    Reencode(64, preset="ultrafast")(sources("audio_late.mp4"), tmp_path / "out.mp4", quiet)

    with PyAVVideo(tmp_path / "out.mp4") as video:
        silence, tone = (video.get_clip(start, start + 0.4)["audio"] for start in (0, 0.6))
    assert float(silence.abs().max()) < 0.05
    assert float(tone.abs().max()) > 0.4


@pytest.mark.parametrize("name", PICTURES)
def test_images_show_the_frame_of_their_time(name, sources, tmp_path):
    facts = ExtractFrames("x_%06d.jpg")(sources(name), tmp_path / "x", quiet)

    recipe = RECIPES[name]
    with PyAVVideo(sources(name)) as video:
        duration, clip = video.exact_duration, video.get_clip(0, math.inf)
    places = [math.floor(time * 30 + 0.5 + 1e-6) for time in clip["pts"].tolist()]
    images = open_frames(tmp_path / "x").get_clip(0, math.inf)
    assert facts["frames"] == images["video"].shape[1] == max(1, math.floor(duration * 30 + Fraction(1, 2)))
    found = numbers_of(_upright(images, name))
    expected = [sum(place <= image for place in places) - 1 for image in range(len(found))]
    close = sum(one == other for one, other in zip(found, expected, strict=True))
    assert close == len(found) or (recipe.slack and close >= 0.9 * len(found)), (found, expected)
    assert sorted(path.name for path in (tmp_path / "x").iterdir())[0] == "x_000001.jpg"


def test_a_cut_has_the_frames_and_the_sound_of_its_stretch(sources, tmp_path):
    Reencode(None, Fraction(1, 2), Fraction(1), preset="ultrafast")(sources("h264_25.mp4"), tmp_path / "cut.mp4", quiet)

    with PyAVVideo(tmp_path / "cut.mp4") as video:
        clip = video.get_clip(0, math.inf)
    assert list(range(13, 38)) == numbers_of(clip["video"])
    assert float(clip["audio"].square().mean()) > 0.1


def test_the_same_source_gives_the_same_bytes(sources, tmp_path):
    for number in range(2):
        junk = [np.full(10_000 * size, 200 + number, np.uint8) for size in range(40)]
        del junk  # memory that nobody wrote holds something else each time
        Reencode(64)(sources("h264_25.mp4"), tmp_path / f"{number}.mp4", quiet)
        ExtractFrames("%06d.jpg")(sources("h264_25.mp4"), tmp_path / f"{number}", quiet)

    assert (tmp_path / "0.mp4").read_bytes() == (tmp_path / "1.mp4").read_bytes()
    assert [path.read_bytes() for path in sorted((tmp_path / "0").iterdir())] == [
        path.read_bytes() for path in sorted((tmp_path / "1").iterdir())
    ]


def test_images_have_the_quality_of_the_documented_command(sources, tmp_path):
    ExtractFrames("%06d.jpg")(sources("lossless.mkv"), tmp_path / "x", quiet)

    with Image.open(tmp_path / "x" / "000001.jpg") as image:
        assert [8, 4, 4, 5, 6, 6, 7, 8] == image.quantization[0][:8]  # what ffmpeg -q:v 1 writes


def test_damaged_sources_give_an_output_or_an_error_with_the_path(sources, tmp_path):
    data = Path(sources("h264_25.mp4")).read_bytes()
    kinds = []
    for seed in range(30):
        path = tmp_path / f"{seed}.mp4"
        path.write_bytes(damaged(data, seed))
        try:
            kinds.append(Reencode(64, preset="ultrafast")(str(path), tmp_path / "out.mp4", quiet)["frames"])
        except VideoDecodeError as error:
            assert str(path) in str(error)
            kinds.append(0)
    assert 0 in kinds


@pytest.mark.parametrize(
    "make",
    [
        lambda: Reencode(short_side=0),
        lambda: Reencode(short_side=255),
        lambda: Reencode(crf=52),
        lambda: Reencode(preset="turbo"),
        lambda: Reencode(length_s=Fraction(0)),
        lambda: ExtractFrames("%d.jpg", Fraction(0)),
    ],
)
def test_values_out_of_range_are_refused(make):
    with pytest.raises(ArgumentError, match="="):
        make()
