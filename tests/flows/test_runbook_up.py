"""The second half of the runbook, as far as it is of server, worker and runs: each row made to happen, and then done.

One installation for all, brought up once; each test leaves it up. `No space left on device` is rehearsed on a small
disk of its own in test_full_disk.py.
"""

from __future__ import annotations

import os
import signal
import time

import pytest

from flows.processes import look
from flows.refresh import is_overtaken
from flows.store import utc_now
from tests.flows.raised import Raised, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.usefixtures("quiet")]


def kill(raised: Raised, part: str) -> None:
    for pid in raised.part(part).family():
        os.kill(pid, signal.SIGKILL)


def message(raised: Raised, run: str) -> tuple[str, str]:
    """A run's state by name, and what it says."""
    state = raised.ask("GET", f"/flow_runs/{run}")["state"]
    return state["name"], state["message"] or ""


def test_up_on_a_port_that_is_taken_is_mended_by_down_and_another_port(raised: Raised, tmp_path):
    other = Raised(tmp_path)
    try:
        other.address = ["--port", str(raised.station.port)]
        done = other.lagesbild("up", *other.address)
        assert done.returncode == 1 and "not up: port" in done.stderr and "is taken by another server" in done.stderr
        assert other.lagesbild("down").returncode == 0
        other.address = ["--port", str(free_port())]
        other.up()
        assert "server: up" in other.lagesbild("status").stdout
    finally:
        other.down()
    assert raised.part("server").is_alive()


@pytest.mark.parametrize("part", ["worker", "server"])
def test_a_part_that_is_dead_is_started_by_up(raised: Raised, part):
    kill(raised, part)
    status = raised.lagesbild("status")
    assert status.returncode == 3 and f"{part}: dead; `lagesbild up` starts it" in status.stdout
    raised.up()
    assert f"{part}: up" in raised.lagesbild("status").stdout
    assert raised.ended(raised.run("picture/picture")) == "COMPLETED"


def test_a_server_that_does_not_answer_goes_on_by_itself(raised: Raised):
    server = raised.part("server").pid
    os.kill(server, signal.SIGSTOP)
    try:
        assert "server: up, does not answer" in raised.lagesbild("status").stdout
    finally:
        os.kill(server, signal.SIGCONT)
    raised.until(lambda: "server: up\n" in raised.lagesbild("status").stdout, 120, "the server to answer")


def test_a_run_that_crashed_needs_nothing_and_the_next_takes_up_where_it_stopped(raised: Raised):
    with raised.store.writing("the test", 60):
        run = raised.holding("overnight/overnight")
        for pid in set(raised.part("worker").family()) - {raised.part("worker").pid}:
            os.kill(pid, signal.SIGKILL)
        assert raised.ended(run, 120) == "CRASHED"
    dropped = raised.drop("R1")
    assert raised.ended(raised.run("overnight/overnight")) == "COMPLETED"
    assert raised.newest() > dropped and not is_overtaken(raised.store, utc_now())


def test_runs_skipped_and_cancelled_need_nothing(raised: Raised):
    with raised.store.writing("the test", 60):
        first, second = raised.holding("picture/picture", only_if_news=True), None
        raised.holding("overnight/overnight")
        second = raised.run("picture/picture", only_if_news=True)
        night = raised.run("overnight/overnight")
        assert raised.ended(second) == "COMPLETED" and message(raised, second)[0] == "Skipped"
        assert "another run waits to begin" in message(raised, second)[1]
        assert raised.ended(night) == "CANCELLED" and "another run of this job is at it" in message(raised, night)[1]
    assert raised.ended(first) == "COMPLETED"
    raised.until(lambda: not is_overtaken(raised.store, utc_now()), 120, "the sheet of all that came")


def test_a_run_that_is_late_for_want_of_a_worker_begins_when_it_is_up_again(raised: Raised):
    kill(raised, "worker")
    run = raised.run("picture/picture")
    raised.until(lambda: message(raised, run)[0] == "Late", 120, "the run to be shown as late")
    assert "worker: dead" in raised.lagesbild("status").stdout
    raised.up()
    assert raised.ended(run) == "COMPLETED"


def test_a_run_that_failed_for_another_s_lock_names_it_and_goes_when_that_process_has_ended(raised: Raised):
    with raised.store.writing("somebody who hangs", 60):
        run = raised.run("picture/picture", wait_s=1)
        assert raised.ended(run) == "FAILED"
    assert "somebody who hangs" in message(raised, run)[1] and "Nothing was changed" in message(raised, run)[1]
    assert raised.ended(raised.run("picture/picture")) == "COMPLETED"


def test_a_run_that_failed_for_the_lake_is_told_why_by_picture_and_mended_by_rebuild(raised: Raised):
    raised.drop("R2")
    raised.until(lambda: raised.ended(raised.run("overnight/overnight")) == "COMPLETED", 180, "the night")
    path = raised.store.lake.files("report_version")[0]
    path.write_bytes(path.read_bytes()[:-8])
    run = raised.run("picture/picture")
    assert raised.ended(run) == "FAILED" and "no new sheet; the last good one stands" in message(raised, run)[1]
    done = raised.lagesbild("picture")
    assert done.returncode == 4 and "the lake is damaged" in done.stderr
    assert raised.lagesbild("rebuild", "--wait", "60").returncode in (0, 3)
    assert raised.lagesbild("picture", "--wait", "60").returncode == 0
    assert raised.ended(raised.run("picture/picture")) == "COMPLETED"


def test_a_file_dropped_while_nobody_watches_is_found_by_a_briefing(raised: Raised):
    kill(raised, "watch")
    dropped, rows = raised.drop("R3"), raised.rows()
    time.sleep(3)  # longer than the watcher takes
    assert raised.rows() == rows
    assert raised.lagesbild("briefing").returncode in (0, 3)
    assert raised.rows() == rows + 5 and raised.newest() > dropped
    raised.up()
    assert raised.part("watch").pid in look()
