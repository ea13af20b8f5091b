"""``ptv extract``: what layers make of videos, in tables that a killed process goes on with."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import torch
from click.testing import CliRunner
from safetensors.numpy import load_file

from ptv_registry.errors import ArgumentError
from ptv_train.extraction.command import extract
from ptv_train.extraction.features import FeatureReader
from ptv_train.model_source import load_source
from ptv_video.opening import open_video

from .conftest import RECIPE
from .task_commands import ptv


def _extract(*words: str | Path, status: int = 0) -> Any:
    done = CliRunner().invoke(extract, [*map(str, words), "--json"], catch_exceptions=False)
    assert status == done.exit_code, done.output
    return json.loads(done.stdout)


def _table(folder: Path) -> list[dict[str, Any]]:
    return [row for part in sorted(folder.glob("*.parquet")) for row in pyarrow.parquet.read_table(part).to_pylist()]


def test_there_is_a_row_for_each_window_with_what_goes_into_the_classifier(
    run: Path, videos: Path, tmp_path: Path
) -> None:
    found = _extract(run / "last.ckpt", videos, "-o", tmp_path / "out", "--stride", "0.25")
    rows = _table(tmp_path / "out")
    video = sorted(map(str, videos.rglob("*.mp4")))[0]
    mine = [row for row in rows if row["video"] == video]
    model: Any = load_source(str(run / "last.ckpt")).model
    with open_video(video, decode_audio=False) as opened, torch.inference_mode():
        clip = RECIPE.build_transform()({"video": opened.get_clip(0.25, 0.75)["video"]})["video"]
        expected = model.forward_features(clip[None]).mean((2, 3, 4))[0]

    assert (4, 0, 12) == (found["videos"], found["earlier"], found["windows"])
    assert [(0, 0.0, 0.5), (1, 0.25, 0.75), (2, 0.5, 1.0)] == [(r["window"], r["start_s"], r["end_s"]) for r in mine]
    assert np.allclose(expected.numpy(), mine[1]["features"], atol=1e-4)


def test_several_layers_are_columns_and_a_pooled_video_is_one_row(run: Path, videos: Path, tmp_path: Path) -> None:
    layers = ["--layer", "features", "--layer", "blocks.0", "--layer", "output"]
    _extract(run / "last.ckpt", videos, "-o", tmp_path / "windows", *layers)
    _extract(run / "last.ckpt", videos, "-o", tmp_path / "pooled", *layers, "--pool")
    windows, pooled = _table(tmp_path / "windows"), _table(tmp_path / "pooled")

    assert (8, 4) == (len(windows), len(pooled))
    assert (4, 2) == (len(pooled[0]["blocks.0"]), len(pooled[0]["output"]))
    for name in ("features", "blocks.0", "output"):
        mean = np.mean([row[name] for row in windows if row["video"] == pooled[0]["video"]], axis=0)
        assert np.allclose(mean, pooled[0][name], atol=1e-5)


@pytest.mark.parametrize("format", ["npy", "safetensors"])
def test_other_formats_hold_the_same(format: str, run: Path, videos: Path, tmp_path: Path) -> None:
    _extract(run / "last.ckpt", videos, "-o", tmp_path / "rows")
    _extract(run / "last.ckpt", videos, "-o", tmp_path / "out", "--format", format)
    rows = _table(tmp_path / "rows")
    index = list(csv.DictReader((tmp_path / "out" / "part-00000.csv").read_text().splitlines()))
    if format == "npy":
        features = np.load(tmp_path / "out" / "part-00000.features.npy")
    else:
        features = load_file(tmp_path / "out" / "part-00000.safetensors")["features"]

    assert [(row["video"], row["window"]) for row in rows] == [(row["video"], int(row["window"])) for row in index]
    assert np.array_equal(np.array([row["features"] for row in rows], np.float32), features)


def test_a_killed_extraction_goes_on_and_every_window_is_there_once(run: Path, videos: Path, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    source = next(videos.rglob("*.mp4"))
    for number in range(60):
        shutil.copy(source, many / f"{number:02}.mp4")
    out = tmp_path / "out"
    words = [str(run / "last.ckpt"), str(many), "-o", str(out), "--part", "4", "--quiet"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ptv_registry.cli", "extract", *words],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
    )
    until = time.monotonic() + 120
    while len(list(out.glob("*.parquet"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = len(_table(out))
    found = _extract(*words)
    rows = _table(out)

    assert 0 < before < 120
    assert before == 2 * found["earlier"]
    assert (60, 120 - before) == (found["videos"], found["windows"])
    assert 120 == len(rows) == len({(row["video"], row["window"]) for row in rows})


def test_videos_that_cannot_be_read_are_listed_and_the_others_done(run: Path, videos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    shutil.copytree(videos, folder)
    broken = next(folder.rglob("*.mp4"))
    broken.write_bytes(b"no video")
    found = _extract(run / "last.ckpt", folder, "-o", tmp_path / "out", status=1)

    assert [str(broken)] == list(found["failures"])
    assert str(broken) in (tmp_path / "out" / "failures.csv").read_text()
    assert 3 == len({row["video"] for row in _table(tmp_path / "out")})


def test_other_settings_and_layers_that_are_not_there_are_refused(run: Path, videos: Path, tmp_path: Path) -> None:
    _extract(run / "last.ckpt", videos, "-o", tmp_path / "out")
    with pytest.raises(ArgumentError, match="begun with pool=False"):
        _extract(run / "last.ckpt", videos, "-o", tmp_path / "out", "--pool")
    with pytest.raises(ArgumentError, match=r"no layer 'block\.0'; is 'blocks\.0' meant"):
        FeatureReader(load_source(str(run / "last.ckpt")), ["block.0"])


def test_an_exported_model_gives_its_output(run: Path, videos: Path, tmp_path: Path) -> None:
    square = RECIPE.transform.replace("short_side_scale(size=32)", "short_side_scale(size=32), center_crop(size=32)")
    ptv("export", run / "last.ckpt", "-o", tmp_path / "exported", "--backend", "eager", "--transform", square)
    found = _extract(tmp_path / "exported", videos, "-o", tmp_path / "out", "--layer", "output", "--trust")

    assert 8 == found["windows"]
    with pytest.raises(ArgumentError, match="no layers"):
        _extract(tmp_path / "exported", videos, "-o", tmp_path / "other", "--trust")
