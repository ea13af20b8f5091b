"""Whole files from servers that fail in every way."""

from __future__ import annotations

import contextlib
import errno
import gzip
import logging
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from ptv_registry.errors import PtvError
from ptv_remote import (
    DownloadError,
    OfflineError,
    RemoteFileNotFoundError,
    TooLargeError,
    download,
    fetch_http,
    fetching,
)
from ptv_remote.cache import CachedFile
from tests.support.servers import file_server

BODY = os.urandom(300_000)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(download.time, "sleep", lambda seconds: None)


def test_a_file_is_asked_for_again_and_comes_again_only_if_it_changed(server):
    server.body = BODY
    first = fetch_http(server.url)
    again = fetch_http(server.url)
    sent = server.sent
    server.body, server.etag = b"another", '"v2"'

    assert first == again
    assert len(BODY) == sent
    assert ['"v1"'] == [headers["If-None-Match"] for headers in server.seen[1:2]]
    assert b"another" == fetch_http(server.url).path.read_bytes()


def test_two_servers_have_two_files(server):
    with file_server() as other:
        server.body, other.body = b"one", b"two"

        assert [b"one", b"two"] == [fetch_http(state.url).path.read_bytes() for state in (server, other)]


def test_a_server_that_marks_nothing_is_asked_for_all_of_it(server):
    server.body, server.etag = b"one", None
    fetch_http(server.url)
    server.body = b"two"

    assert b"two" == fetch_http(server.url).path.read_bytes()


@pytest.mark.parametrize(("age_s", "asks"), [(30, False), (3600, True)])
def test_a_time_of_change_tells_versions_apart_only_when_it_is_past(server, age_s, asks):
    server.body, server.etag = b"one", None
    server.headers = {"Last-Modified": formatdate(time.time() - age_s, usegmt=True)}
    fetch_http(server.url)
    server.body = b"two"

    assert b"two" == fetch_http(server.url).path.read_bytes()
    assert asks is ("If-Modified-Since" in server.seen[-1])


def test_a_file_damaged_in_the_cache_is_fetched_anew(server):
    server.body = BODY
    path = fetch_http(server.url).path
    path.write_bytes(BODY[:-1] + bytes([BODY[-1] ^ 1]))

    assert BODY == fetch_http(server.url).path.read_bytes()


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"uri": 1}', "[" * 100_000, "9" * 5000])
def test_a_damaged_record_is_no_record(server, text):
    server.body = BODY
    fetch_http(server.url)
    CachedFile.of(server.url).record_path.write_text(text)

    assert BODY == fetch_http(server.url).path.read_bytes()


def test_six_at_once_download_once(server, monkeypatch):
    server.body, began, all_began = BODY, [], threading.Event()

    def clock():
        began.append(None)
        if len(began) >= 6:
            all_began.set()
        return time.time()

    monkeypatch.setattr(fetching, "time", SimpleNamespace(time=clock))
    server.before = lambda path: all_began.wait(30)

    with ThreadPoolExecutor(6) as pool:
        assert [BODY] * 6 == list(pool.map(lambda _: fetch_http(server.url).path.read_bytes(), range(6)))
    assert [None] == server.requests


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "9" * 5000])
def test_a_length_that_is_none_is_an_error_of_its_own(server, length):
    server.body, server.headers = BODY, {"Content-Length": length}

    with pytest.raises(DownloadError, match=r"Content-Length|no new bytes"):
        fetch_http(server.url)


def test_an_answer_to_no_question_ends(server):
    """Cuts every answer, and answers ranges wrongly: 1,800 requests before."""
    server.body, server.drop_at, server.shift = BODY, [1000] * 10_000, 7

    with pytest.raises(DownloadError, match="no new bytes in 5 attempts"):
        fetch_http(server.url)

    assert 20 > len(server.requests)


def test_regrowth_is_no_progress(server):
    """Every second answer says that the file is another one, so that what came is lost again and again."""
    server.body, server.drop_at = BODY, [1000, 500] * 5000
    versions = iter(range(10_000))

    def another(path):
        server.etag = f'"v{next(versions) // 2}"'

    server.before = another
    with pytest.raises(DownloadError):
        fetch_http(server.url)

    assert 20 > len(server.requests)


def test_drops_have_a_limit_in_all(server):
    server.body, server.drop_at = BODY, [1] * 10_000

    with pytest.raises(DownloadError, match=r"not whole after 100 connections.*100 bytes are kept"):
        fetch_http(server.url)

    assert 100 == len(server.requests)


def test_halves_of_two_versions_are_not_glued_together(server):
    """No mark, the same size, another content: resuming would give half of each."""
    server.body, server.etag, server.drop_at = BODY, None, [100_000]

    def another(path):
        if server.requests[1:]:
            server.body = BODY[::-1]

    server.before = another

    assert BODY[::-1] == fetch_http(server.url).path.read_bytes()


@pytest.mark.parametrize("pinned", [True, False])
def test_a_body_without_a_length_is_not_pinned_and_said_to_be_unverified(caplog, monkeypatch, pinned):
    # Libraries that other tests load may have switched loggers off.
    monkeypatch.setattr(logging.getLogger("ptv_remote.fetching"), "disabled", False)
    caplog.set_level(logging.WARNING, logger="ptv_remote.fetching")
    with file_server("HTTP/1.0") as server:
        server.body, server.headers = BODY, {"Content-Length": None}
        server.drop_at = [1000, None, None]
        cut = fetch_http(server.url, pinned=pinned)
        assert (1000, False) == (cut.path.stat().st_size, cut.whole)
        assert "unverified" in caplog.text
        assert CachedFile.of(server.url).record().pinned is None

        assert BODY == fetch_http(server.url, pinned=pinned).path.read_bytes()


def test_a_limit_for_one_file_holds_before_it_is_read(server, monkeypatch):
    monkeypatch.setenv("PTV_DOWNLOAD_LIMIT", "200kB")
    server.body = BODY

    with pytest.raises(TooLargeError, match=r"larger than 195.3 KiB; PTV_DOWNLOAD_LIMIT"):
        fetch_http(server.url)

    monkeypatch.setenv("PTV_DOWNLOAD_LIMIT", "none")
    assert BODY == fetch_http(server.url).path.read_bytes()


def test_endless_data_ends_at_the_limit(cache, monkeypatch):
    monkeypatch.setenv("PTV_DOWNLOAD_LIMIT", "1MB")
    with file_server("HTTP/1.0") as server:
        server.body, server.headers = bytes(20_000_000), {"Content-Length": None}

        with pytest.raises(TooLargeError):
            fetch_http(server.url)

    assert 100_000 > sum(path.stat().st_size for path in cache.rglob("*"))


def test_a_bomb_in_a_content_encoding_ends_at_the_limit(server, monkeypatch):
    monkeypatch.setenv("PTV_DOWNLOAD_LIMIT", "1MB")
    server.body, server.headers = gzip.compress(bytes(20_000_000)), {"Content-Encoding": "gzip"}

    with pytest.raises(TooLargeError):
        fetch_http(server.url)


def test_an_encoded_body_is_decoded(server):
    server.body, server.headers = gzip.compress(BODY), {"Content-Encoding": "gzip"}

    assert BODY == fetch_http(server.url).path.read_bytes()


def test_a_limit_that_is_none_is_an_error(server, monkeypatch):
    monkeypatch.setenv("PTV_DOWNLOAD_LIMIT", "much")
    server.body = BODY

    with pytest.raises(PtvError, match="PTV_DOWNLOAD_LIMIT='much' is not a size"):
        fetch_http(server.url)


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/a", "file:///etc/passwd", "gopher://h/", "//", "http://[", "/same"]
)
def test_redirects_lead_to_web_servers_only_and_not_in_circles(server, target):
    server.redirect = target

    with pytest.raises(PtvError):
        fetch_http(server.url)

    assert 40 > len(server.requests)


def test_a_redirect_to_ftp_opens_no_connection(server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        server.redirect = f"ftp://127.0.0.1:{listener.getsockname()[1]}/x"
        with pytest.raises(DownloadError, match="only http"):
            fetch_http(server.url)

        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_body_of_a_redirect_is_not_read(server):
    """Endless, or a bomb, or of a length that no number holds: who follows a redirect has no use for it."""
    server.body = BODY
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sent = []

        def serve():
            for length in (b"", b"Content-Length: " + b"9" * 30 + b"\r\n", b"Content-Encoding: gzip\r\n"):
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(1 << 16)
                    connection.sendall(
                        b"HTTP/1.1 302 Found\r\nLocation: " + server.url.encode() + b"\r\n" + length + b"\r\n"
                    )
                    for _ in range(1000):
                        connection.sendall(bytes(1 << 16))
                        sent.append(1 << 16)

        threading.Thread(target=serve, daemon=True).start()
        found = [
            fetch_http(f"http://127.0.0.1:{listener.getsockname()[1]}/{number}").path.read_bytes()
            for number in range(3)
        ]

    assert [BODY] * 3 == found
    assert 30 << 20 > sum(sent)


def test_a_trickle_is_given_up(server, monkeypatch):
    monkeypatch.setattr(download, "STALL_S", -1.0)
    server.body = bytes(1000)

    with pytest.raises(DownloadError, match=r"only 1000 bytes in"):
        fetch_http(server.url)


def test_a_missing_file_is_a_missing_file(server):
    server.codes = [404]

    with pytest.raises(FileNotFoundError, match="404 Not Found") as caught:
        fetch_http(server.url)
    assert isinstance(caught.value, RemoteFileNotFoundError)


def test_nobody_there_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(DownloadError, match=rf"^http://127.0.0.1:{port}/a: no new bytes .*refused"):
        fetch_http(f"http://127.0.0.1:{port}/a")


@pytest.mark.parametrize(
    "answer", [b"", b"\0" * 100, b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200]
)
def test_what_is_no_http_is_an_error_of_its_own(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            for _ in range(download.ATTEMPTS):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(DownloadError):
            fetch_http(f"http://127.0.0.1:{listener.getsockname()[1]}/a")
        thread.join()


def test_a_full_disk_is_said(server, monkeypatch):
    server.body = BODY

    def full(file, piece, path):
        raise TooLargeError(os.strerror(errno.ENOSPC))

    monkeypatch.setattr(download, "_write", full)

    with pytest.raises(TooLargeError):
        fetch_http(server.url)
    assert not CachedFile.of(server.url).partial.exists()


def test_offline_serves_what_is_there(server, monkeypatch):
    server.body = BODY
    fetch_http(server.url)
    monkeypatch.setenv("PTV_OFFLINE", "1")

    assert BODY == fetch_http(server.url).path.read_bytes()
    with pytest.raises(OfflineError):
        fetch_http(server.address("other"))
    assert 1 == len(server.requests)
