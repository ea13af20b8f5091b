from __future__ import annotations

import hashlib
import multiprocessing
import os
from pathlib import Path

import pytest
from iopath.common.file_io import PathHandler

import ptv_zoo
from ptv_remote import download as module
from ptv_remote.cache import CachedFile
from ptv_zoo.errors import DownloadError, OfflineError, TamperedWeightsError, WeightsFileError

BODY = os.urandom(300_000)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)


def test_a_file_comes_whole_and_only_once(server):
    server.body = BODY

    first, second = ptv_zoo.fetch(server.url), ptv_zoo.fetch(server.url)

    assert BODY == first.path.read_bytes()
    assert hashlib.sha256(BODY).hexdigest() == first.sha256 == second.sha256
    assert [None] == server.requests


def test_a_dropped_connection_is_resumed_where_it_broke(server):
    server.body, server.drop_at = BODY, [120_000, 50_000, None]

    file = ptv_zoo.fetch(server.url)

    assert BODY == file.path.read_bytes()
    assert [None, "bytes=120000-", "bytes=170000-"] == server.requests


def test_a_later_call_goes_on_from_what_an_earlier_one_kept(server):
    server.body, server.drop_at = BODY, [100_000] + [0] * module.ATTEMPTS

    with pytest.raises(DownloadError, match="100000 bytes are kept"):
        ptv_zoo.fetch(server.url)
    assert not CachedFile.of(server.url).file.exists()
    server.drop_at, server.requests = [], []

    assert BODY == ptv_zoo.fetch(server.url).path.read_bytes()
    assert ["bytes=100000-"] == server.requests


def test_a_server_without_ranges_starts_again(server):
    server.body, server.drop_at, server.ranges = BODY, [120_000], False

    assert BODY == ptv_zoo.fetch(server.url).path.read_bytes()


@pytest.mark.parametrize("etag", [None, 'W/"v1"'])
def test_a_server_that_marks_no_version_for_certain_starts_again(server, etag):
    server.body, server.drop_at, server.etag = BODY, [120_000], etag

    assert BODY == ptv_zoo.fetch(server.url).path.read_bytes()
    assert [None, None] == server.requests


def test_a_file_of_another_size_is_fetched_anew(server):
    server.body, server.drop_at, server.etag = BODY, [100_000] + [0] * module.ATTEMPTS, None
    with pytest.raises(DownloadError):
        ptv_zoo.fetch(server.url)
    server.body, server.drop_at = BODY + b"more", []

    assert BODY + b"more" == ptv_zoo.fetch(server.url).path.read_bytes()


def test_a_file_that_changed_during_the_pause_is_not_glued_together(server):
    server.body, server.drop_at = BODY, [100_000] + [0] * module.ATTEMPTS
    with pytest.raises(DownloadError):
        ptv_zoo.fetch(server.url)
    server.body, server.etag, server.drop_at = BODY[::-1], '"v2"', []

    assert BODY[::-1] == ptv_zoo.fetch(server.url).path.read_bytes()


def test_a_busy_server_is_asked_again(server):
    server.body, server.codes = BODY, [503, 429]

    assert BODY == ptv_zoo.fetch(server.url).path.read_bytes()


def test_a_missing_file_is_asked_for_once(server):
    server.codes = [404, 404]

    with pytest.raises(DownloadError, match="404") as caught:
        ptv_zoo.fetch(server.url)

    assert 404 == caught.value.fields["code"]
    assert 1 == len(server.requests)


def test_a_file_changed_in_the_cache_is_refused(server):
    server.body = BODY
    path = ptv_zoo.fetch(server.url).path
    path.write_bytes(BODY[:-1] + bytes([BODY[-1] ^ 1]))

    with pytest.raises(TamperedWeightsError, match="is not what was first downloaded"):
        ptv_zoo.fetch(server.url)


def test_another_file_at_the_address_is_refused_even_after_the_cache_lost_the_first(server):
    server.body = BODY
    ptv_zoo.fetch(server.url).path.unlink()
    server.body = BODY[::-1]

    with pytest.raises(TamperedWeightsError) as caught:
        ptv_zoo.fetch(server.url)

    assert hashlib.sha256(BODY).hexdigest() == caught.value.fields["expected"]
    assert not CachedFile.of(server.url).file.exists()
    server.body = BODY
    assert BODY == ptv_zoo.fetch(server.url).path.read_bytes()


def test_offline_uses_the_cache_and_nothing_else(server, monkeypatch):
    server.body = BODY
    ptv_zoo.fetch(server.url)
    monkeypatch.setenv("PTV_OFFLINE", "1")

    assert BODY == ptv_zoo.fetch(server.url).path.read_bytes()
    with pytest.raises(OfflineError, match="PTV_OFFLINE"):
        ptv_zoo.fetch(server.url + "2")
    assert [None] == server.requests


def test_the_cache_follows_xdg(tmp_path, monkeypatch):
    monkeypatch.delenv("PTV_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert tmp_path / "ptv" / "files" == CachedFile.of("https://x.org/a").folder.parent


def _fetch_in_child(url: str) -> str:
    return ptv_zoo.fetch(url).sha256


def test_processes_wait_for_each_other(server):
    server.body = BODY

    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(_fetch_in_child, [server.url] * 4)

    assert {hashlib.sha256(BODY).hexdigest()} == set(found)
    assert 1 == len(server.requests)


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
def test_file_addresses(tmp_path, form):
    path = tmp_path / "a file.pth"
    path.write_bytes(b"x")

    assert path == ptv_zoo.fetch(form.format(str(path).replace(" ", "%20"))).path


def test_a_missing_local_file_is_named(tmp_path):
    with pytest.raises(WeightsFileError, match="nowhere"):
        ptv_zoo.fetch(f"file:{tmp_path}/nowhere.pth")


def test_other_schemes_plug_in_and_are_checked_too(tmp_path):
    class Shelf(PathHandler):
        def _get_supported_prefixes(self) -> list[str]:
            return ["attic://"]

        def _get_local_path(self, path: str, force: bool = False, **kwargs: object) -> str:
            return str(tmp_path / path.removeprefix("attic://"))

    (tmp_path / "w.pth").write_bytes(b"one")
    ptv_zoo.path_manager.register_handler(Shelf(), allow_override=True)

    assert Path(tmp_path / "w.pth") == ptv_zoo.fetch("attic://w.pth").path
    (tmp_path / "w.pth").write_bytes(b"two")
    with pytest.raises(TamperedWeightsError):
        ptv_zoo.fetch("attic://w.pth")


def test_an_unknown_scheme_says_how_to_add_it():
    with pytest.raises(WeightsFileError, match="path_manager"):
        ptv_zoo.fetch("nobody://w.pth")
