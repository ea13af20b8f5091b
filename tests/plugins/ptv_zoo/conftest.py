from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


class FileServer:
    """One file over HTTP, with the faults of real servers.

    Attributes:
        body: the file.
        drop_at: bytes after which a connection is closed, one entry for each request; ``None`` to send all.
        ranges: whether ``Range`` is understood.
        etag: the version of the file.
        codes: status of the first requests instead of 200.
        requests: the ``Range`` header of each request.
    """

    def __init__(self) -> None:
        self.body = b""
        self.drop_at: list[int | None] = []
        self.ranges = True
        self.etag: str | None = '"v1"'
        self.codes: list[int] = []
        self.requests: list[str | None] = []
        self.url = ""


@pytest.fixture
def server() -> Iterator[FileServer]:
    state = FileServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.requests.append(wanted)
            if state.codes:
                self.send_error(state.codes.pop(0))
                return
            fresh = self.headers.get("If-Range") == state.etag
            start = int(wanted[6:-1]) if wanted and state.ranges and fresh else 0
            if start >= len(state.body) > 0 and start:
                self.send_error(416)
                return
            rest = state.body[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(state.body) - 1}/{len(state.body)}")
            self.send_header("Content-Length", str(len(rest)))
            if state.etag:
                self.send_header("ETag", state.etag)
            self.end_headers()
            stop = state.drop_at.pop(0) if state.drop_at else None
            self.wfile.write(rest[:stop])
            if stop is not None:
                self.wfile.flush()
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return None

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_port}/weights.pyth"
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, online."""
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PTV_OFFLINE", raising=False)
    return tmp_path / "cache"
