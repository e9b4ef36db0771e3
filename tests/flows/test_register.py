"""What a kill left in the server is closed, and nothing else; what is late is made up for once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from flows import register as registering
from flows.processes import look
from flows.register import close_dead_runs, drop_late_runs, process_tag
from flows.server_api import PATIENT_S, ServerAway


@pytest.fixture
def server(monkeypatch):
    """A server's runs, and what is asked of it: (method, path, body)."""

    class Server:
        def __init__(self):
            self.runs, self.asked, self.patience = [], [], set()

        def ask(self, method, path, body=None, *, timeout_s=0.0, busy_s=0.0):
            self.patience |= {timeout_s, busy_s}
            self.asked.append((method, path, body))
            return self.runs if path == "/flow_runs/filter" else None

        def states(self):
            return {path.split("/")[2]: body["state"]["type"] for _, path, body in self.asked if "set_state" in path}

    server = Server()
    monkeypatch.setattr(registering, "ask", server.ask)
    return server


def test_a_run_whose_process_is_gone_is_closed_and_one_whose_process_lives_is_left_alone(server):
    words = [sys.executable, "-c", "import time; time.sleep(600)"]
    living = subprocess.Popen(words, env={**os.environ, "PREFECT__FLOW_RUN_ID": "lives"})
    try:
        deadline = time.monotonic() + 300
        while "lives" not in registering._runs_alive():
            assert time.monotonic() < deadline
        server.runs = [
            {"id": "lives", "tags": []},
            {"id": "gone", "tags": ["lagesbild"]},
            {"id": "ours", "tags": [process_tag()]},
            {"id": "recycled", "tags": [f"process:{living.pid}:1"]},
        ]
        assert close_dead_runs() == 2
    finally:
        living.kill()
        living.wait()
    assert server.states() == {"gone": "CRASHED", "recycled": "CRASHED"}
    asked = server.asked[0][2]["flow_runs"]["state"]["type"]["any_"]
    assert set(asked) == {"RUNNING", "PENDING", "CANCELLING"}
    assert server.patience == {PATIENT_S}  # it may have been started a moment ago
    assert look()  # and nobody was killed


def test_of_late_runs_the_newest_of_each_deployment_is_kept_and_what_somebody_asked_for(server):
    def run(name, deployment, hours_ago, by_schedule=True):
        at = datetime.now(UTC) - timedelta(hours=hours_ago)
        return {"id": name, "deployment_id": deployment, "auto_scheduled": by_schedule, "next_scheduled_start_time": at}

    server.runs = [
        run("police-3", "police", 3),
        run("asked", "police", 2.5, by_schedule=False),
        run("police-2", "police", 2),
        run("night", "overnight", 2),
        run("police-1", "police", 1),
    ]
    assert drop_late_runs() == 2
    assert server.states() == {"police-3": "CANCELLED", "police-2": "CANCELLED"}
    before = server.asked[0][2]["flow_runs"]["next_scheduled_start_time"]["before_"]
    assert datetime.now(UTC) - datetime.fromisoformat(before) >= registering.LATE


def test_an_automation_the_server_has_already_is_left_and_a_different_one_made_anew(monkeypatch):
    wanted = {"name": "a", "trigger": {"expect": ["x", "y"], "within": 45}, "actions": [{"type": "t", "state": "S"}]}
    has = {"id": "1", "enabled": True, **wanted, "trigger": {"expect": ["y", "x"], "within": 45.0, "threshold": 1}}
    asked = []

    def ask(method, path, body=None, **_):
        asked.append((method, path))
        return [has, {"id": "2", "name": "somebody else's"}] if path == "/automations/filter" else None

    monkeypatch.setattr(registering, "ask", ask)
    assert registering._automation(wanted) == 0 and len(asked) == 1
    has["trigger"]["within"] = 90.0
    assert registering._automation(wanted) == 1
    assert asked[2:] == [("DELETE", "/automations/1"), ("POST", "/automations/")]


def test_a_deployment_that_the_settings_no_longer_name_is_taken_away(monkeypatch):
    rows = [{"id": "1", "name": "picture"}, {"id": "2", "name": "guard_given_up"}]
    asked = []

    def ask(method, path, body=None, **_):
        asked.append((method, path, body))
        return rows

    monkeypatch.setattr(registering, "ask", ask)
    assert registering._remove_others({"picture", "guard_new"}) == 1
    assert asked[0][2]["deployments"] == {"tags": {"all_": ["lagesbild"]}}  # nobody else's are looked at
    assert [call[:2] for call in asked[1:]] == [("DELETE", "/deployments/2")]


def test_a_server_slow_to_its_first_answer_is_asked_again_and_no_change_is_asked_for_twice(monkeypatch):
    asked = []

    def away(method, path, *_, **__):
        asked.append(path)
        raise ServerAway("ReadTimeout")

    monkeypatch.setattr(registering, "ask", away)
    for method, path in (("POST", "/flow_runs/filter"), ("POST", "/automations/")):
        with pytest.raises(ServerAway):
            registering._ask(method, path, {})
    assert asked == ["/flow_runs/filter"] * 3 + ["/automations/"]
