"""Large files of web servers, of which only what is read is fetched."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading

import pytest

from ptv_remote import BlockFile, DownloadError, FileChangedError, OfflineError, path_manager
from ptv_remote import download as module
from ptv_remote.blocks import BLOCK, Blocks
from ptv_remote.cache import CachedFile

BODY = os.urandom(1 << 20) * 24


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)


@pytest.fixture
def large(server):
    server.body = BODY
    return server


def test_only_what_is_read_is_fetched(large):
    with path_manager.open(large.url, "rb") as file:
        found = []
        for place in (0, 10_000_000, len(BODY) - 10, BLOCK - 5, 10_000_100):
            file.seek(place)
            found.append(file.read(100))

    assert [BODY[place : place + 100] for place in (0, 10_000_000, len(BODY) - 10, BLOCK - 5, 10_000_100)] == found
    assert 4 * BLOCK >= large.sent
    assert not CachedFile.of(large.url).file.exists()


def test_it_seeks_as_files_do(large):
    with path_manager.open(large.url, "rb") as file:
        assert [0, 7, 5, len(BODY) - 3] == [file.tell(), file.seek(7), file.seek(-2, 1), file.seek(-3, 2)]
        assert [BODY[-3:], b""] == [file.read(), file.read(5)]
        assert len(BODY) + 9 == file.seek(9, 2)
        assert b"" == file.read(1)
        with pytest.raises(ValueError, match="seek"):
            file.seek(-1)
    with pytest.raises(ValueError, match="closed"):
        file.read(1)


def test_who_reads_much_gets_all_of_it_into_the_cache(large):
    with path_manager.open(large.url, "rb") as file:
        assert BODY == b"".join(iter(lambda: file.read(100_000), b""))

    assert 1.4 * len(BODY) > large.sent
    sent = large.sent
    with path_manager.open(large.url, "rb") as file:
        assert BODY == file.read()
    assert sent == large.sent


def test_two_readers_share_what_was_fetched(large):
    with path_manager.open(large.url, "rb") as file:
        file.seek(9_000_000)
        one = file.read(1000)
        sent = large.sent
        other = file.again()
        other.seek(9_000_000)
        assert one == other.read(1000)
        other.close()
        assert BODY[9_001_000:9_001_010] == file.read(10)
    assert sent == large.sent


def test_who_asks_for_all_of_it_gets_it_at_once(large):
    with path_manager.open(large.url, "rb") as file:
        assert BODY == file.read()

    assert len(BODY) + BLOCK == large.sent


def test_lines_of_large_files_are_read(large):
    lines = [b"%d;%s\n" % (number, b"x" * (3 * number)) for number in range(2_500)]
    large.body = b"".join(lines)

    with path_manager.open(large.url, "rb") as file:
        assert lines == list(file)
    assert isinstance(file, BlockFile)
    assert 8 << 20 < len(large.body)


@pytest.mark.parametrize(("size", "requests"), [(100_000, 1), (BLOCK, 1), (3_000_000, 2)])
def test_a_small_file_comes_into_the_cache_once(server, size, requests):
    server.body = BODY[:size]

    with path_manager.open(server.url, "rb") as file:
        assert BODY[:size] == file.read()
    assert BODY[:size] == CachedFile.of(server.url).file.read_bytes()
    assert (size, requests) == (server.sent, len(server.requests))
    with path_manager.open(server.url, "rb") as file:
        assert BODY[:size] == file.read()
    assert size == server.sent


def test_a_small_file_that_changes_between_its_two_requests_is_not_glued_together(server):
    server.body = BODY[:3_000_000]

    def change(path):
        if server.requests[1:]:
            server.body, server.etag = BODY[1:3_000_001], '"v2"'

    server.before = change
    with path_manager.open(server.url, "rb") as file:
        assert BODY[1:3_000_001] == file.read()


def test_text_is_text(server):
    server.body = "ä\nb\n".encode()

    with path_manager.open(server.url) as file:
        assert ["ä\n", "b\n"] == list(file)


def test_an_empty_file_is_empty(server):
    with path_manager.open(server.url, "rb") as file:
        assert b"" == file.read()


def test_a_server_without_ranges_gives_all_of_it_and_that_is_said(large, caplog):
    large.ranges = False

    with caplog.at_level(logging.INFO), path_manager.open(large.url, "rb") as file:
        file.seek(1000)
        assert BODY[1000:1100] == file.read(100)

    assert "does not answer range requests" in caplog.text
    assert CachedFile.of(large.url).file.is_file()


@pytest.mark.parametrize("what", ["mark", "mark without If-Range", "size", "gone"])
def test_a_file_that_changes_meanwhile_is_an_error_of_its_own(large, what):
    if what == "mark without If-Range":
        large.etag = 'W/"1"'
    with path_manager.open(large.url, "rb") as file:
        file.read(10)
        file.seek(9_000_000)
        large.body = BODY[::-1]
        if what in ("mark", "mark without If-Range"):
            large.etag = 'W/"2"'
        elif what == "size":
            large.etag, large.body = None, BODY[:-7]
        else:
            large.codes = [404]

        with pytest.raises(FileNotFoundError if what == "gone" else FileChangedError):
            file.read(10)


def test_a_file_that_changes_before_all_of_it_is_fetched_is_an_error_of_its_own(large):
    def change(path):
        if large.requests[-1] is None:
            large.etag = '"v2"'

    large.before = change
    with path_manager.open(large.url, "rb") as file, pytest.raises(FileChangedError):
        file.read()


@pytest.mark.parametrize("fault", ["busy", "cut"])
def test_what_fails_now_and_then_is_asked_for_again(large, fault):
    with path_manager.open(large.url, "rb") as file:
        file.seek(9_000_000)
        if fault == "busy":
            large.codes = [503, 500, 429]
        else:
            large.drop_at = [0, 10, 1000]
        assert BODY[9_000_000:9_001_000] == file.read(1000)


@pytest.mark.parametrize("fault", ["cut", "shifted"])
def test_what_always_fails_ends(large, fault):
    with path_manager.open(large.url, "rb") as file:
        file.seek(9_000_000)
        if fault == "cut":
            large.drop_at = [10] * 1000
        else:
            large.shift = 3
        with pytest.raises(DownloadError, match="cannot be read"):
            file.read(1000)
    assert 10 > len(large.requests)


def test_threads_may_share_it(large):
    found = {}
    with path_manager.open(large.url, "rb") as file:

        def read(number):
            found[number] = file.read(50_000)

        threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert {BODY[place : place + 50_000] for place in range(0, 400_000, 50_000)} == set(found.values())


def _read_in_child(file, queue):
    file.seek(5_000_000)
    queue.put(file.read(100))


def test_a_forked_process_has_connections_of_its_own(large):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    with path_manager.open(large.url, "rb") as file:
        file.read(10)
        child = context.Process(target=_read_in_child, args=(file, queue))
        child.start()
        file.seek(15_000_000)
        assert BODY[15_000_000:15_000_100] == file.read(100)
        assert BODY[5_000_000:5_000_100] == queue.get(timeout=30)
        child.join()
    assert 2 == len(set(large.clients))


def test_offline_nothing_is_asked_for(large, monkeypatch):
    monkeypatch.setenv("PTV_OFFLINE", "1")

    with pytest.raises(OfflineError):
        path_manager.open(large.url, "rb")
    assert [] == large.requests


def test_memory_has_a_bound():
    class Zeros:
        uri, size, version = "zeros", 1 << 36, None

        def read(self, start, stop):
            return bytes(stop - start)

        def close(self):
            return None

    blocks = Blocks(Zeros(), whole=lambda: None)  # type: ignore[return-value]
    file = BlockFile(blocks)
    for number in range(300):
        file.seek(number * 10 * BLOCK)
        file.read(1)

    assert 64 * BLOCK >= sum(map(len, blocks._blocks.values()))
