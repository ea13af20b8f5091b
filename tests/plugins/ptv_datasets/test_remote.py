"""Lists and videos of web servers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import ptv_registry as ptv
from ptv_datasets import dataset_for
from ptv_datasets.annotations.frame_lists import read_frame_lists
from ptv_datasets.annotations.label_files import read_class_names, read_json, read_label_file
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_registry.errors import PtvError
from tests.support.servers import FileServer, file_server
from tests.support.video_files import RECIPES, write


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    with file_server() as state:
        yield state


def test_lists_of_all_kinds_are_read(server: FileServer) -> None:
    server.files = {
        "labels.csv": b"path,label\na.mp4,1\nb.mp4,0\n",
        "labels.csv.gz": gzip.compress(b"a.mp4 1\nb.mp4 0\n"),
        "labels.json": json.dumps([{"video_path": "a.mp4", "label": 1}, {"video_path": "b.mp4", "label": 0}]).encode(),
        "names.txt": b"run\njump\n",
    }
    rows = [("a.mp4", "1"), ("b.mp4", "0")]

    for name in ("labels.csv", "labels.csv.gz", "labels.json"):
        found = read_label_file(server.address(name))
        assert rows == list(zip(found.paths, found.labels or [], strict=True))
    assert ["run", "jump"] == read_class_names(server.address("names.txt"))
    assert 2 == len(read_json(server.address("labels.json")))


def test_a_list_is_asked_for_once_each_time(server: FileServer) -> None:
    server.body = b"a.mp4 1\n"
    read_label_file(server.address("a.csv"))
    server.body, server.etag = b"b.mp4 1\n", '"v2"'

    assert ["b.mp4"] == read_label_file(server.address("a.csv")).paths
    assert 2 == len(server.requests)


def test_a_list_that_is_not_there_is_said(server: FileServer) -> None:
    server.codes = [404]
    with pytest.raises(LabelFileError, match="no such file"):
        read_label_file(server.address("a.csv"))

    server.codes = [403]
    with pytest.raises(LabelFileError, match="403"):
        read_label_file(server.address("a.csv"))


def test_videos_of_a_list_lie_beside_it(server: FileServer, tmp_path: Path) -> None:
    video = write(RECIPES["h264_25.mp4"], tmp_path).read_bytes()
    server.files = {
        "data/labels.csv": b"a.mp4 1\nb.mp4 0\n",
        "data/a.mp4": video,
    }
    server.files["data/b.mp4"] = server.files["data/a.mp4"]
    dataset = dataset_for(
        server.address("data/labels.csv"), clip_sampler="uniform(clip_duration=1)", decode_audio=False
    )

    assert [1, 1, 0, 0] == sorted((sample["label"] for sample in dataset), reverse=True)


def test_a_server_that_refuses_is_no_missing_spec(server: FileServer) -> None:
    server.codes = [403, 403]

    with pytest.raises(PtvError, match="the server says 403"):
        dataset_for(server.address("labels.csv"), clip_sampler="uniform(clip_duration=1)")


def test_a_spec_names_an_address(server: FileServer, tmp_path: Path) -> None:
    video = write(RECIPES["h264_25.mp4"], tmp_path).read_bytes()
    server.files = {"l.csv": f"{server.address('a.mp4?token=x')} 1\n".encode(), "a.mp4?token=x": video}
    spec = f"dataset:kinetics(data_path='{server.address('l.csv')}', clip_sampler=uniform(clip_duration=2), decode_audio=false)"

    assert [(1, "a")] == [(sample["label"], sample["video_name"]) for sample in ptv.build(spec)]


def test_frame_lists_are_read(server: FileServer) -> None:
    server.body = b'original_vido_id video_id frame_id path labels\nA 0 0 A/1.jpg "1"\nA 0 1 A/2.jpg "1"\n'

    assert read_frame_lists(server.address("frames.csv"))
