"""Is everything as it should be? Each finding says what, where, what stands and what to do."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flows.alarm_outbox import Outbox
from flows.alarm_settings import SecretUnread, read_receivers
from flows.alarm_standby import STANDBY, standby_receivers
from flows.commands import DEGRADED, DONE, opened
from flows.console import Console
from flows.known_secrets import secret_findings
from flows.pictures import records
from flows.retention import retention_findings
from flows.settings import Settings
from flows.settings_faults import SettingsError
from flows.store import Store
from flows.trails import trail_findings
from warehouse.journal import stood_for
from warehouse.landing import Landed
from warehouse.removal import key_of

#: Below this the night's commit may not fit beside the old state and the rebuilt database. Decided 2026-11-23.
FREE_BYTES = 1_000_000_000


def doctor(arguments: argparse.Namespace, console: Console) -> int:
    """Examine the installation and the data folder; exit code 3 when something needs a hand."""
    settings, store = opened(arguments)
    findings = list(examine(settings, store, datetime.now(UTC)))
    console.answer({"findings": [{"is_fault": fault, "finding": text} for fault, text in findings]})
    for is_fault, text in findings:
        console.say(f"{'FAULT' if is_fault else 'ok   '}  {text}")
    return DEGRADED if any(is_fault for is_fault, _ in findings) else DONE


def examine(settings: Settings, store: Store, now: datetime) -> Iterator[tuple[bool, str]]:
    """(is it a fault, what was found) for each thing looked at."""
    yield False, f"settings of {settings.id}: whole, {len(settings.feeds)} feeds"
    yield False, f"Python {sys.version.split()[0]}, data in {store.folder}"
    yield from _environment()
    yield from _alarms(settings, store)
    if not store.folder.exists():
        yield False, "the data folder is not made yet; the first run makes it"
        return
    yield from _disk(store)
    yield from _lake(store)
    yield from _landing(settings, store, now)
    yield from _drop_folders(settings, store)
    yield from retention_findings(store, settings, now)
    yield from trail_findings(store, records(store))


def _environment() -> Iterator[tuple[bool, str]]:
    proxies = sorted(name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy"))
    if proxies:
        yield False, f"{', '.join(proxies)} is set and not used: feeds are reached directly"
    import duckdb

    from warehouse.connection import connect

    with connect() as con:
        row = con.execute("SELECT current_setting('autoinstall_known_extensions')").fetchone()
    yield bool(row and row[0]), f"DuckDB {duckdb.__version__} fetches no extensions by itself"


def _alarms(settings: Settings, store: Store) -> Iterator[tuple[bool, str]]:
    """Could everybody in alarms.toml be told: is the file whole, can each secret be read, does anything wait."""
    try:
        receivers = read_receivers(settings.folder)
    except SettingsError as error:
        yield True, f"nobody is told of anything: {error}"
        yield from secret_findings({})
        return
    yield from secret_findings(receivers)
    yield False, f"alarms: {len(receivers)} receivers" + ("" if receivers else "; alarms.toml names nobody")
    try:
        receivers = {**{f"{STANDBY} {name}": one for name, one in standby_receivers().items()}, **receivers}
    except SettingsError as error:
        yield True, f"nobody is told where the settings cannot be opened: {error}"
    for name, receiver in receivers.items():
        try:
            if receiver.secret_env or receiver.secret_file:
                receiver.secret()
        except SecretUnread as error:
            yield True, f"alarms: {name}: {error}"
    for message in Outbox(store.alarms).read()["waiting"]:
        if message["fault"]:
            said = f"{message['key']}, {message['tries']} tries, {message['fault']}"
            yield True, f"alarms: {message['receiver']} was not told of {said}; it is tried again"


def _disk(store: Store) -> Iterator[tuple[bool, str]]:
    free = store.free_bytes()
    yield free < FREE_BYTES, f"disk: {free // 10**6} MB free, {FREE_BYTES // 10**6} MB wanted"
    mode = stat.S_IMODE(store.folder.stat().st_mode)
    open_to_others = bool(mode & 0o007)
    advice = "; others than owner and group can look in: chmod 750" if open_to_others else ""
    yield open_to_others, f"{store.folder}: mode {mode:o}{advice}"
    if not os.access(store.folder, os.W_OK):
        yield True, f"{store.folder}: not writable by this user; give it to the user that runs the night"


def _lake(store: Store) -> Iterator[tuple[bool, str]]:
    from warehouse.manifest import LakeError
    from warehouse.states import chain_faults, unlisted_files

    try:
        manifest = store.lake.manifest()
    except LakeError as error:
        yield True, str(error)
        return
    faults = store.lake.verify(manifest)
    yield bool(faults), f"lake: state {manifest.number}, {len(manifest.files)} files, {len(faults)} damaged"
    for fault in faults[:20]:
        yield True, fault
    try:
        stray = unlisted_files(store.lake)
    except LakeError as error:
        yield True, str(error)
        return
    for fault in chain_faults(store.lake):
        yield True, fault
    if stray:
        yield (
            False,
            f"lake: {len(stray)} files that no state lists (left by a stopped run); they are never read, and"
            " `lagesbild housekeeping` takes them away",
        )


def _drop_folders(settings: Settings, store: Store) -> Iterator[tuple[bool, str]]:
    """What lies in a drop folder and is never read: folders that a partner's program made, with files in them."""
    for feed in settings.feeds.values():
        folder = feed.drop_folder(store.folder)
        if folder is None or not folder.is_dir():
            continue
        count = 0
        for inner in (entry for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)):
            with suppress(OSError):  # a folder that may not be looked into
                count += sum(entry.is_file(follow_symlinks=False) for entry in os.scandir(inner.path))
        if count:
            advice = "they are never read; move what is news into the drop folder itself"
            yield False, f"{feed.feed}: {count} files lie in folders inside its drop folder; {advice}"


def _landing(settings: Settings, store: Store, now: datetime) -> Iterator[tuple[bool, str]]:
    entries = store.landing.entries()
    torn = store.landing.torn_lines
    yield (
        torn > 0,
        f"journal: {len(entries)} entries, {torn} lines that cannot be read"
        + ("; what they named is in the landing zone's objects, deliver it again" if torn else ""),
    )
    landed = [e for e in entries if isinstance(e, Landed)]
    future = [e for e in landed if e.received_at > now + timedelta(minutes=15)]
    yield (
        bool(future),
        f"clock: {len(future)} deliveries are dated in the future"
        + ("; set this machine's clock, they count when their time comes" if future else ""),
    )
    removed, erasures = store.landing.removals(), store.landing.erasures()
    missing = 0
    for entry in landed:
        stored = stood_for(entry.sha256, erasures)[-1]
        is_erased = key_of(entry) in removed
        missing += not is_erased and not store.landing.object_path(stored).exists()
    yield (
        missing > 0,
        f"landing zone: {len(landed)} deliveries, {missing} without their bytes"
        + ("; restore the landing zone from backup before a rebuild" if missing > 0 else ""),
    )
    unknown = sorted({e.feed for e in landed} - set(settings.feeds))
    if unknown:
        yield (
            True,
            f"landed feeds that the settings do not know: {', '.join(unknown)}; put them back into feeds.toml",
        )
