import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from ptv_video_files import RECIPES, write

from ptv_torchcodec import DecodedByPyAVWarning, TorchCodecVideo, require_torchcodec
from ptv_video import DecoderUnavailableError, PyAVVideo


@pytest.fixture(autouse=True)
def _needs_torchcodec() -> None:
    try:
        require_torchcodec()
    except DecoderUnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture
def file_named(tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: write(RECIPES[name], tmp_path)


@pytest.mark.parametrize("name", ["mpeg4_b.avi", "vfr.ts"])
def test_a_video_that_pyav_decodes_instead_is_named_once(file_named: Callable[[str], Path], name: str) -> None:
    path = file_named(name)

    with warnings.catch_warnings(record=True) as caught, TorchCodecVideo(path) as video:
        warnings.simplefilter("always")
        clips = [video.get_clip(0, 1)["video"], video.get_clip(0, 1)["video"]]

    assert [warning.category for warning in caught] == [DecodedByPyAVWarning]
    assert str(path) in str(caught[0].message)
    with PyAVVideo(path) as video:
        assert all(torch.equal(clip, video.get_clip(0, 1)["video"]) for clip in clips)


def test_a_video_that_torchcodec_decodes_is_not_mentioned(file_named: Callable[[str], Path]) -> None:
    with warnings.catch_warnings(record=True) as caught, TorchCodecVideo(file_named("h264_25.mp4")) as video:
        warnings.simplefilter("always")
        video.get_clip(0, 1)

    assert not caught
