"""One server and worker for all tests that need real ones, and a stand-in for those that need but an answer."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import flows.snapshots
import warehouse.build
from flows.cli import main
from flows.store import Store
from tests.flows.published import publish_once
from tests.flows.raised import Raised
from tests.flows.sheet_alone import sheet_alone
from warehouse.locked import answer_to

TOKEN = "token-of-the-server"


class Listener(BaseHTTPRequestHandler):
    """The parts of a Prefect server that an event meets: health, key, CSRF, events."""

    def do_GET(self):
        self.answer(200, {"token": TOKEN} if self.path.startswith("/api/csrf-token") else {})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.csrf and self.headers.get("Prefect-Csrf-Token") != TOKEN:
            self.answer(403, {"detail": "Missing CSRF token."})
        elif self.server.key and self.headers.get("Authorization") != self.server.key:
            self.answer(401, {})
        else:
            self.server.events += body
            self.answer(204, None)

    def answer(self, status, body):
        self.send_response(status)
        content = b"" if body is None else json.dumps(body).encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def listener(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.events, server.csrf, server.key = [], False, None
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.server_port}/api/")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _only_where_looked_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The analysts' snapshot is nearly half of what a small town's sheet costs, the week's tables a sixth of the rest.

    Both are made where a test is of them, or slow; ``sheet_alone`` says the same to fixtures that are made once.
    """
    marked = {mark.name for mark in request.node.iter_markers()}
    if not marked & {"snapshot", "slow"}:
        monkeypatch.setattr(flows.snapshots, "is_due", lambda *_: False)
    if not marked & {"snapshot", "week", "slow"}:
        monkeypatch.setattr(warehouse.build, "add_week", lambda con: [])


def _asked_here(given: str, timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    out = io.BytesIO()
    refusal = answer_to(json.loads(given), out)
    return subprocess.CompletedProcess([], 2 if refusal else 0, out.getvalue(), (refusal or "").encode())


@pytest.fixture(autouse=True)
def _asked_here_but_where_limits_are_looked_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question to the snapshot is a limited process, a quarter of a second of computing; few tests are of that."""
    if not {mark.name for mark in request.node.iter_markers()} & {"limits", "slow"}:
        monkeypatch.setattr("flows.ask.in_a_process", _asked_here)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The demo, made once for all processes of a test run; a test that changes anything takes a copy."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    data, made = shared / "demo", shared / "demo.made"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            assert main(["demo", "--data", str(data)]) == 0
            made.touch()
    return Store.at(data)


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    with sheet_alone():
        publish_once(folder)
    return folder


@pytest.fixture
def town(
    published_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A town of three nights with one published picture (published.py), a copy; commands without arguments mean it."""
    for name in ("data", "lindvik"):
        shutil.copytree(published_once / name, tmp_path / name)
    monkeypatch.setenv("LAGESBILD_SETTINGS", str(tmp_path / "lindvik"))
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    capsys.readouterr()
    return tmp_path


@pytest.fixture
def quiet(raised: Raised) -> None:
    """Nothing under way in it: a test that failed costs its own row alone."""
    raised.quiet()


@pytest.fixture(scope="session")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raised]:
    """An installation that `lagesbild up` brought up, taken down at the end; a test leaves it as it found it."""
    town = Raised(tmp_path_factory.mktemp("raised"))
    town.up()
    yield town
    town.down()
