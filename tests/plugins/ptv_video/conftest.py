from collections.abc import Callable
from functools import cache
from pathlib import Path

import ptv_video_files
import pytest


@pytest.fixture(scope="session")
def file_named(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes a file of ``ptv_video_files.RECIPES`` at the first call for its name."""
    folder = tmp_path_factory.mktemp("videos")
    return cache(lambda name: ptv_video_files.write(ptv_video_files.RECIPES[name], folder))
