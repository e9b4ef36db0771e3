"""``lagesbild up`` and ``down``: the server, the worker, the intake and the watcher of one machine.

    server    Prefect's API, console, scheduler and triggers      stopped last
    worker    starts the runs the server says are due
    intake    takes the deliveries that partners push             where intake.toml is there
    watch     takes files from the drop folders

Each is started into the background with a pid file below ``prefect/run``. Under systemd the same parts are units
(``flows/systemd``) and ``lagesbild part NAME`` is what they start.
"""

from __future__ import annotations

import argparse
import os
import signal
from contextlib import suppress
from dataclasses import replace

from flows.commands import DEGRADED, DONE, LOCKED, UNEXPECTED, opened
from flows.console import Console
from flows.opened import UsageError
from flows.parts import (
    DRAIN_S,
    GRACE_S,
    PARTS,
    READY,
    alone,
    command_of,
    describe,
    drain,
    parts_here,
    parts_wanted,
    running_parts,
    start_part,
    wait_for_server,
    wait_for_worker,
    wait_until_ready,
)
from flows.processes import forget, note, noted, stop, this_process
from flows.register import RegisterFault, close_dead_runs, register
from flows.server_api import ServerAway, server_answers
from flows.settings import Settings
from flows.station import Station, refuse_open_door, speak_to, station_of
from flows.store import Store


def up(arguments: argparse.Namespace, console: Console) -> int:
    """Bring up what is not up, and make the server know this municipality."""
    settings, store = opened(arguments)
    station = asked_station(arguments, settings, store)
    refuse_open_door(station.host)
    with alone(station) as is_alone:
        if not is_alone:
            console.complain(f"{station.folder}: another `lagesbild up` or `down` is at work; wait for it")
            return LOCKED
        running = running_parts(station)
        before = station_of(store)
        if running and before and before != station:
            console.complain(
                f"{before.api.removesuffix('/api')} is up for {before.settings}; `lagesbild down` first, or leave"
                " --host, --port and --settings as they were"
            )
            return UNEXPECTED
        if "server" not in running and server_answers(station.api):
            # Before anything is kept: whoever asks for a briefing over this data folder would be sent there.
            console.complain(f"not up: port {station.port} is taken by another server; give --port another number")
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
        start_part("server", station)
    console.progress("the server: starting")
    wait_for_server(station)
    console.progress("the server: learning what prefect.yaml says")
    done = register(settings, station)
    begun = {}
    for part in parts_wanted(station.store):
        if part != "server" and part not in running:
            console.progress(f"the {part}: starting")
            begun[part] = start_part(part, station)
    console.progress("the worker: starting")
    wait_for_worker(station)
    for part in READY:  # last: what is wrong with one of them keeps nothing else from being up
        if part in begun:
            wait_until_ready(part, station, begun[part])
    return done


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
        wait_for_server(station)
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
    with alone(station) as is_alone:
        if not is_alone:
            console.complain(f"{station.folder}: another `lagesbild up` or `down` is at work; wait for it")
            return LOCKED
        speak_to(station)
        for name in reversed(PARTS):
            process = noted(station.folder / "run", name)
            if process and process.family():
                if name == "worker":
                    console.progress("the worker: letting the runs under way come to their end")
                    if not drain(station, getattr(arguments, "wait", DRAIN_S)):
                        forced.append("runs")
                if name == "server":
                    with suppress(ServerAway):
                        close_dead_runs()
                console.progress(f"the {name}: stopping")
                if not stop(process, GRACE_S):
                    forced.append(name)
                stopped.append(name)
            forget(station.folder / "run", name)
    console.answer({"stopped": stopped, "forced": forced})
    console.say(f"stopped: {', '.join(stopped) or 'nothing was up'}")
    if forced:
        console.complain(f"made to stop: {', '.join(forced)}; a run cut short is taken up again by the next")
    return DEGRADED if forced else DONE


def drain_verb(arguments: argparse.Namespace, console: Console) -> int:
    """Start no more runs, and wait for those under way: what comes before the worker is stopped."""
    _, store = opened(arguments)
    station = station_of(store)
    if station is None:
        raise UsageError("nothing was brought up over this data folder")
    speak_to(station)
    return DONE if drain(station, getattr(arguments, "wait", DRAIN_S)) else DEGRADED
