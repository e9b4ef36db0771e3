"""A real Prefect server: the deployed night gets scheduled, a run is recorded, a killed server costs no sheet."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.conftest import PROJECT
from tests.flows.crash_sweep import deliver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

BIN = Path(sys.executable).parent


class Server:
    """A Prefect server of its own on this machine, with its database in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.environment = {
            **os.environ,
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        command = [BIN / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def until(self, what, seconds: float):
        """What ``what`` answers once it answers something; fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if answer := what():
                    return answer
            except requests.RequestException:
                pass
            time.sleep(0.5)
        raise AssertionError(f"nothing within {seconds} s")

    def post(self, path: str, **body) -> list[dict]:
        return requests.post(f"{self.api}/{path}", json=body, timeout=10).json()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(words, env=self.environment, cwd=PROJECT, capture_output=True, text=True, timeout=200)
        return done


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    started = Server(tmp_path_factory.mktemp("prefect"))
    started.until(lambda: requests.get(f"{started.api}/health", timeout=2).ok, 120)
    yield started
    started.process.kill()
    started.process.wait()


def test_the_deployed_night_gets_scheduled_runs(server):
    prefect = str(BIN / "prefect")
    assert server.run(prefect, "work-pool", "create", "lagesbild", "--type", "process").returncode == 0
    deployed = server.run(prefect, "--no-prompt", "deploy", "--all")
    assert deployed.returncode == 0, deployed.stdout[-2000:] + deployed.stderr[-2000:]
    scheduled = {"state": {"type": {"any_": ["SCHEDULED"]}}}
    runs = server.until(lambda: server.post("flow_runs/filter", flow_runs=scheduled), 120)
    assert {run["next_scheduled_start_time"][11:16] for run in runs} <= {"03:00", "04:00"}  # 05.00 Stockholm, in UTC


def test_a_run_from_the_command_line_is_recorded(server, tmp_path):
    deliver(tmp_path, 1)
    done = server.run(sys.executable, "-m", "flows.cli", "run", "--settings", "lindvik", "--data", str(tmp_path))
    assert done.returncode in (0, 3), done.stderr[-2000:]
    assert (tmp_path / "published" / "latest.html").exists()
    runs = server.post("flow_runs/filter", flow_runs={"state": {"type": {"any_": ["COMPLETED"]}}})
    assert [run["parameters"]["data"] for run in runs] == [str(tmp_path)]


def test_a_server_killed_during_the_run_costs_the_record_not_the_sheet(server, tmp_path):
    deliver(tmp_path, 1)
    words = [sys.executable, "-m", "flows.cli", "run", "--settings", "lindvik", "--data", str(tmp_path)]
    run = subprocess.Popen(words, env=server.environment, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    server.until(lambda: (tmp_path / "landed" / "journal.jsonl").exists(), 60)
    server.process.kill()
    out, _ = run.communicate(timeout=300)
    assert run.returncode in (0, 3), out[-2000:]
    assert (tmp_path / "published" / "latest.html").exists()
