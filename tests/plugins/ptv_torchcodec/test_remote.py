"""TorchCodec over range requests."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch

from ptv_torchcodec import TorchCodecVideo
from ptv_video import PyAVVideo
from tests.support.long_files import write_long_video
from tests.support.servers import file_server

pytestmark = pytest.mark.usefixtures("needs_torchcodec")


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_clip_of_a_long_file_fetches_little_of_it(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    path = tmp_path / f"long.{ending}"
    write_long_video(path, 100_000_000)

    with file_server() as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        server.body = path.read_bytes()
        with PyAVVideo(path) as local, TorchCodecVideo(server.address(path.name)) as remote:
            expected, found = (video.get_clip(100, 101)["video"] for video in (local, remote))

    assert torch.equal(expected, found)
    assert 0.04 * len(server.body) >= server.sent  # the overhead does not grow: of 1 GB it is a tenth
