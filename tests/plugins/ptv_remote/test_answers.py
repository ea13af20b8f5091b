"""Answers of servers put together at random: each gives a file or an error of this project, soon."""

from __future__ import annotations

import contextlib
import gc
import random
import socket
import threading
from collections.abc import Iterator

import pytest

from ptv_registry.errors import PtvError
from ptv_remote import download, fetch_http, http, path_manager

CRLF = "\r\n"
STATUS = [
    "200 OK",
    "206 Partial",
    "301 M",
    "302 F",
    "304 N",
    "416 R",
    "404 x",
    "500",
    "200",
    "abc",
    "-1 x",
    "99999 x",
    "100 Continue",
    "204 No",
]
LENGTHS = ("abc", "-1", "", "0x10", "1e3", " 5 ", "9" * 30, "\u0663")
RANGES = ("bytes */5", "bytes 5-1/3", "x", "bytes 0-0/9999999999999999999999", "bytes 0-9/900000000", "bytes 0-9/*")
OTHERS = (
    *(f"ETag: {mark}" for mark in ('"a"', 'W/"a"', "\0", '"' + "x" * 9000 + '"', '"\u00e9"', '"\u2028"', "")),
    *(
        f"Last-Modified: {time}"
        for time in ("Mon, 01 Jan 2020 00:00:00 GMT", "yesterday", "Mon, 01 Jan 99999 00:00:00 GMT")
    ),
    *(f"Date: {time}" for time in ("Mon, 01 Jan 2024 00:00:00 GMT", "x", "Mon, 01 Jan 2024 00:00:00")),
    *(f"Transfer-Encoding: {name}" for name in ("chunked", "gzip", "chunked, chunked")),
    *(f"Content-Encoding: {name}" for name in ("gzip", "br", "deflate", "gzip, gzip", "x")),
    *(
        f"Location: {to}"
        for to in ("/a", "//", "http://[", "http://a:b", "?\x01", "\u00e9", "http://127.0.0.1:1/", "mailto:x", "")
    ),
    *(":x", "\0: y", "NoColon", "A: b\rC: d", "X: " + "y" * 70_000, "Set-Cookie: a=b; domain=.x"),
)


def answer(chance: random.Random) -> bytes:
    body = chance.randbytes(chance.choice([0, 1, 10, 1000]))
    size = len(body)
    headers = chance.sample(OTHERS, chance.randrange(5))
    if chance.random() < 0.9:
        headers.append(
            f"Content-Length: {chance.choice([*[str(size)] * 6, str(size + 5), str(max(0, size - 3)), *LENGTHS])}"
        )
    if chance.random() < 0.6:
        headers.append(
            f"Content-Range: {chance.choice([f'bytes 0-{size - 1}/{size}', f'bytes 0-{size - 1}/90000000', *RANGES])}"
        )
    whole = f"HTTP/1.1 {chance.choice(STATUS)}\r\n{CRLF.join(headers)}\r\n\r\n".encode() + body
    return whole if chance.random() < 0.9 else whole[: chance.randrange(len(whole) + 1)]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[bytes]]]:
    monkeypatch.setattr(download.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(http, "TIMEOUT_S", (5.0, 0.2))
    current = [b""]

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(1)
            connection.recv(1 << 16)
            connection.sendall(current[0])

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", current


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # urllib3 leaves sockets to the collector
def test_every_answer_gives_a_file_or_an_error_of_this_project(answers: tuple[str, list[bytes]]) -> None:
    url, current = answers
    outcomes = []
    for number in range(300):
        current[0] = answer(random.Random(number))
        try:
            if number % 2:
                fetch_http(f"{url}{number}", pinned=number % 4 == 1)
            else:
                with path_manager.open(f"{url}{number}", "rb") as file:
                    file.read(100)
        except PtvError as error:
            outcomes.append(type(error).__name__)
        else:
            outcomes.append("file")

    gc.collect()

    assert 300 == len(outcomes)
    assert {"file", "DownloadError", "RemoteFileNotFoundError"} <= set(outcomes)
