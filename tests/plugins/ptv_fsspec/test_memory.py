"""``memory://``, fsspec's own storage, and schemes registered by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from ptv_fsspec import FsspecHandler
from ptv_registry.errors import PtvError
from ptv_remote import path_manager
from ptv_remote.manager import StoragePathManager
from ptv_video import PyAVVideo, open_video
from tests.support.video_files import RECIPES, numbers_of, write


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    storage = fsspec.filesystem("memory")
    yield storage
    storage.store.clear()
    storage.pseudo_dirs[:] = [""]


def test_a_video_is_read(memory, tmp_path: Path) -> None:
    memory.pipe("/films/a.mp4", write(RECIPES["h264_25.mp4"], tmp_path).read_bytes())

    with open_video("memory://films/a.mp4") as video:
        assert ["a.mp4", [25]] == [video.name, numbers_of(video.get_clip(1, 1.04)["video"])]


def test_large_files_are_read_in_pieces(memory) -> None:
    body = bytes(range(256)) * 50_000
    memory.pipe("/a.bin", body)

    with path_manager.open("memory://a.bin", "rb") as file:
        file.seek(9_000_003)
        assert body[9_000_003:9_000_100] == file.read(97)


def test_a_file_that_is_replaced_is_read_anew(memory) -> None:
    contents = []
    for body in (b"one", b"two"):
        memory.pipe("/a.txt", body)
        with path_manager.open("memory://a.txt") as file:
            contents.append(file.read())

    assert ["one", "two"] == contents


def test_a_folder_is_no_file(memory) -> None:
    memory.pipe("/films/a.mp4", b"x")

    with pytest.raises(PtvError, match="is a folder"):
        path_manager.open("memory://films", "rb")
    with pytest.raises(PtvError):
        PyAVVideo("memory://films").get_clip(0, 1)


def test_options_are_for_a_handler_registered_by_hand(memory) -> None:
    manager = StoragePathManager()
    manager.register_handler(FsspecHandler("memory", {"skip_instance_cache": True}))
    memory.pipe("/a.txt", b"x")

    assert manager.isfile("memory://a.txt")


def test_it_is_read_only() -> None:
    with pytest.raises(PtvError, match="can be read only"):
        path_manager.open("memory://a", "wb")
