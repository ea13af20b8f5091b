from __future__ import annotations

import csv
import json
import os
from fractions import Fraction

import pytest
from click.testing import CliRunner
from PIL import Image

from ptv_datasets import LabeledVideoDataset
from ptv_prepare import Settings, scan, write_manifest
from ptv_prepare.commands import scan as command
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler
from tests.support.video_files import RECIPES, write

from .conftest import clip

RATE = Fraction(30000, 1001)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Good: two; bad: truncated with its header in front, truncated without, flipped bytes, empty, no video, no pictures."""
    root = tmp_path_factory.mktemp("scan me")
    clip(root / "good.mp4", sound=True)
    clip(root / "sub folder" / "good.mkv", frames=64, fps=RATE)
    front = clip(root / "front.mp4", frames=100, format_options={"movflags": "faststart"}).read_bytes()
    (root / "front.mp4").write_bytes(front[: len(front) * 3 // 4])
    back = clip(root / "back.mp4").read_bytes()
    (root / "back.mp4").write_bytes(back[: len(back) // 2])
    flipped = bytearray(clip(root / "flipped.mp4", frames=100, format_options={"movflags": "faststart"}).read_bytes())
    middle = len(flipped) // 2
    flipped[middle : middle + 2000] = bytes(2000)
    (root / "flipped.mp4").write_bytes(flipped)
    (root / "empty.avi").write_bytes(b"")
    (root / "text.webm").write_text('no video\nat all, "quoted"')
    (root / ".hidden.mp4").write_bytes(b"")
    (root / "readme.txt").write_text("no video")
    return root


def test_every_good_and_bad_video_is_told(folder, here):
    videos = {os.path.relpath(video.path, folder): video for video in scan(folder, settings=here)}

    good = videos.pop("good.mp4"), videos.pop("sub folder/good.mkv")
    assert [("1", 64, 48, "25", 25, True, ""), ("", 64, 48, "30000/1001", 64, False, "")] == [
        (v.duration if v.audio else "", v.width, v.height, v.fps, v.frames, v.audio, v.error) for v in good
    ]
    assert ["back.mp4", "empty.avi", "flipped.mp4", "front.mp4", "text.webm"] == list(videos)
    assert all(video.error for video in videos.values())
    assert "truncated" in videos["front.mp4"].error


def test_no_kind_of_good_file_is_called_bad(tmp_path, here):
    names = [name for name, recipe in RECIPES.items() if recipe.codec and not name.endswith(".h264")]
    for name in names:
        write(RECIPES[name], tmp_path)

    assert dict.fromkeys(sorted(names), "") == {
        os.path.basename(video.path): video.error for video in scan(tmp_path, settings=here)
    }


def test_the_ends_alone_tell_truncated_files(folder, here):
    videos = {os.path.basename(video.path): bool(video.error) for video in scan(folder, depth="ends", settings=here)}

    assert [True, True, False] == [videos[name] for name in ("front.mp4", "back.mp4", "good.mp4")]


def test_the_manifest_gives_durations_to_a_dataset(folder, tmp_path, here, monkeypatch):
    write_manifest(tmp_path / "scan.csv", scan(folder, settings=here))
    good = [(str(folder / name), 0) for name in ("good.mp4", "sub folder/good.mkv")]
    sampler = make_clip_sampler("uniform", 8 / RATE)
    without = LabeledVideoDataset(good, sampler)
    with_manifest = LabeledVideoDataset(good, sampler, durations=str(tmp_path / "scan.csv"))

    assert len(without) > 8
    monkeypatch.setattr(
        "ptv_datasets.video_lists.videos.VideoOpener.__call__", None
    )  # no file is opened to know the number
    assert len(without) == len(with_manifest)


def test_a_json_manifest_holds_numbers(folder, tmp_path, here):
    write_manifest(tmp_path / "scan.json", scan(folder, settings=here))

    rows = {os.path.basename(row["path"]): row for row in json.loads((tmp_path / "scan.json").read_text())["videos"]}
    assert (1.0, 25.0, "") == tuple(rows["good.mp4"][name] for name in ("duration", "fps", "error"))
    assert rows["empty.avi"]["duration"] is None
    with pytest.raises(ArgumentError, match=r"\.csv or \.json"):
        write_manifest(tmp_path / "scan.txt", [])


def test_the_command_survives_a_file_on_which_ffmpeg_hangs(tmp_path):
    clip(tmp_path / "videos" / "good.mp4")
    os.mkfifo(tmp_path / "videos" / "hangs.mp4")  # nobody writes to it: opening never ends
    arguments = [str(tmp_path / "videos"), "-o", str(tmp_path / "scan.csv"), "--json", "--jobs", "1", "--timeout", "2"]
    result = CliRunner().invoke(command, arguments)

    assert 1 == result.exit_code
    found = json.loads(result.stdout)
    assert (1, [str(tmp_path / "videos" / "hangs.mp4")]) == (found["good"], [bad["path"] for bad in found["bad"]])
    rows = list(csv.DictReader((tmp_path / "scan.csv").read_text().splitlines()))
    assert ["", "TimeoutError: no progress for 2 s"] == [row["error"] for row in rows]


def test_the_status_is_0_if_all_are_good(tmp_path):
    clip(tmp_path / "videos" / "good.mp4")
    result = CliRunner().invoke(command, [str(tmp_path / "videos"), "-o", str(tmp_path / "scan.csv"), "--jobs", "0"])

    assert 0 == result.exit_code
    assert "1 good, 0 bad" in result.stdout
    assert "Scanning" in result.stderr


def test_wrong_values_are_refused(folder):
    with pytest.raises(ArgumentError, match="depth="):
        scan(folder, depth="some")  # type: ignore[arg-type]
    for wrong in ({"jobs": -1}, {"timeout_s": 0}, {"on_error": "warn"}):
        with pytest.raises(ArgumentError, match=f"{next(iter(wrong))}="):
            Settings(**wrong)  # type: ignore[arg-type]


def test_folders_of_frames_are_read_too(tmp_path, here):
    for name in ("good", "cut", "two sizes"):
        (tmp_path / name).mkdir()
        for number in range(10):
            size = (16, 8) if number < 9 or name != "two sizes" else (8, 8)
            Image.new("RGB", size, (number, 0, 0)).save(tmp_path / name / f"{number}.jpg")
    whole = (tmp_path / "cut" / "9.jpg").read_bytes()
    (tmp_path / "cut" / "9.jpg").write_bytes(whole[: len(whole) // 2])
    clip(tmp_path / "videos" / "good.mp4")
    Image.new("RGB", (8, 8)).save(tmp_path / "videos" / "thumbnail.jpg")
    cut, good, sizes, video = scan(tmp_path, settings=here)

    assert (str(tmp_path / "good"), 16, 8, 10, "") == (good.path, good.width, good.height, good.frames, good.error)
    assert "9.jpg" in cut.error
    assert "9.jpg" in sizes.error
    assert (str(tmp_path / "videos" / "good.mp4"), "") == (video.path, video.error)


def test_a_folder_that_is_itself_one_of_frames_is_read(tmp_path, here):
    Image.new("RGB", (16, 8)).save(tmp_path / "0.png")

    assert [(str(tmp_path), 1)] == [(found.path, found.frames) for found in scan(tmp_path, settings=here)]


def test_links_in_circles_give_videos_and_folders_of_frames_once(tmp_path, here):
    clip(tmp_path / "run" / "a.mp4")
    (tmp_path / "walk").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "walk" / "1.png")
    for link in "run/up", "walk/up":
        os.symlink(tmp_path, tmp_path / link)
    os.symlink(tmp_path / "walk", tmp_path / "run" / "again")

    assert len(list(scan(tmp_path, settings=here))) == 2
