"""Processes of ours: found by number and start, stopped with all they started, never taken for somebody else's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from flows.processes import Process, boot, forget, look, note, noted, start, stop, this_process

#: A leader that starts a child and waits; the child's number goes to a file.
LEADER = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(600)
"""
#: One that will not be asked to stop.
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)


def until(what, seconds=300.0):
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, "nothing within the time"
        time.sleep(0.02)
    return answer


@pytest.fixture
def leader(tmp_path):
    told = tmp_path / "child"
    command = [sys.executable, "-c", LEADER, str(told)]
    process = start("leader", command, os.environ, tmp_path / "logs" / "leader.log", tmp_path / "run")
    child = int(until(lambda: told.exists() and told.read_text()))
    yield process, child, tmp_path / "run"
    for pid in process.family():
        os.kill(pid, signal.SIGKILL)


def test_a_process_is_found_again_by_its_pid_file(leader):
    process, child, run = leader
    found = noted(run, "leader")
    assert found == process and found.is_alive() and set(found.family()) == {process.pid, child}
    forget(run, "leader")
    assert noted(run, "leader") is None


def test_stopping_ends_the_process_and_what_it_started(leader):
    process, child, _ = leader
    stop(process, 60)
    assert process.family() == [] and not process.is_alive()
    until(lambda: child not in look())


def test_what_a_killed_process_had_started_is_still_found_and_stopped(leader):
    process, child, _ = leader
    os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)
    assert not process.is_alive() and process.family() == [child]
    stop(process, 60)
    until(lambda: child not in look())


def test_a_process_that_will_not_stop_is_made_to_and_that_is_told(tmp_path):
    process = start(
        "stubborn", [sys.executable, "-c", STUBBORN], os.environ, tmp_path / "logs" / "s.log", tmp_path / "run"
    )
    until(lambda: "ready" in (tmp_path / "logs" / "s.log").read_text())
    assert stop(process, 0.3) is False
    assert process.family() == []


def test_a_number_given_to_somebody_else_since_is_never_taken_for_ours_nor_killed():
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        mark = until(lambda: look().get(stranger.pid, (0, ""))[1])
        ours = Process("server", stranger.pid, mark, boot())
        assert ours.is_alive()
        for recycled in (replace(ours, mark=str(int(mark) - 1)), replace(ours, boot="another boot")):
            assert not recycled.is_alive() and recycled.family() == []
            stop(recycled, 0.2)
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_zombie_is_dead(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True)
    until(lambda: child.pid not in look())
    assert child.returncode is None  # nobody asked after it: the system still has its number
    child.wait()


def test_a_torn_pid_file_tells_of_no_process(tmp_path):
    note(tmp_path, this_process("worker"))
    assert noted(tmp_path, "worker").is_alive()
    (tmp_path / "worker.json").write_text(json.dumps({"pid": os.getpid()})[:-4])
    assert noted(tmp_path, "worker") is None


def test_a_log_that_has_grown_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processes.LOG_BYTES", 10)
    log = tmp_path / "logs" / "talk.log"
    for _ in range(2):
        process = start(
            "talk", [sys.executable, "-c", "print('twenty characters and more')"], os.environ, log, tmp_path
        )
        until(lambda: log.exists() and log.stat().st_size > 10)
        stop(process, 60)
    assert log.with_suffix(".log.1").read_text() == log.read_text() == "twenty characters and more\n"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the other way is this system's only one")
def test_the_two_ways_of_looking_agree_on_who_lives():
    from flows.processes import _look_with_ps

    try:
        by_ps = _look_with_ps()
    except FileNotFoundError:
        pytest.skip("this system has no ps")
    me = os.getpid()
    assert by_ps[me][0] == look()[me][0] and by_ps[1][1]
