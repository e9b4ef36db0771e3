"""``lagesbild watch``: takes files from the drop folders when they have come to rest.

Every folder is listed once a second, rather than asking the kernel to tell (inotify): drop folders lie on SMB and NFS
shares, where the kernel hears nothing of what others write. A listing of 1,000 files costs about 1 ms.

Each folder has a thread of its own: a call into a network disk that is dead does not come back, and can be neither
timed nor stopped. It holds up its own folder alone, and that is told.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connectors.kit import visible
from flows.arrivals import Untold, keep_telling
from flows.commands import DONE, LOCKED, opened
from flows.console import Console
from flows.hear import LATER, WAITS, files_in, land_folder, note_folder
from flows.opened import UsageError, open_settings
from flows.pending import has_unread
from flows.results import named
from flows.settings import Settings
from flows.settings_faults import SettingsError
from flows.stale import Freshness
from flows.station import find_server
from flows.store import Run, Store
from flows.turns import only_one
from warehouse.files import make_folder

#: Seconds between two looks at whether the newest sheet's time is out; it says so within two minutes.
FRESHNESS_S = 60.0

#: Seconds between two looks.
LOOK_S = 1.0
#: Seconds a file must have looked the same before it is taken. A sender that pauses for longer in the middle of a file
#: is heard twice: the half, which is kept, and the whole, which is another delivery. Decided 2026-11-26.
STILL_S = 2.0
#: Seconds to wait after a folder or the disk was at fault.
FAULT_PAUSE_S = 15.0
#: Seconds the threads get to come to an end.
END_S = 5.0
#: Seconds after which a folder that has not answered is told of. A file of a gigabyte is read in less from a share that
#: works. Decided 2026-11-26.
BLOCKED_S = 30.0

#: What tells a file from what lay under its name before: size, time of change, number on the disk.
Mark = tuple[int, int, int]


@dataclass(eq=False)
class DropFolder:
    """One folder under watch: what lay in it at the last look, since when, and what has been dealt with."""

    feed: str
    folder: Path
    since: dict[str, tuple[Mark, float]] = field(default_factory=dict)
    done: dict[str, Mark] = field(default_factory=dict)
    not_before: float = 0.0
    told: str = ""
    looking_since: float | None = None  # a look that has not come back; monotonic seconds
    is_blocked: bool = False  # and that was told
    leaves: threading.Event = field(default_factory=threading.Event)  # nobody wants it watched any more

    def ripe(self, files: Mapping[str, os.stat_result], now: float) -> list[str]:
        """The names that have looked the same for STILL_S and were not dealt with as they are; ``now`` in seconds."""
        marks = {name: (s.st_size, s.st_mtime_ns, s.st_ino) for name, s in files.items()}
        self.since = {
            name: self.since[name] if name in self.since and self.since[name][0] == mark else (mark, now)
            for name, mark in marks.items()
        }
        self.done = {name: mark for name, mark in self.done.items() if name in marks}
        return [name for name, (mark, at) in self.since.items() if now - at >= STILL_S and self.done.get(name) != mark]


def look(store: Store, drop: DropFolder, run: Run, now: float) -> tuple[int, list[str]]:
    """Take what has come to rest in one folder: how many deliveries landed, and what to write in the log.

    The log holds no name of a file: names are the partners' words. `lagesbild status` and the journal have them.
    """
    if now < drop.not_before:
        return 0, []
    try:
        if drop.folder.is_relative_to(store.drop):
            make_folder(drop.folder)
        names = drop.ripe(files_in(drop.folder), now)
        if not names:
            return 0, _once(drop, "")
        started_at = run.now()
        landed, refused = land_folder(store, drop.feed, drop.folder, run, names)
        if landed or refused:
            note_folder(store, drop.feed, run, started_at, landed, refused)
    except OSError as error:
        drop.not_before = now + FAULT_PAUSE_S
        return 0, _once(drop, f"{error.strerror or type(error).__name__}; what has not landed is tried again")
    drop.told = ""
    later = {one.name for one in refused if one.reason in LATER}
    for name in names:
        if visible(name, 200) not in later:
            drop.done[name] = drop.since[name][0]
    lines = [f"{len(landed)} landed"] if landed else []
    if waiting := sum(one.reason == WAITS for one in refused):
        lines.append(f"{waiting} wait for the next look")
    return len(landed), lines + [f"1 refused: {one.reason}" for one in refused if one.reason != WAITS]


def _once(drop: DropFolder, words: str) -> list[str]:
    """The words, where they are not those that were said last."""
    said, drop.told = drop.told, words
    return [words] if words and words != said else []


def drop_folders(store: Store, settings: Settings) -> list[DropFolder]:
    """The folders to watch: one of each feed that has one."""
    folders = ((feed.feed, feed.drop_folder(store.folder)) for feed in settings.feeds.values())
    return [DropFolder(feed, folder) for feed, folder in folders if folder is not None]


def tell_unread(store: Store, settings: Settings, untold: Untold) -> None:
    """Add what landed before and was not read: whoever landed it may have been killed before it told."""
    for feed in settings.feeds:
        if has_unread(store, feed):
            untold.add(feed, 1)


def keep_looking(
    store: Store, drop: DropFolder, untold: Untold, has_come: threading.Event, say: Callable[[str], None]
) -> None:
    """Look into one folder again and again until it ``leaves``; what the work of its thread is."""
    while not drop.leaves.wait(LOOK_S):
        drop.looking_since = time.monotonic()
        try:
            count, lines = look(store, drop, Run.start(), drop.looking_since)
        except Exception as error:  # a fault nobody thought of must not end the watch over this folder unheard
            drop.not_before = time.monotonic() + FAULT_PAUSE_S
            count, lines = 0, _once(drop, f"{named(error)}; what has not landed is tried again")
        drop.looking_since = None
        if count:
            untold.add(drop.feed, count)
            has_come.set()
        for line in lines:
            say(f"{drop.feed}: {line}")


def blocked_lines(drops: Iterable[DropFolder], now: float) -> list[str]:
    """What to write of folders that do not answer any more, or do again: each is told once."""
    lines = []
    for drop in drops:
        since = drop.looking_since
        is_blocked = since is not None and now - since >= BLOCKED_S
        if is_blocked and not drop.is_blocked:
            lines.append(f"{drop.feed}: has not answered for {BLOCKED_S:g} s; the other folders are watched as before")
        elif drop.is_blocked and not is_blocked:
            lines.append(f"{drop.feed}: answers again")
        drop.is_blocked = is_blocked
    return lines


def watch(arguments: argparse.Namespace, console: Console) -> int:
    """Watch until stopped. A change of feeds.toml is taken in by itself; one with faults changes nothing."""
    settings, store = opened(arguments)
    find_server(store)
    stops, has_come, untold = threading.Event(), threading.Event(), Untold()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stops.set())
    with only_one(store, "watch") as is_ours:
        if not is_ours:
            console.complain(f"{store.folder}: another `lagesbild watch` is at it. Nothing was changed.")
            return LOCKED
        work = [threading.Thread(target=keep_telling, args=(untold, has_come, stops), daemon=True)]
        work[0].start()
        drops = drop_folders(store, settings)
        tell_unread(store, settings, untold)
        has_come.set()

        def say(line: str) -> None:
            _say(console, settings, line)

        def begin(fresh: Iterable[DropFolder]) -> None:
            for drop in fresh:
                told = (store, drop, untold, has_come, say)
                work.append(threading.Thread(target=keep_looking, args=told, daemon=True))
                work[-1].start()

        say(f"watching {len(drops)} folders")
        begin(drops)
        changed = _feeds_changed(settings)
        freshness, look_again_at = Freshness(store), 0.0
        while not stops.wait(LOOK_S):
            if time.monotonic() >= look_again_at:
                look_again_at = time.monotonic() + FRESHNESS_S
                try:
                    if freshness.look(datetime.now(UTC), settings.timezone):
                        say("the newest sheet's time is out: its page says so now")
                except (OSError, ValueError, KeyError) as error:
                    say(f"whether the newest sheet is old cannot be told: {type(error).__name__}")
            if (now_changed := _feeds_changed(settings)) != changed:
                changed = now_changed
                settings, now_watched = _taken_in(store, settings, drops, console)
                for drop in drops:
                    if drop not in now_watched:
                        drop.leaves.set()
                begin(drop for drop in now_watched if drop not in drops)
                drops = now_watched
            for line in blocked_lines(drops, time.monotonic()):
                say(line)
        for drop in drops:
            drop.leaves.set()
        has_come.set()
        until = time.monotonic() + END_S
        for thread in work:  # what is being taken may be taken whole; who is blocked is not waited for
            thread.join(max(until - time.monotonic(), 0))
    _say(console, settings, "stopped")
    return DONE


def _feeds_changed(settings: Settings) -> int:
    try:
        return (settings.folder / "feeds.toml").stat().st_mtime_ns
    except OSError:
        return 0


def _taken_in(
    store: Store, settings: Settings, drops: list[DropFolder], console: Console
) -> tuple[Settings, list[DropFolder]]:
    try:
        fresh = open_settings(str(settings.folder))
    except (SettingsError, UsageError, OSError):  # the folder itself may be away while another takes its place
        _say(console, settings, "the settings have faults (`lagesbild doctor` lists them); watching as before")
        return settings, drops
    known = {(drop.feed, drop.folder): drop for drop in drops}
    now = [known.get((drop.feed, drop.folder), drop) for drop in drop_folders(store, fresh)]
    _say(console, fresh, f"feeds.toml changed: watching {len(now)} folders")
    return fresh, now


def _say(console: Console, settings: Settings, line: str) -> None:
    console.complain(f"{datetime.now(settings.timezone):%Y-%m-%d %H:%M:%S} {line}")
