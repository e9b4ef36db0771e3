"""Prefect is the shell: the same work with a server, without one, and with one that is dead."""

from __future__ import annotations

import importlib
import socket
import sys

import pytest
import yaml

from flows.cli import main
from flows.recorded import run_recorded, server_answers
from flows.store import Store
from tests.conftest import PROJECT
from tests.flows.crash_sweep import deliver


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def deployments() -> dict:
    with (PROJECT / "prefect.yaml").open() as file:
        return {d["name"]: d for d in yaml.safe_load(file)["deployments"]}


def test_the_night_runs_at_five_stockholm_time_and_never_in_the_hour_the_clocks_skip(deployments):
    (schedule,) = deployments["overnight"]["schedules"]
    assert schedule["cron"] == "0 5 * * *" and schedule["timezone"] == "Europe/Stockholm"
    crons = [s["cron"] for d in deployments.values() for s in d.get("schedules", [])]
    assert not any(cron.split()[1] == "2" for cron in crons)


def test_without_a_server_the_run_is_not_recorded_and_nothing_is_waited_for(monkeypatch, tmp_path, closed_port):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert not server_answers()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{closed_port}/api")
    monkeypatch.setitem(sys.modules, "flows.overnight", None)  # the flow is not even begun
    assert run_recorded("lindvik", str(tmp_path), 0) is None


def test_with_a_dead_server_the_sheet_still_comes_out(monkeypatch, tmp_path, closed_port):
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{closed_port}/api")
    deliver(tmp_path, 1)
    assert main(["run", "--settings", "lindvik", "--data", str(tmp_path)]) in (0, 3)
    assert (tmp_path / "published" / "latest.html").exists()


@pytest.fixture(scope="module")
def server():
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


def test_every_deployment_names_a_flow_that_takes_its_parameters(deployments):
    for deployment in deployments.values():
        path, name = deployment["entrypoint"].split(":")
        flow = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
        assert flow.name == deployment["name"]
        flow.validate_parameters(deployment["parameters"])


def test_the_overnight_flow_does_the_whole_job_and_is_recorded(server, tmp_path):
    from prefect.client.orchestration import get_client

    from flows.overnight import overnight

    deliver(tmp_path, 1)
    result = overnight("lindvik", str(tmp_path))
    assert result.exit_code in (0, 3) and result.picture.sheet.exists()
    assert {f.feed: f.ingested.accepted for f in result.feeds}["guard_nordvakt"] == 9
    with get_client(sync_client=True) as client:
        (run,) = [r for r in client.read_flow_runs() if r.parameters.get("data") == str(tmp_path)]
    assert run.state_name == "Completed"
    assert set(run.parameters) == {"settings", "data", "wait_s"}


def test_a_picture_flow_asks_for_an_offset(server, tmp_path):
    from datetime import datetime

    from flows.picture import picture

    with pytest.raises(ValueError, match="offset"):
        picture("lindvik", str(tmp_path), at=datetime(2026, 10, 1, 6, 0))  # noqa: DTZ001


def test_the_collect_flow_refuses_a_feed_nobody_has(server, tmp_path):
    from flows.collect import collect

    with pytest.raises(ValueError, match="no feed 'nobody'"):
        collect("nobody", "lindvik", str(tmp_path))


def test_one_writer_at_a_time_also_between_a_flow_and_the_command_line(server, tmp_path):
    from flows.picture import picture
    from flows.store import AnotherRunError

    with Store.at(tmp_path).writing("the first"):
        with pytest.raises(AnotherRunError):
            picture("lindvik", str(tmp_path), wait_s=0)
