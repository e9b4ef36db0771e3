"""The long-running parts of one installation: what each is, starting one, waiting for it, seeing how it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flows.locks import held
from flows.processes import noted, start, stop, trim
from flows.register import RegisterFault, pause
from flows.server_api import ServerAway, ask, server_answers
from flows.station import WORK_POOL, Station, station_of
from flows.store import Store

#: In the order they are started; they are stopped in the other.
PARTS = ("server", "worker", "intake", "watch")
#: Seconds the server gets to answer for the first time: 11 s on two idle cores, 20–32 s on busy ones (2026-11-26).
SERVER_START_S = 180.0
#: What the parts that are our own say when they are at work, and the seconds they get to say it.
READY = {"intake": " listening on ", "watch": " watching "}
READY_S = 60.0
#: Seconds each part gets to end by itself once it is asked to.
GRACE_S = 20.0
#: Seconds the runs under way get first: a night is a minute or two.
DRAIN_S = 120.0


def parts_here() -> list[str]:
    """The parts this program has: the intake and the watcher are verbs of its command line."""
    from flows.commands import VERBS

    return [part for part in PARTS if part in ("server", "worker") or part in VERBS]


def parts_wanted(store: Store) -> list[str]:
    """The parts to bring up over this data folder: the intake only where it has been given keys."""
    from flows.intake_settings import intake_file

    return [part for part in parts_here() if part != "intake" or intake_file(store).exists()]


def command_of(part: str, station: Station) -> list[str]:
    """The command line a part is."""
    if part == "server":
        address = ["--host", station.host, "--port", str(station.port)]
        return [sys.executable, "-m", "prefect", "server", "start", *address]
    if part == "worker":
        words = ["worker", "start", "--pool", WORK_POOL, "--type", "process", "--name", "lagesbild", "--limit", "4"]
        return [sys.executable, "-m", "prefect", *words]
    return [sys.executable, "-m", "flows.cli", part]


def drain(station: Station, wait_s: float) -> bool:
    """Whether all runs under way came to their end within ``wait_s``; no more are begun until ``register``.

    Prefect's worker kills its runs when it is stopped (3.8.8), so they must have ended before.
    """
    worker = noted(station.folder / "run", "worker")
    if worker is None or not worker.is_alive():
        return True
    with suppress(ServerAway):
        pause(station)
    deadline = time.monotonic() + wait_s
    while worker.family() != [worker.pid]:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.2)
    return True


def describe(store: Store) -> list[dict[str, Any]]:
    """One row per part that was brought up over the data folder: is it up, and does the server answer."""
    station = station_of(store)
    rows = []
    for name in PARTS if station else ():
        process = noted(station.folder / "run", name) if station else None
        if station is None or process is None:
            continue
        state = "up" if process.is_alive() else "dead"
        if name == "server" and state == "up" and not server_answers(station.api):
            state = "up, does not answer"
        rows.append({"part": name, "state": state, "pid": process.pid})
    return rows


def running_parts(station: Station) -> set[str]:
    processes = (noted(station.folder / "run", name) for name in PARTS)
    return {process.name for process in processes if process and process.is_alive()}


def start_part(part: str, station: Station) -> int:
    """Start a part; where in its log its words begin."""
    folder = station.folder
    if (left := noted(folder / "run", part)) and left.family():
        stop(left, GRACE_S)  # its head was killed and its runs live on, with nobody to tell what became of them
    words = [sys.executable, "-m", "flows.cli", "part", part]
    log = folder / "logs" / f"{part}.log"
    trim(log)
    begins_at = log.stat().st_size if log.exists() else 0
    start(part, words, station.environment(), log, folder / "run")
    return begins_at


def wait_for_server(station: Station) -> None:
    deadline = time.monotonic() + SERVER_START_S
    while not server_answers(station.api):
        process = noted(station.folder / "run", "server")
        if process is not None and not process.is_alive():
            raise RegisterFault(f"the server ended at once: {_last_words(station.folder / 'logs' / 'server.log')}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"no answer from {station.api} within {SERVER_START_S:g} s")
        time.sleep(0.25)


def wait_until_ready(part: str, station: Station, begins_at: int) -> None:
    """Wait until the intake or the watcher, whose words begin at ``begins_at`` of its log, says that it is at work.

    A port that is taken, or a fault in intake.toml, ends it a second after it was started. Raises RegisterFault.
    """
    deadline = time.monotonic() + READY_S
    log = station.folder / "logs" / f"{part}.log"
    while True:
        process = noted(station.folder / "run", part)
        is_alive = process is not None and process.is_alive()
        said = log.read_bytes()[begins_at:].decode(errors="replace").strip()
        if is_alive and READY[part] in said:
            return
        if not is_alive:
            why = said[-400:] or "it wrote nothing"
            raise RegisterFault(f"the {part} ended at once: {why}. Mend that, and `up` again; the other parts are up")
        if time.monotonic() > deadline:
            raise TimeoutError(f"the {part} did not say within {READY_S:g} s that it is at work")
        time.sleep(0.1)


def wait_for_worker(station: Station) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        process = noted(station.folder / "run", "worker")
        if process is None or not process.is_alive():
            raise RegisterFault(f"the worker ended at once: {_last_words(station.folder / 'logs' / 'worker.log')}")
        with suppress(ServerAway):
            workers = ask("POST", f"/work_pools/{WORK_POOL}/workers/filter", {})
            if any(worker["name"] == "lagesbild" and worker["status"] == "ONLINE" for worker in workers):
                return
        time.sleep(0.25)
    raise TimeoutError("the worker did not report to the server within 60 s")


def _last_words(log: Path) -> str:
    try:
        return log.read_text(errors="replace").strip()[-400:]
    except OSError:
        return "it wrote nothing"


@contextmanager
def alone(station: Station) -> Iterator[bool]:
    """Hold the lock of bringing up and down; whether it could be had."""
    with held(station.folder / "up.lock") as descriptor:
        yield descriptor is not None
