"""Several runs of one job at once: one at work, at most one that waits, and a place that no death keeps taken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from flows.store import Store
from flows.turns import in_line, only_one


def test_of_runs_that_wait_only_one_stays_and_the_next_may_wait_when_it_has_begun(tmp_path):
    store = Store.at(tmp_path)
    with in_line(store, "picture") as first:
        assert first is not None
        with in_line(store, "picture") as second:
            assert second is None  # the first will see what the second came for
        first.begin()
        with in_line(store, "picture") as third:
            assert third is not None  # the first may have read already
            with in_line(store, "picture") as fourth:
                assert fourth is None
    with in_line(store, "picture") as later:
        assert later is not None


def test_jobs_do_not_stand_in_each_other_s_way(tmp_path):
    store = Store.at(tmp_path)
    with in_line(store, "collect-a-read") as a, in_line(store, "collect-b-read") as b:
        assert a is not None and b is not None
    with only_one(store, "overnight") as night, only_one(store, "housekeeping") as house:
        assert night and house


def test_a_run_that_is_wanted_for_itself_waits_beside_the_others(tmp_path):
    store = Store.at(tmp_path)
    with in_line(store, "picture") as first, in_line(store, "picture", is_shared=False) as own:
        assert first is not None and own is not None
        own.begin()
        with in_line(store, "picture") as second:
            assert second is None


def test_one_night_is_one_night(tmp_path):
    store = Store.at(tmp_path)
    with only_one(store, "overnight") as first:
        with only_one(store, "overnight") as second:
            assert first and not second
    with only_one(store, "overnight") as next_night:
        assert next_night


def test_the_place_of_a_killed_run_is_free_at_once(tmp_path):
    code = f"""
import sys, time
from flows.store import Store
from flows.turns import in_line, only_one
store = Store.at({str(tmp_path)!r})
with only_one(store, "overnight") as night, in_line(store, "picture") as place:
    print("held" if night and place else "free", flush=True)
    time.sleep(600)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "held\n"
    store = Store.at(tmp_path)
    with only_one(store, "overnight") as night, in_line(store, "picture") as place:
        assert not night and place is None
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    with only_one(store, "overnight") as night, in_line(store, "picture") as place:
        assert night and place is not None
