from __future__ import annotations

import json
import os
import stat
import time

import pytest
from click.testing import CliRunner

from ptv_remote import TooLargeError, fetch_http, path_manager
from ptv_remote.cache import CachedFile
from ptv_remote.commands import cache as command
from ptv_remote.limits import as_text

BODY = os.urandom(300_000)


def test_nobody_else_may_look_into_it(server, cache):
    server.body = BODY
    fetch_http(server.url)

    folders = [cache / "files", *(path for path in (cache / "files").iterdir() if path.is_dir())]
    assert {0o700} == {stat.S_IMODE(folder.stat().st_mode) for folder in folders}
    assert 2 == len(folders)


def test_a_record_says_what_is_there(server):
    server.body = BODY
    fetch_http(server.url + "?token=secret")

    record = json.loads(CachedFile.of(server.url + "?token=secret").record_path.read_text())
    assert (server.url + "?token=***", len(BODY), '"v1"', True, None) == tuple(
        record[name] for name in ("uri", "size", "etag", "whole", "pinned")
    )


def test_the_oldest_make_room(server, monkeypatch):
    monkeypatch.setenv("PTV_CACHE_LIMIT", "1MB")
    server.body = BODY
    uris = [server.address(f"{number}.mp4") for number in range(5)]
    for age, uri in enumerate(uris):
        fetch_http(uri)
        for path in CachedFile.of(uri).folder.iterdir():
            os.utime(path, (0, time.time() - 10_000 + age))

    assert [False, False, True, True, True] == [CachedFile.of(uri).file.is_file() for uri in uris]
    assert all(CachedFile.of(uri).record() for uri in uris)


def test_what_is_in_use_makes_no_room(server, monkeypatch):
    monkeypatch.setenv("PTV_CACHE_LIMIT", "500kB")
    server.body = BODY
    fetch_http(server.address("1.mp4"))

    with pytest.raises(TooLargeError, match=r"no room in the cache .* may hold 488.3 KiB; `ptv cache clear`"):
        fetch_http(server.address("2.mp4"))


def test_a_file_larger_than_the_cache_is_not_begun(server, monkeypatch):
    monkeypatch.setenv("PTV_CACHE_LIMIT", "100kB")
    server.body = BODY

    with pytest.raises(TooLargeError, match="PTV_CACHE_LIMIT"):
        fetch_http(server.url)


def test_the_command_lists_and_clears(server, cache):
    server.body = BODY
    data, weights = server.address("a.mp4"), server.address("w.pth")
    fetch_http(data)
    fetch_http(weights, pinned=True)

    listed = CliRunner().invoke(command, ["list"]).output
    assert data in listed
    assert "2 files, 586." in listed
    assert {data, weights} == {row["uri"] for row in json.loads(CliRunner().invoke(command, ["list", "--json"]).output)}
    assert "Removed 1 files" in CliRunner().invoke(command, ["clear"]).output
    assert [False, True] == [CachedFile.of(uri).file.is_file() for uri in (data, weights)]
    assert "Removed 1 files" in CliRunner().invoke(command, ["clear", weights]).output
    assert 1 == CliRunner().invoke(command, ["clear", weights]).exit_code
    assert BODY == fetch_http(weights, pinned=True).path.read_bytes()


def test_a_copy_is_where_iopath_says(server):
    server.body = BODY

    assert str(CachedFile.of(server.url).file) == path_manager.get_local_path(server.url)


def test_a_cache_that_cannot_be_written_is_said(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "file"))
    server.body = BODY

    with pytest.raises(OSError, match="the cache cannot be written"):
        fetch_http(server.url)


def test_sizes_are_for_people():
    assert ["5 bytes", "1.0 KiB", "16.0 GiB"] == [as_text(size) for size in (5, 1024, 16 << 30)]
