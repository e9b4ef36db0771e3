"""The parts of an installation: which of them are at work is what they say themselves, not that they were started."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from flows.cli import main
from flows.intake_settings import intake_file
from flows.parts import start_part, wait_until_ready
from flows.processes import noted, start, stop
from flows.register import RegisterFault
from flows.station import Station
from flows.store import Store


def begun(tmp_path: Path, words: str) -> Station:
    station = Station(Store.at(tmp_path), tmp_path)
    command = [sys.executable, "-c", words]
    start("watch", command, os.environ, station.folder / "logs" / "watch.log", station.folder / "run")
    return station


def test_a_part_is_at_work_when_it_says_so_after_what_it_said_the_last_time(tmp_path: Path) -> None:
    log = tmp_path / "prefect" / "logs" / "watch.log"
    log.parent.mkdir(parents=True)
    log.write_text("2026-11-26 01:42:35 watching 3 folders\n")
    begins_at = log.stat().st_size
    station = begun(tmp_path, "input()")  # ends at once: there is nothing to read
    with pytest.raises(RegisterFault, match=r"(?s)the watch ended at once.*EOFError") as fault:
        wait_until_ready("watch", station, begins_at)
    assert "watching 3" not in str(fault.value)
    station = begun(tmp_path, "import time; print('now watching 4 folders', flush=True); time.sleep(600)")
    try:
        wait_until_ready("watch", station, begins_at)
    finally:
        process = noted(station.folder / "run", "watch")
        assert process is not None
        stop(process, 60)


def test_a_part_that_says_nothing_is_waited_for_so_long_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.parts.READY_S", 0.0)
    station = begun(tmp_path, "import time; time.sleep(600)")
    try:
        with pytest.raises(TimeoutError, match="the watch did not say within 0 s"):
            wait_until_ready("watch", station, 0)
    finally:
        process = noted(station.folder / "run", "watch")
        assert process is not None
        stop(process, 60)


def test_an_intake_that_cannot_read_its_keys_is_not_told_as_up(tmp_path: Path) -> None:
    """`up` said "intake: up, process …" of one that had ended a moment after, and the reason stood in a log."""
    store = Store.at(tmp_path)
    assert main(["intake", "--new-key", "guard_nordvakt", "--settings", "lindvik", "--data", str(tmp_path)]) == 0
    intake_file(store).chmod(0o644)
    station = Station(store, Path("flows/municipality/lindvik").resolve())
    begins_at = start_part("intake", station)
    with pytest.raises(RegisterFault, match=r"the intake ended at once: .*chmod 600.*the other parts are up"):
        wait_until_ready("intake", station, begins_at)
