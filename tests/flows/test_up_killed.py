"""A real server and worker, parts of which are killed or hang: the sheet comes out, and the record is put right.

python -m pytest -m slow tests/flows/test_up_killed.py -n 0 -s        prints how long it took
"""

from __future__ import annotations

import os
import signal
import time

import pytest

from flows.parts import parts_here
from tests.flows.raised import Raised, legs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.usefixtures("quiet")]


def test_a_run_that_lasts_is_left_alone_and_one_that_was_killed_is_closed_within_a_minute(raised: Raised):
    with raised.store.writing("the test", 60):
        run = raised.holding()
        assert "killed" not in raised.up()  # it lives, and is not taken for dead
        time.sleep(62)  # longer than the heartbeat's automation waits
        assert raised.state(run) == "RUNNING"
        family = raised.part("worker").family()
        assert len(family) >= 2
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        killed = time.time()
        raised.until(lambda: raised.state(run) == "CRASHED", 120, "the killed run to be closed")
        freed = time.time() - killed
    legs("worker and run killed", shown_as_crashed=freed)
    assert freed < 60
    assert "worker: dead" in raised.lagesbild("status").stdout
    raised.up()
    assert raised.ended(raised.run("picture/picture")) == "COMPLETED"


def test_a_run_killed_before_its_first_heartbeat_got_away_is_closed_within_a_minute_too(raised: Raised):
    """It stood Running until the next `up`: the automation began to wait at the first heartbeat alone."""
    with raised.store.writing("the test", 60):
        run = raised.holding()
        for pid in raised.part("worker").family():
            os.kill(pid, signal.SIGKILL)
        raised.until(lambda: raised.state(run) == "CRASHED", 120, "the killed run to be closed")
    raised.up()


def test_a_server_that_hangs_is_told_of_and_costs_no_sheet(raised: Raised):
    server = raised.part("server").pid
    os.kill(server, signal.SIGSTOP)
    try:
        began = time.time()
        status = raised.lagesbild("status")
        assert "server: up, does not answer" in status.stdout and status.returncode == 3
        assert raised.lagesbild("briefing", "--wait", "60").returncode in (0, 3) and raised.newest() > began
    finally:
        os.kill(server, signal.SIGCONT)
    assert raised.ended(raised.run("picture/picture")) == "COMPLETED"


def test_a_run_whose_process_alone_is_killed_is_closed_at_once_by_its_worker(raised: Raised):
    with raised.store.writing("the test", 60):
        run = raised.holding()
        worker = raised.part("worker")
        for pid in worker.family():
            if pid != worker.pid:
                os.kill(pid, signal.SIGKILL)
        assert raised.ended(run, 30) == "CRASHED"
    assert raised.ended(raised.run("picture/picture")) == "COMPLETED"


def test_everything_killed_mid_run_is_closed_at_up_and_the_sheet_comes_out(raised: Raised):
    rows = raised.rows()
    with raised.store.writing("the test", 60):
        run = raised.holding("overnight/overnight")
        for part in reversed(parts_here()):
            for pid in raised.part(part).family():
                os.kill(pid, signal.SIGKILL)
    raised.drop("G")
    assert "1 runs of a killed process closed" in raised.up()
    assert raised.state(run) == "CRASHED"
    began = time.time()
    assert raised.ended(raised.run("overnight/overnight")) == "COMPLETED"
    assert raised.newest() > began and raised.rows() == rows + 5


def test_the_server_killed_mid_run_costs_the_record_and_neither_sheet_nor_delivery(raised: Raised):
    rows = raised.rows()
    began = time.time()
    with raised.store.writing("the test", 60):
        raised.drop("H")
        run = raised.holding("overnight/overnight")
        for pid in raised.part("server").family():
            os.kill(pid, signal.SIGKILL)
    raised.until(lambda: raised.newest() > began and raised.rows() == rows + 5, 180, "the sheet without a server")
    raised.up()
    assert raised.ended(run, 120) in ("COMPLETED", "CRASHED")
    assert raised.ended(raised.run("picture/picture")) == "COMPLETED"


def test_a_feed_that_hangs_for_ever_costs_its_own_row_and_not_the_sheet(raised: Raised):
    began = time.time()
    raised.source.hangs = True
    try:
        run = raised.run("overnight/overnight")
        assert raised.ended(run, 400) == "COMPLETED"
    finally:
        raised.source.hangs = False
    legs("a night with a feed that never ends its answer", in_all=time.time() - began)
    assert raised.newest() > began
    told = raised.ask("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    (outcome,) = [row["data"] for row in told if row["key"] == "outcome"]
    assert '"cause": "timeout"' in outcome and outcome.count('"status": "failed"') == 1
