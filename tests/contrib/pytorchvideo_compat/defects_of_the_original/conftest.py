"""Files for tests that run here and, unchanged, in an environment with the original package.

``tests/benchmarks/defects_of_the_original.py`` runs this folder there. Its tests use what is documented of
``pytorchvideo``, and besides that torch, PyAV and Pillow only. Each bears ``defect(number, there=...)``: the defect in
question, and a regular expression that is found in what the test fails with there.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support import video_files


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., str]:
    """Writes a video of 2 s, 10 frames a second, each of which shows its number; the arguments are a recipe's."""

    def write(name: str = "video.mp4", **changes: Any) -> str:
        given: dict[str, Any] = {"frames": 20, "fps": Fraction(10), **changes}
        return str(video_files.write(video_files.Recipe(name, **given), tmp_path))

    return write


@pytest.fixture
def frame_folder(tmp_path: Path) -> Callable[..., str]:
    """Writes a folder of images as bright as their number."""

    def write(name: str, frames: int, first: int = 0) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for number in range(first, first + frames):
            Image.new("RGB", (16, 16), (number,) * 3).save(folder / f"frame_{number:04d}.png")
        return str(folder)

    return write


@pytest.fixture
def frame_list(tmp_path: Path, frame_folder: Callable[..., str]) -> Callable[..., str]:
    """Writes videos as images, and a list of them as Charades, SSv2 and AVA have it."""

    def write(videos: int, frames: int) -> str:
        rows = ["original_vido_id video_id frame_id path labels"]
        for video in range(videos):
            folder = frame_folder(f"video{video}", frames)
            rows += [f'video{video} {video} {k} {folder}/frame_{k:04d}.png "{video}"' for k in range(frames)]
        path = tmp_path / "frames.csv"
        path.write_text("\n".join(rows) + "\n")
        return str(path)

    return write
