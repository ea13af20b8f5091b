"""``s3://`` against a real S3 interface."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

import ptv_zoo
from ptv_datasets import dataset_for
from ptv_datasets.annotations.label_files import read_label_file
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_fsspec import FsspecHandler
from ptv_registry.errors import PtvError
from ptv_remote import FileChangedError, OfflineError, RemoteFileNotFoundError, StorageUnavailableError, path_manager
from ptv_remote.cache import CachedFile
from ptv_video import PyAVVideo, VideoDecodeError
from ptv_zoo.errors import TamperedWeightsError
from tests.support.long_files import write_long_video
from tests.support.video_files import RECIPES, numbers_of, write

BODY = os.urandom(1 << 20) * 12


def test_a_clip_of_a_long_file_fetches_little_of_it(bucket, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    write_long_video(path, 80_000_000)
    uri = bucket.put(path.name, path.read_bytes())
    sent = bucket.proxy.sent

    with PyAVVideo(path) as local, PyAVVideo(uri) as remote:
        expected, found = (video.get_clip(100, 101)["video"] for video in (local, remote))

    assert torch.equal(expected, found)
    assert 0.03 * path.stat().st_size >= bucket.proxy.sent - sent


def test_a_small_file_is_kept_until_it_changes(bucket, tmp_path: Path) -> None:
    video = write(RECIPES["h264_25.mp4"], tmp_path)
    uri = bucket.put("a.mp4", video.read_bytes())

    with PyAVVideo(uri) as remote:
        assert [25, 26] == numbers_of(remote.get_clip(1, 1.08)["video"])
    sent = bucket.proxy.sent
    with PyAVVideo(uri) as remote:
        remote.get_clip(0, 1)
    assert video.stat().st_size > bucket.proxy.sent - sent
    bucket.put("a.mp4", write(RECIPES["one_frame.mp4"], tmp_path).read_bytes())
    with PyAVVideo(uri) as remote:
        assert 1 > remote.duration


def test_a_file_that_changes_while_it_is_read_is_an_error_of_its_own(bucket) -> None:
    with path_manager.open(bucket.put("a.bin", BODY), "rb") as file:
        assert BODY[:10] == file.read(10)
        bucket.put("a.bin", BODY[::-1])
        file.seek(9_000_000)
        with pytest.raises(FileChangedError, match=r"s3://films/a.bin changed while"):
            file.read(10)


def test_all_of_a_file_comes_through_the_cache(bucket) -> None:
    uri = bucket.put("a.bin", BODY)

    with path_manager.open(uri, "rb") as file:
        assert BODY == file.read()
    assert BODY == CachedFile.of(uri).file.read_bytes()


def test_folders_and_lists_are_found(bucket, tmp_path: Path) -> None:
    video = write(RECIPES["h264_25.mp4"], tmp_path).read_bytes()
    for name in ("train/run/a.mp4", "train/jump/b.mp4"):
        bucket.put(name, video)
    uri = bucket.put("labels.csv", b"path,label\ntrain/run/a.mp4,1\ntrain/jump/b.mp4,0\n")

    assert ["jump", "run"] == path_manager.ls("s3://films/train")
    assert [True, False] == [path_manager.isdir(f"s3://films/train{rest}") for rest in ("", "/run/a.mp4")]
    assert ["train/run/a.mp4", "train/jump/b.mp4"] == read_label_file(uri).paths
    for source in ("s3://films/train", uri):
        dataset = dataset_for(source, clip_sampler="uniform(clip_duration=2)", decode_audio=False)
        assert {("a", 1), ("b", 0)} == {(sample["video_name"], sample["label"]) for sample in dataset}


def test_weights_are_pinned(bucket) -> None:
    uri = bucket.put("w.pth", b"one")
    assert b"one" == ptv_zoo.fetch(uri).path.read_bytes()
    assert b"one" == ptv_zoo.fetch(uri).path.read_bytes()

    bucket.put("w.pth", b"two")
    with pytest.raises(TamperedWeightsError):
        ptv_zoo.fetch(uri)


def test_what_is_not_there_is_said(bucket) -> None:
    with pytest.raises(RemoteFileNotFoundError, match=r"s3://films/none.mp4"):
        path_manager.open("s3://films/none.mp4", "rb")
    with pytest.raises(VideoDecodeError, match="no such file"):
        PyAVVideo("s3://films/none.mp4").get_clip(0, 1)
    with pytest.raises(LabelFileError, match="no such file"):
        read_label_file("s3://films/none.csv")
    assert not path_manager.exists("s3://films/none.mp4")


def test_a_login_that_is_refused_is_said(moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with pytest.raises(PtvError, match=r"s3://films/a.mp4"):
        FsspecHandler("s3", {"config_kwargs": {"retries": {"max_attempts": 0}}, "skip_instance_cache": True})._open(
            "s3://films/a.mp4", "rb"
        )


def test_offline_serves_what_is_there(bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = bucket.put("a.csv", b"a.mp4 1\n")
    read_label_file(uri)
    monkeypatch.setenv("PTV_OFFLINE", "1")

    assert ["a.mp4"] == read_label_file(uri).paths
    with pytest.raises(OfflineError):
        path_manager.open("s3://films/other.csv", "rb")


def test_a_limit_holds(bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTV_DOWNLOAD_LIMIT", "1MB")
    uri = bucket.put("a.bin", BODY)
    sent = bucket.proxy.sent

    with pytest.raises(PtvError, match="PTV_DOWNLOAD_LIMIT"):
        path_manager.get_local_path(uri)
    assert 100_000 > bucket.proxy.sent - sent


def test_a_library_that_is_missing_is_named() -> None:
    with pytest.raises(StorageUnavailableError, match=r'pip install "ptv-fsspec\[gcs\]"'):
        path_manager.open("gs://films/a.mp4", "rb")
