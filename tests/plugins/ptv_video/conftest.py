import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from ptv_video import DecoderUnavailableError, PyAVVideo, Video
from tests.support import video_files


@pytest.fixture(scope="session")
def file_named(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes a file of ``video_files.RECIPES`` at the first call for its name."""
    folder = tmp_path_factory.mktemp("videos")
    return cache(lambda name: video_files.write(video_files.RECIPES[name], folder))


@pytest.fixture(params=["pyav", "torchcodec"])
def decoder(request: pytest.FixtureRequest) -> Callable[..., Video]:
    if request.param == "pyav":
        return PyAVVideo
    if not find_spec("ptv_torchcodec"):
        pytest.skip("ptv-torchcodec is not installed")
    from ptv_torchcodec import TorchCodecVideo, require_torchcodec

    try:
        require_torchcodec()
    except DecoderUnavailableError as error:
        if os.environ.get("CI"):
            raise  # there, a missing FFmpeg is a mistake in .ci/run
        pytest.skip(str(error))
    return TorchCodecVideo


@pytest.fixture(scope="session")
def ffmpeg(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Writes a file with the ``ffmpeg`` command: its name, and the arguments; it runs in one folder."""
    if shutil.which("ffmpeg") is None:
        if os.environ.get("CI"):
            pytest.fail("ffmpeg is not installed; .ci/run installs it")
        pytest.skip("ffmpeg is not installed")
    folder = tmp_path_factory.mktemp("ffmpeg")

    @cache
    def written(name: str, arguments: str) -> Path:
        words = ["ffmpeg", "-v", "error", "-y", *arguments.split(), name]
        subprocess.run(words, cwd=folder, check=True, timeout=60)
        return folder / name

    return written
