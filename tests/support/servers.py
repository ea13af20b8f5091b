"""A web server on this machine with the faults of real ones."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PIECE = 1 << 16


class FileServer:
    """One file, or several, over HTTP.

    Attributes:
        body: the file; of any path that is not in ``files``.
        files: other files by path.
        drop_at: bytes after which a connection is closed, one entry for each request; ``None`` to send all.
        ranges: whether ``Range`` is understood.
        etag: the version of the file.
        headers: sent with every answer; ``None`` leaves a header out.
        codes: status of the first requests instead of 200.
        redirect: where every request is sent on to.
        shift: by how much the ranges of its answers are wrong.
        requests: the ``Range`` header of each request, ``None`` without.
        seen: the headers of each request.
        clients: the port that each request came from.
        before: called with the path before each request is answered.
        sent: bytes of bodies sent.
        url: of the file.
    """

    def __init__(self) -> None:
        self.body = b""
        self.files: dict[str, bytes] = {}
        self.drop_at: list[int | None] = []
        self.ranges = True
        self.etag: str | None = '"v1"'
        self.headers: dict[str, str | None] = {}
        self.codes: list[int] = []
        self.redirect: str | None = None
        self.shift = 0
        self.requests: list[str | None] = []
        self.seen: list[dict[str, str]] = []
        self.clients: list[int] = []
        self.before: Callable[[str], object] = lambda path: None
        self.sent = 0
        self.port = 0

    @property
    def url(self) -> str:
        return self.address("weights.pyth")

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client may leave when it wants to
            super().handle_error(request, client_address)


@contextmanager
def file_server(protocol: str = "HTTP/1.1") -> Iterator[FileServer]:
    """Runs a server until the block ends."""
    state = FileServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = protocol

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.requests.append(wanted)
            state.seen.append(dict(self.headers))
            state.clients.append(self.client_address[1])
            state.before(self.path)
            if state.codes:
                self.send_error(state.codes.pop(0))
                return
            if state.redirect is not None:
                self.send_response(302)
                self.send_header("Location", state.redirect)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if state.etag and self.headers.get("If-None-Match") == state.etag:
                self.send_response(304)
                self.end_headers()
                return
            body = state.files.get(self.path.lstrip("/"), state.body)
            fresh = self.headers.get("If-Range") in (None, state.etag)
            start, stop, partial = 0, len(body), False
            if wanted and state.ranges and fresh:
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                start, stop, partial = int(first), min(int(last or len(body)) + 1, len(body)), True
                if start >= len(body):
                    self.send_error(416)
                    return
            self._answer(body, start + state.shift, stop, partial)

        def _answer(self, body: bytes, start: int, stop: int, partial: bool) -> None:
            headers: dict[str, str | None] = {"Content-Length": str(stop - start), "ETag": state.etag}
            if partial:
                headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
            self.send_response(206 if partial else 200)
            for name, value in (headers | state.headers).items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            drop = state.drop_at.pop(0) if state.drop_at else None
            if drop is not None:
                stop = min(stop, start + drop)
                self.close_connection = True
            if "Content-Length" in state.headers:
                self.close_connection = True
            with contextlib.suppress(ConnectionError):
                for place in range(start, stop, _PIECE):
                    piece = body[place : min(place + _PIECE, stop)]
                    self.wfile.write(piece)
                    state.sent += len(piece)
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            return None

    http = _Server(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.port = http.server_port
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


class CountingProxy:
    """Passes connections on to a port of this machine.

    Attributes:
        port: where it listens.
        sent: bytes that came from there.
    """

    def __init__(self, port: int) -> None:
        self._behind, self.sent = port, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
                threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError), source:
            while piece := source.recv(_PIECE):
                if counted:
                    self.sent += len(piece)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
