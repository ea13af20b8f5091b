"""``ptv predict --overlay``: the video with the scores drawn into it."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from ptv_train.prediction.command import predict
from ptv_train.prediction.overlay import Painter, draw_overlay
from ptv_train.prediction.prediction import Prediction, Window
from ptv_video import PyAVVideo, VideoWriter, write_video
from tests.support.video_files import Recipe, sine, write

from .conftest import MODEL, TRANSFORM

CLIPS = Path(__file__).parents[2] / "support" / "clips"
CLIP = next(CLIPS.glob("*.mp4"))
NAMES = ("north", "a class whose name is longer than any picture is wide", "юг")


def prediction(video: str | Path, firsts: list[int], length: float = 0.5, names: tuple[str, ...] = NAMES) -> Prediction:
    scores = torch.full((len(firsts), len(names)), 0.1)
    scores[range(len(firsts)), firsts] = 0.8
    found = tuple(Window(i * length, (i + 1) * length, row) for i, row in enumerate(scores))
    return Prediction(str(video), found[-1].end_s, names, "trained", found)


def test_what_the_overlay_does_not_cover_stays_as_it_was(tmp_path: Path) -> None:
    frames = torch.full((3, 60, 120, 160), 90, dtype=torch.uint8)
    sound = torch.from_numpy(sine(2.0, 16_000, channels=2))
    write_video(tmp_path / "in.mp4", frames, 30, audio=sound, sample_rate=16_000)
    draw_overlay(prediction(tmp_path / "in.mp4", [0, 1, 2, 0]), tmp_path / "out.mp4")

    with (
        PyAVVideo(str(tmp_path / "in.mp4"), mono=False) as before,
        PyAVVideo(str(tmp_path / "out.mp4"), mono=False) as after,
    ):
        was, now = before.get_clip(0, math.inf), after.get_clip(0, math.inf)
    assert was["video"].shape == now["video"].shape
    torch.testing.assert_close(now["pts"], was["pts"], rtol=0, atol=1e-5)
    assert (now["video"][:, :, :20].int() - 90).abs().max() < 12
    # The sound is encoded a second time: the same tone at the same time, in both channels.
    assert was["audio"].shape == now["audio"].shape
    middle = slice(4000, -4000)
    assert all(
        np.corrcoef(one[middle].numpy(), other[middle].numpy())[0, 1] > 0.99
        for one, other in zip(was["audio"], now["audio"], strict=True)
    )


def test_the_strip_shows_which_class_is_first_and_the_cursor_the_time() -> None:
    painter = Painter(prediction("a.mp4", [0, 0, 2, 2]), (240, 320))
    picture = np.zeros((240, 320, 3), np.uint8)
    early, late = painter.paint(picture, 0.5), painter.paint(picture, 1.5)

    left, right = early[-1, 10], early[-1, 310]
    assert not np.array_equal(left, right)
    assert (early[-1, :155] == left).all(-1).sum() > 140
    assert [255, 255, 255] == early[-1, 79].tolist()
    assert [255, 255, 255] == late[-1, 239].tolist()
    assert not picture.any()


def test_each_moment_has_the_scores_of_the_window_around_it() -> None:
    painter = Painter(prediction("a.mp4", [0, 1, 2, 0]), (240, 320))

    assert [0, 0, 1, 2, 3, 3] == [painter.window_at(time) for time in (0.0, 0.4, 0.6, 1.2, 1.6, 9.0)]


@pytest.mark.parametrize("size", [(48, 64), (240, 320), (2160, 3840), (1920, 1080)])
def test_the_panel_lies_inside_pictures_of_every_size_and_its_text_can_be_read(size: tuple[int, int]) -> None:
    grey = np.full((*size, 3), 90, np.uint8)
    painted = Painter(prediction("a.mp4", [1, 0]), size).paint(grey, 0.1)

    changed = (painted[: -size[0] // 10] != grey[: -size[0] // 10]).any(-1)
    rows = np.flatnonzero(changed.any(1))
    assert painted.shape == grey.shape
    assert rows.size
    assert (painted == 255).any()  # text as bright as can be
    if min(size) >= 240:
        assert rows.min() > size[0] // 2
        assert not changed[:, -size[1] // 50 :].any()


def test_turned_uneven_and_odd_sized_videos_keep_orientation_times_and_size(tmp_path: Path) -> None:
    times = [Fraction(n, 90_000) for n in (0, 3000, 9000, 9100, 40_000, 90_000)]
    with VideoWriter(tmp_path / "in.mkv", (99, 65), 30, time_base=Fraction(1, 1000), pix_fmt="yuv444p") as writer:
        for time in times:
            writer.write(np.full((99, 65, 3), 70, np.uint8), time)
    with PyAVVideo(str(tmp_path / "in.mkv")) as video:
        duration, was = video.duration, video.get_clip(0, math.inf)["pts"]
    found = Prediction("", duration, NAMES, "random", (Window(0.0, duration, torch.tensor([0.2, 0.5, 0.3])),))
    found = Prediction(
        str(tmp_path / "in.mkv"), *[getattr(found, name) for name in ("duration_s", "categories", "weights", "windows")]
    )
    draw_overlay(found, tmp_path / "out.mkv")
    with PyAVVideo(str(tmp_path / "out.mkv")) as video:
        now = video.get_clip(0, math.inf)

    torch.testing.assert_close(now["pts"], was, rtol=0, atol=1.1e-3)
    assert (3, len(was), 100, 66) == tuple(now["video"].shape)


def test_a_turned_video_is_shown_upright(tmp_path: Path) -> None:
    path = write(Recipe("turned.mp4", rotation=(90, False, False)), tmp_path)
    with PyAVVideo(str(path)) as video:
        size, duration = video.size, video.duration
    draw_overlay(prediction(path, [0], duration), tmp_path / "out.mp4")

    with PyAVVideo(str(tmp_path / "out.mp4")) as video:
        assert size == video.size


def test_the_command_writes_it_beside_the_other_results(tmp_path: Path) -> None:
    arguments = [str(CLIP), "--model", MODEL, "--clip-seconds", "1", "--transform", TRANSFORM, "--quiet"]
    done = CliRunner().invoke(predict, [*arguments, "--overlay", str(tmp_path / "out.mp4")], catch_exceptions=False)

    with PyAVVideo(str(CLIP)) as before, PyAVVideo(str(tmp_path / "out.mp4")) as after:
        assert 0 == done.exit_code
        assert before.size == after.size
        assert before.has_audio == after.has_audio
        assert before.duration == pytest.approx(after.duration, abs=0.05)
