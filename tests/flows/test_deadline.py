"""A feed that hangs for ever is stopped, and the others and the sheet go on."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from flows import hear, job
from flows.cli import main
from flows.deadline import TookTooLong, apart, deadline
from flows.store import Store
from tests.flows.crash_sweep import deliver


def test_a_read_without_an_end_is_stopped():
    reading, writing = os.pipe()
    with pytest.raises(TookTooLong), deadline(0.05):
        os.read(reading, 1)
    os.close(reading)
    os.close(writing)


def test_a_loop_without_an_end_is_stopped():
    with pytest.raises(TookTooLong), deadline(0.05):
        while True:
            pass


def test_work_that_ends_in_time_is_left_alone_and_no_alarm_stays_behind():
    before = signal.getsignal(signal.SIGALRM)
    with deadline(60):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_outside_the_main_thread_nothing_is_bounded_and_nothing_breaks():
    done = []

    def work():
        with deadline(0.01):
            time.sleep(0.05)
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def test_a_call_that_no_signal_reaches_is_left_behind_and_what_is_done_apart_answers_or_raises_as_here():
    may_end = threading.Event()

    def dead_disk() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        may_end.wait(600)

    with pytest.raises(TookTooLong), deadline(0.05):
        apart(dead_disk)
    may_end.set()
    assert apart(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        apart(lambda: 1 // 0)


def be_out_of_time() -> None:
    """Bring this feed's alarm forward, and no other's: where much else runs an honest feed takes longer than that."""
    signal.setitimer(signal.ITIMER_REAL, 0.05)


def test_a_drop_folder_that_never_answers_costs_its_own_row_and_not_the_sheet(tmp_path, monkeypatch, capsys):
    may_end, came_back = threading.Event(), []
    real = hear.files_in

    def listing(folder):
        if folder.name == "bostad_lindhem":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            be_out_of_time()
            may_end.wait(600)
            came_back.append(folder)
        return real(folder)

    monkeypatch.setattr(hear, "files_in", listing)
    deliver(tmp_path, 1)
    assert main(["run", "--no-prefect", "--settings", "lindvik", "--data", str(tmp_path)]) == 3
    assert came_back == []  # the sheet did not wait for the disk
    may_end.set()
    out = capsys.readouterr().out
    assert "bostad_lindhem: failed, timeout" in out and out.count("failed") == 1
    assert (tmp_path / "published" / "latest.html").exists()


def test_a_feed_that_hangs_for_ever_costs_its_own_row_and_not_the_sheet(tmp_path, monkeypatch, capsys):
    real = job.hear

    def hanging(store, settings, feed, run):
        if feed == "felanmalan":
            be_out_of_time()
            while True:
                time.sleep(1)
        return real(store, settings, feed, run)

    monkeypatch.setattr(job, "hear", hanging)
    deliver(tmp_path, 1)
    assert main(["run", "--no-prefect", "--settings", "lindvik", "--data", str(tmp_path)]) == 3
    assert "felanmalan: failed, timeout" in capsys.readouterr().out
    store = Store.at(tmp_path)
    assert (store.published / "latest.html").exists()
    assert sum(f.row_count for f in store.lake.manifest().files if f.table == "report_version") == 9
    assert [a.cause for a in store.landing.attempts() if a.feed == "felanmalan"] == ["timeout"]
