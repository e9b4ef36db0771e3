"""A whole installation brought up for the tests: server, worker, deployments, and a town with one source over HTTP."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from flows import server_api
from flows.parts import parts_here
from flows.processes import Process, noted
from flows.settings import BUNDLED
from flows.sheets import newest_sheet
from flows.signatures import signature
from flows.station import Station, station_of
from flows.store import Store, utc_now
from tests.conftest import PROJECT
from tests.flows.crash_sweep import HEADER

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Source(BaseHTTPRequestHandler):
    """The town's fault reports over HTTP: nothing new, or an answer that never comes to its end."""

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        hangs = self.server.hangs
        self.send_header("Content-Length", "100000" if hangs else "2")
        self.end_headers()
        try:
            while self.server.hangs and hangs:
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.5)
            self.wfile.write(b"[]")
        except OSError:
            pass

    def log_message(self, *_: Any) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def legs(title: str, **seconds: float) -> None:
    told = ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items())
    print(f"\n{title}: {told} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")


def night_log(name: str, count: int, word: str) -> bytes:
    """A guard company's CSV of made-up occurrences."""
    lines = [f"{name}{i};2026-11-1{i % 10};23.1{i % 10};;Torget;{word};;;Nej;;;;;" for i in range(count)]
    return "\r\n".join([HEADER, *lines, ""]).encode("cp1252")


class Raised:
    """What `lagesbild up` brought up over ``folder``; ``more`` is added to the environment of all of it."""

    def __init__(self, folder: Path, more: dict[str, str] | None = None, host: str = "127.0.0.1") -> None:
        self.data, self.store = folder / "data", Store.at(folder / "data")
        self.source = ThreadingHTTPServer(("127.0.0.1", 0), Source)
        self.source.hangs, self.source.asked = False, 0
        threading.Thread(target=self.source.serve_forever, daemon=True).start()
        self.settings = folder / "lindvik"
        shutil.copytree(BUNDLED / "lindvik", self.settings)
        feeds = self.settings / "feeds.toml"
        url = f'url = "http://127.0.0.1:{self.source.server_port}/requests.json"'
        feeds.write_text(feeds.read_text(encoding="utf-8").replace('folder = "felanmalan"', url), encoding="utf-8")
        self.push_key, self.push_port = os.urandom(32), free_port()
        text = base64.b64encode(self.push_key).decode()
        intake = self.store.folder / "intake.toml"
        intake.parent.mkdir(parents=True)
        intake.touch(mode=0o600)
        intake.write_text(f'[listen]\nport = {self.push_port}\n[keys]\nguard_nordvakt = ["whsec_{text}"]\n')
        self.address = ["--host", host, "--port", str(free_port())]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "LAGESBILD"))}
        told = {"LAGESBILD_SETTINGS": str(self.settings), "LAGESBILD_DATA": str(self.data)}
        self.environment = {**clean, **told, **(more or {})}

    def lagesbild(self, *words: str, timeout_s: float = 400) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flows.cli", *words]
        return subprocess.run(
            command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, timeout=timeout_s
        )

    def up(self) -> str:
        done = self.lagesbild("up", *self.address)
        assert done.returncode == 0, done.stdout + done.stderr + self.words()
        return done.stdout

    def down(self) -> None:
        self.source.hangs = False
        self.lagesbild("down", "--wait", "5")
        self.source.shutdown()
        self.source.server_close()

    @property
    def station(self) -> Station:
        station = station_of(self.store)
        assert station is not None
        return station

    def part(self, name: str) -> Process:
        process = noted(self.station.folder / "run", name)
        assert process is not None
        return process

    def words(self) -> str:
        """The last of what the parts wrote."""
        logs = sorted((self.data / "prefect" / "logs").glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-3000:]}" for log in logs)

    @contextmanager
    def spoken_to(self) -> Iterator[None]:
        """Inside, this process's own words go to this server."""
        before = dict(os.environ)
        os.environ["PREFECT_API_URL"] = self.station.api
        if key := self.environment.get("PREFECT_SERVER_API_AUTH_STRING"):
            os.environ["PREFECT_API_AUTH_STRING"] = key
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        with self.spoken_to():
            return server_api.ask(method, path, body, timeout_s=server_api.PATIENT_S, busy_s=server_api.PATIENT_S)

    def run(self, deployment: str, **parameters: Any) -> str:
        """Ask for a run of a deployment as the console does; its id."""
        row = self.ask("GET", f"/deployments/name/{deployment}")
        return self.ask("POST", f"/deployments/{row['id']}/create_flow_run", {"parameters": parameters})["id"]

    def state(self, run_id: str) -> str:
        return self.ask("GET", f"/flow_runs/{run_id}")["state_type"]

    def holding(self, deployment: str = "picture/picture", **parameters: Any) -> str:
        """A run that has begun: it waits for the writer's lock where the caller holds that. Its id."""
        run = self.run(deployment, **parameters)
        self.until(lambda: self.state(run) == "RUNNING", 120, "the run to begin")
        return run

    def quiet(self) -> None:
        """All parts up and no run under way: what a test before left, or a clock began, holds no place and no lock."""
        if not all(self.part(name).is_alive() for name in parts_here()):
            self.up()
        under_way = {"flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}}}
        asked = {"flow_runs": {"state": {"name": {"any_": ["Late", "AwaitingRetry"]}}}}
        query = "/flow_runs/filter"
        self.until(lambda: not self.ask("POST", query, under_way) + self.ask("POST", query, asked), 240, "quiet")

    def ended(self, run_id: str, seconds: float = 180) -> str:
        """The state type a run ended in."""
        self.until(lambda: self.state(run_id) in ENDED, seconds, f"run {run_id} to end")
        return self.state(run_id)

    def runs(self, since: float, deployment_name: str | None = None) -> list[dict]:
        """The runs that were not merely scheduled since ``since``, in the order they were asked for."""
        body: dict[str, Any] = {"limit": 200, "sort": "EXPECTED_START_TIME_ASC"}
        if deployment_name:
            body["deployments"] = {"name": {"any_": [deployment_name]}}
        from datetime import UTC, datetime

        found = []
        for run in self.ask("POST", "/flow_runs/filter", body):
            created = datetime.fromisoformat(run["created"].replace("Z", "+00:00"))
            if created >= datetime.fromtimestamp(since, UTC) and not run["auto_scheduled"]:
                found.append(run)
        return found

    def until(self, what: Callable[[], Any], seconds: float, told: str) -> Any:
        """What ``what`` answers once it answers something; fails after ``seconds`` with the parts' last words."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if answer := what():
                    return answer
            except server_api.ServerAway:
                pass
            time.sleep(0.1)
        raise AssertionError(f"waited {seconds} s for {told}\n{self.words()}")

    def drop(self, name: str, feed: str = "guard_nordvakt", count: int = 5, word: str = "Klotter") -> float:
        """A partner puts a file into the drop folder; when."""
        folder = self.data / "drop" / feed
        folder.mkdir(parents=True, exist_ok=True)
        at = time.time()
        (folder / f"{name}.csv").write_bytes(night_log(name, count, word))
        return at

    def push(self, name: str, count: int = 5, word: str = "Klotter") -> int:
        """A partner pushes the same over the network; the status of the answer."""
        body, at = night_log(name, count, word), int(time.time())
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(self.push_key, name, at, body),
        }
        url = f"http://127.0.0.1:{self.push_port}/push/guard_nordvakt"
        return requests.post(url, data=body, headers=headers, timeout=20).status_code

    def rows(self) -> int:
        return sum(f.row_count for f in self.store.lake.manifest().files if f.table == "report_version")

    def newest(self) -> float:
        """The moment of the newest sheet, in seconds; 0 where there is none."""
        newest = newest_sheet(self.store, utc_now())
        return newest.timestamp() if newest else 0.0
