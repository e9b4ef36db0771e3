"""A small HTTP server that answers with recorded bodies and counts who asked for what.

``ReplayServer`` speaks proper HTTP: answers stand in a queue per path, and the last one stays. A function may
answer instead, for sources that look at their query. ``raw_server`` sends bytes by a script, for sources that
speak HTTP badly: drip, break off, never end. Both listen on 127.0.0.1 and stop with their ``with``.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Recorded:
    """One answer: body, status, headers. Content-Length is added where it is not given."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request as the server saw it; ``at_s`` on the machine's monotonic clock."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    at_s: float


Answering = Callable[[Call], Recorded]


class ReplayServer:
    """Use as ``with ReplayServer() as server: server.answer("/x.json", Recorded(b"[]"))``."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.calls: list[Call] = []
        self._answers: dict[str, list[Recorded] | Answering] = {}
        self._lock = threading.Lock()
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                recorded = replay._next(self)
                self.send_response(recorded.status)
                headers = {"Content-Length": str(len(recorded.body)), **recorded.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):  # the client may leave before the body's end
                    self.wfile.write(recorded.body)

            def log_message(self, *_: object) -> None:
                """Nothing: a test's output is what the test says."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Nothing: clients that cut the line are what is being tested."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._scheme = "http" if tls is None else "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> ReplayServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "", host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def answer(self, path: str, *answers: Recorded) -> None:
        """Answer ``path`` with these in turn, then with the last one for ever."""
        self._answers[path] = list(answers)

    def answer_by(self, path: str, answering: Answering) -> None:
        """Answer ``path`` with what ``answering`` makes of each call."""
        self._answers[path] = answering

    def _next(self, handler: BaseHTTPRequestHandler) -> Recorded:
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        call = Call(parts.path, dict(parse_qsl(parts.query)), headers, time.monotonic())
        with self._lock:
            self.calls.append(call)
            answers = self._answers.get(parts.path)
            if answers is None:
                return Recorded(b"no such path", 404)
            if isinstance(answers, list):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return answers(call)


Script = Callable[[socket.socket], None]


@contextlib.contextmanager
def raw_server(*scripts: Script) -> Iterator[tuple[str, list[float]]]:
    """A server that reads a request and then does what the script says with the socket.

    Scripts are used in turn, the last one for ever. Yields the url and the list of moments of the calls.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    calls: list[float] = []

    def serve(connection: socket.socket, script: Script) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            script(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            script = scripts[min(len(calls), len(scripts) - 1)]
            calls.append(time.monotonic())
            threading.Thread(target=serve, args=(connection, script), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/feed", calls
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def drip(data: bytes, every_s: float) -> Script:
    """Send one byte at a time."""

    def script(connection: socket.socket) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(every_s)

    return script


def send_and_close(data: bytes) -> Script:
    """Send these bytes and break off."""
    return lambda connection: connection.sendall(data)
