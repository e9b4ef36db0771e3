"""One writer at a time; a killed one frees its place at once."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

from flows.store import AnotherRunError, Store

HOLD = """
import sys, time
from flows.store import Store
with Store.at(sys.argv[1]).writing("test"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_told_which_process_holds_the_lock(tmp_path, holder):
    with pytest.raises(AnotherRunError, match=f"process {holder.pid} .test, since"):
        with Store.at(tmp_path).writing("second"):
            pass


def test_a_disk_too_full_to_note_who_holds_the_lock_stops_nobody(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("flows.store.os.pwrite", full)
    with Store.at(tmp_path).writing("first"), pytest.raises(AnotherRunError, match="another process"):
        with Store.at(tmp_path).writing("second"):
            pass


def test_the_lock_of_a_killed_run_is_free_at_once(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with Store.at(tmp_path).writing("second"):  # without wait_s: one that is held is refused
        pass


def test_a_run_that_may_wait_gets_the_lock_when_the_first_one_ends(tmp_path, holder):
    import threading

    threading.Timer(0.3, holder.kill).start()
    with Store.at(tmp_path).writing("second", wait_s=300):
        pass


def test_half_written_files_of_a_killed_run_are_swept_when_the_next_one_begins(tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / ".part-abc").write_bytes(b"half")
    with Store.at(tmp_path).writing("run"):
        assert list((tmp_path / "lake").iterdir()) == []
