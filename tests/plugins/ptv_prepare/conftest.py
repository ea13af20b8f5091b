from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from ptv_prepare import Settings
from tests.support.video_files import Recipe, sine, write


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def here():
    """Work in this process: spawned ones take seconds to start."""
    return Settings(jobs=0)


def clip(path, *, frames=25, fps=25, sound=False, **options):
    """A small file whose frames carry their numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    audio = {"audio": sine(frames / fps, 16000), "audio_rate": 16000} if sound else {}
    return write(Recipe(path.name, frames=frames, fps=Fraction(fps), **audio, **options), path.parent)


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    """Two folders of classes with three videos; one has sound, one is broken."""
    root = tmp_path_factory.mktemp("kinetics source")
    clip(root / "tap dancing" / "one, two.mp4", sound=True)
    clip(root / "archery" / "three.mkv", frames=30, fps=Fraction(30000, 1001))
    clip(root / "archery" / "four.mp4")
    whole = (root / "archery" / "four.mp4").read_bytes()
    (root / "archery" / "broken.mp4").write_bytes(whole[: len(whole) // 2])
    return root


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file below a folder, hidden ones too, by path."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
