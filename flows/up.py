"""``lagesbild up`` and ``down``: the server, the worker, the intake and the watcher of one machine.

    server    Prefect's API, console, scheduler and triggers      stopped last
    worker    starts the runs the server says are due
    intake    takes pushed deliveries                             not in this edition:
    watch     takes files from the drop folders                   started when they are verbs of their own

Each is started into the background with a pid file below ``prefect/run``. Under systemd the same parts are units
(``flows/systemd``) and ``lagesbild part NAME`` is what they start.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows.commands import DEGRADED, DONE, LOCKED, UNEXPECTED, opened
from flows.console import Console
from flows.opened import UsageError
from flows.processes import Process, forget, note, noted, start, stop, this_process
from flows.register import RegisterFault, close_dead_runs, register
from flows.server_api import ServerAway, ask, server_answers
from flows.settings import Settings
from flows.station import PORT, WORK_POOL, Station, refuse_open_door, speak_to, station_of
from flows.store import Store
from warehouse.files import make_folder

#: In the order they are started; they are stopped in the other.
PARTS = ("server", "worker", "intake", "watch")
#: Seconds the server gets to answer for the first time: 11 s on two idle cores, 20–32 s on busy ones (2026-11-26).
SERVER_START_S = 180.0
#: Seconds each part gets to end by itself. The worker lets its runs come to their end: a night is a minute or two.
GRACE_S = {"server": 20.0, "worker": 120.0, "intake": 10.0, "watch": 10.0}


def up(arguments: argparse.Namespace, console: Console) -> int:
    """Bring up what is not up, and make the server know this municipality."""
    settings, store = opened(arguments)
    station = asked_station(arguments, settings, store)
    refuse_open_door(station.host)
    with _alone(station) as is_alone:
        if not is_alone:
            console.complain(f"{station.folder}: another `lagesbild up` or `down` is at work; wait for it")
            return LOCKED
        running = _running(station)
        before = station_of(store)
        if running and before and before != station:
            console.complain(
                f"{before.api.removesuffix('/api')} is up for {before.settings}; `lagesbild down` first, or leave"
                " --host, --port and --settings as they were"
            )
            return UNEXPECTED
        station.save()
        speak_to(station)
        try:
            done = _bring_up(settings, station, running, console)
        except (RegisterFault, ServerAway, OSError, TimeoutError) as error:
            console.complain(f"not up: {error}")
            console.complain(f"what the parts wrote is in {station.folder / 'logs'}; `lagesbild down` stops them")
            return UNEXPECTED
    console.answer({"console": station.api.removesuffix("/api"), "parts": describe(store), **done})
    for row in describe(store):
        console.say(f"{row['part']}: {row['state']}, process {row['pid']}")
    console.say(
        f"{done['deployed'] or 'no new'} deployments registered"
        + (f", {done['closed']} runs of a killed process closed" if done["closed"] else ""),
        f"console: {station.api.removesuffix('/api')} · drop folders: {store.drop}",
    )
    return DONE


def asked_station(arguments: argparse.Namespace, settings: Settings, store: Store) -> Station:
    """The station asked for: what is said now, else as it was the last time, else this machine alone on port 4200."""
    station = station_of(store) or Station(store, settings.folder)
    host, port = getattr(arguments, "host", None), getattr(arguments, "port", None)
    return replace(
        station, settings=settings.folder, host=host or station.host, port=port if port is not None else station.port
    )


def _bring_up(settings: Settings, station: Station, running: set[str], console: Console) -> dict[str, int]:
    if "server" not in running:
        if server_answers(station.api):
            raise RegisterFault(f"port {station.port} is taken by another server; give --port another number")
        _start("server", station)
    console.progress("the server: starting")
    _wait_for_server(station)
    console.progress("the server: learning what prefect.yaml says")
    done = register(settings, station)
    for part in parts_here():
        if part != "server" and part not in running:
            console.progress(f"the {part}: starting")
            _start(part, station)
    console.progress("the worker: starting")
    _wait_for_worker(station)
    return done


def parts_here() -> list[str]:
    """The parts this program has."""
    from flows.cli import parser

    verbs: set[str] = set()
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            verbs |= set(action.choices)
    return [part for part in PARTS if part in ("server", "worker") or part in verbs]


def command_of(part: str, station: Station) -> list[str]:
    """The command line a part is."""
    if part == "server":
        address = ["--host", station.host, "--port", str(station.port)]
        return [sys.executable, "-m", "prefect", "server", "start", *address]
    if part == "worker":
        words = ["worker", "start", "--pool", WORK_POOL, "--type", "process", "--name", "lagesbild", "--limit", "4"]
        return [sys.executable, "-m", "prefect", *words]
    return [sys.executable, "-m", "flows.cli", part]


def part(arguments: argparse.Namespace, console: Console) -> int:
    """Become one part, in the foreground: what a service manager starts. Does not return where it succeeds."""
    settings, store = opened(arguments)
    station = asked_station(arguments, settings, store)
    refuse_open_door(station.host)
    if arguments.part not in parts_here():
        raise UsageError(f"this program has no part {arguments.part!a}; it has {', '.join(parts_here())}")
    station.save()
    note(station.folder / "run", this_process(arguments.part))
    # A shell's background job ignores interrupts, and hands that on; Prefect's worker stops by one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    command = command_of(arguments.part, station)
    os.execvpe(command[0], command, station.environment())


def register_verb(arguments: argparse.Namespace, console: Console) -> int:
    """Wait for the server, then make it know this municipality."""
    settings, store = opened(arguments)
    station = asked_station(arguments, settings, store)
    speak_to(station)
    try:
        _wait_for_server(station)
        done = register(settings, station)
    except (RegisterFault, ServerAway, TimeoutError) as error:
        console.complain(str(error))
        return UNEXPECTED
    console.answer(dict(done))
    console.say(", ".join(f"{count} {what}" for what, count in done.items()))
    return DONE


def down(arguments: argparse.Namespace, console: Console) -> int:
    """Stop what is up, the server last, and leave nothing running; runs under way may come to their end."""
    _, store = opened(arguments)
    station = station_of(store)
    if station is None:
        console.answer({"stopped": []})
        console.say("nothing was brought up over this data folder")
        return DONE
    forced, stopped = [], []
    with _alone(station) as is_alone:
        if not is_alone:
            console.complain(f"{station.folder}: another `lagesbild up` or `down` is at work; wait for it")
            return LOCKED
        speak_to(station)
        for name in reversed(PARTS):
            process = noted(station.folder / "run", name)
            if process and process.family():
                if name == "server":
                    with suppress(ServerAway):
                        close_dead_runs()
                console.progress(f"the {name}: stopping")
                grace_s = getattr(arguments, "wait", None) if name == "worker" else None
                if not stop(process, GRACE_S[name] if grace_s is None else grace_s):
                    forced.append(name)
                stopped.append(name)
            forget(station.folder / "run", name)
    console.answer({"stopped": stopped, "forced": forced})
    console.say(f"stopped: {', '.join(stopped) or 'nothing was up'}")
    if forced:
        console.complain(f"made to stop: {', '.join(forced)}; a run cut short is taken up again by the next")
    return DEGRADED if forced else DONE


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


def _running(station: Station) -> set[str]:
    processes = (noted(station.folder / "run", name) for name in PARTS)
    return {process.name for process in processes if process and process.is_alive()}


def _start(part: str, station: Station) -> Process:
    folder = station.folder
    if (left := noted(folder / "run", part)) and left.family():
        stop(left, GRACE_S[part])  # its head was killed and its runs live on, with nobody to tell what became of them
    words = [sys.executable, "-m", "flows.cli", "part", part]
    environment = station.environment()
    return start(part, words, environment, folder / "logs" / f"{part}.log", folder / "run")


def _wait_for_server(station: Station) -> None:
    deadline = time.monotonic() + SERVER_START_S
    while not server_answers(station.api):
        process = noted(station.folder / "run", "server")
        if process is not None and not process.is_alive():
            raise RegisterFault(f"the server ended at once: {_last_words(station.folder / 'logs' / 'server.log')}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"no answer from {station.api} within {SERVER_START_S:g} s")
        time.sleep(0.25)


def _wait_for_worker(station: Station) -> None:
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
def _alone(station: Station) -> Iterator[bool]:
    """Hold the lock of bringing up and down; whether it could be had."""
    make_folder(station.folder)
    with (station.folder / "up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


__all__ = ["PARTS", "PORT", "describe", "down", "part", "register_verb", "up"]
