"""One writer at a time; a killed one frees its place at once."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

from flows.store import AnotherRunError, FolderFault, Store, program_digest

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


def test_a_data_folder_that_cannot_be_written_in_is_named_with_the_reason_and_what_to_do(tmp_path, capsys):
    """It was "unexpected: FileExistsError at pathlib.py:1116"."""
    from flows.cli import main

    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file")
    for folder in (in_the_way, in_the_way / "below"):
        with pytest.raises(FolderFault, match=r"The data folder cannot be written in, so nothing was changed"):
            with Store.at(folder).writing("a test"):
                pass
        assert main(["picture", "--settings", "lindvik", "--data", str(folder)]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"{folder}: ") and line.endswith("or name another with --data")
    assert in_the_way.read_text() == "a file"


def test_a_folder_that_became_read_only_is_told_of_the_same_way(tmp_path, monkeypatch):
    def read_only(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("flows.store.os.open", read_only)
    with pytest.raises(FolderFault, match="Read-only file system") as fault:
        with Store.at(tmp_path).writing("a test"):
            pass
    assert fault.value.errno == errno.EROFS


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


def test_another_program_is_told_by_its_files_and_no_municipality_s_settings_are_of_it(tmp_path):
    def told(name: str, content: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        program_digest.cache_clear()
        return program_digest(tmp_path)

    first = told("warehouse/sql/a.sql", "SELECT 1")
    assert told("flows/municipality/lindvik/places.csv", "x") == told("warehouse/README.md", "x") == first
    assert len({first, told("warehouse/sql/a.sql", "SELECT 2"), told("connectors/b.py", "")}) == 3
    program_digest.cache_clear()
