"""Hearing from one feed: over HTTP or from its drop folder, into the landing zone. Every try leaves an attempt."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from connectors.kit import visible
from flows.circuit import FILES_WAIT
from flows.deadline import apart
from flows.ingest import connector_of
from flows.store import Run, Store
from warehouse.files import locked, make_folder
from warehouse.landing import Attempt, Landed

if TYPE_CHECKING:
    from flows.settings import FeedSettings, Settings

#: A larger file is no night's report; the largest guard export seen was 5 MB, ten years of them under 500 MB.
FILE_BYTES_CAP = 1_000_000_000

#: Names that programs use while they still write (fault F02): Office locks, SFTP and browser part files.
UNFINISHED = ("~$", ".", "#")
UNFINISHED_ENDS = (".filepart", ".part", ".tmp", ".crdownload", ".swp", "~")

#: The most one look takes from a drop folder, the oldest files first, and at least one: a partner whose program runs
#: wild must not hold up the sheet (2,000 files took 43 s). A hundred reports a night, a file each, is the most that was
#: thought of. Decided 2026-11-27.
FILES_A_LOOK = 500
BYTES_A_LOOK = 1_000_000_000

#: Why a file was not taken that will be: it is looked at again.
STILL_WRITTEN = "is still being written; it is taken at the next run"
WAITS = "waits for the next look"
LATER = {STILL_WRITTEN, WAITS}

NO_FILE = "is no ordinary file; links, pipes and devices are not taken"

#: A file must hold still this long while we look at it.
SETTLE_S = 0.2


@dataclass(frozen=True)
class Refused:
    """A file in a drop folder that was not taken, and why, in words for the operator; ``name`` is safe to show."""

    name: str
    reason: str


def hear(store: Store, settings: Settings, feed: str, run: Run) -> Attempt:
    """Ask the feed once, land what it gives, journal the attempt. Never raises for the feed's own faults."""
    started_at = run.now()
    settings_of = settings.feeds[feed]
    if settings_of.url:
        return _hear_http(store, settings, settings_of, run, started_at)
    folder = settings_of.drop_folder(store.folder)
    assert folder is not None, "the settings give every feed an address or a folder"
    return note_folder(store, feed, run, started_at, *apart(lambda: _look_into(store, feed, folder, run)))


def _look_into(store: Store, feed: str, folder: Path, run: Run) -> tuple[list[Landed], list[Refused]]:
    if folder.is_relative_to(store.drop) and not folder.exists():
        make_folder(folder)  # an empty drop folder tells the partner's technician where to put the files
    return land_folder(store, feed, folder, run)


def note_folder(
    store: Store, feed: str, run: Run, started_at: datetime, landed: Sequence[Landed], refused: Sequence[Refused]
) -> Attempt:
    """Journal what came of one look into a drop folder."""
    waiting = sum(one.reason == WAITS for one in refused)
    told = [f"{one.name}: {one.reason}" for one in refused if one.reason != WAITS][:20]
    if waiting:
        told.append(f"files that wait: {waiting}; a look takes {FILES_A_LOOK}, the oldest first, and the next one more")
    return store.landing.note_attempt(
        feed,
        run_id=run.run_id,
        started_at=started_at,
        ended_at=run.now(),
        status="ok" if landed else "nothing_new",
        cause=FILES_WAIT if waiting else "file_refused" if refused else None,
        delivery_count=len(landed),
        detail="; ".join(told) or None,
    )


def _hear_http(store: Store, settings: Settings, feed: FeedSettings, run: Run, started_at: datetime) -> Attempt:
    from connectors.http import FeedDown, HttpClient

    assert feed.url is not None
    # Plain HTTP is for a source on this machine only; the settings refuse any other such address.
    local = frozenset({"127.0.0.1", "localhost"}) if feed.url.startswith("http://") else frozenset()
    host = urlsplit(feed.url).hostname
    client = HttpClient(
        f"lagesbild/{run.code_version} (+{settings.contact})",
        store.http_state,
        now=run.now,
        sleep=time.sleep,
        allow_plain_http_hosts=local,
        allow_private_hosts=frozenset({host}) if feed.is_private_host and host else frozenset(),
        ca_file=feed.ca_file,
    )
    status: Literal["ok", "nothing_new", "failed"] = "ok"
    cause, detail, count = None, None, 0
    try:
        answers = connector_of(feed.kind).fetch(
            settings.context(feed.feed), client, feed.url, _last_accepted(store, feed.feed)
        )
        for answer in answers:
            landed = store.landing.land(
                feed.feed,
                answer.body,
                received_at=answer.received_at,
                landed_at=run.now(),
                name=answer.name,
                run_id=run.run_id,
                media_type=answer.media_type,
                query=answer.query,
            )
            count += landed is not None
        status = "ok" if count else "nothing_new"
    except FeedDown as down:
        status, cause, detail = "failed", down.cause, down.detail
        if down.retry_at:
            detail += f"; not before {down.retry_at.isoformat(timespec='seconds')}"
        if down.body is not None:  # keep what was sent, as it was sent: it goes to quarantine, not into the lake
            store.landing.land(
                feed.feed,
                down.body,
                received_at=run.now(),
                landed_at=run.now(),
                name=f"answer-{down.cause}",
                run_id=run.run_id,
            )
    return store.landing.note_attempt(
        feed.feed,
        run_id=run.run_id,
        started_at=started_at,
        ended_at=run.now(),
        status=status,
        cause=cause,
        http_status=client.last_status,
        delivery_count=count,
        detail=detail,
    )


def _last_accepted(store: Store, feed: str) -> datetime | None:
    """When the last delivery came that was not put in quarantine; what an error page says is no news."""
    state = store.lake.manifest().feeds.get(feed)
    landed = store.landing.delivery(state.last_accepted_seq) if state and state.last_accepted_seq else None
    return landed.received_at if landed else None


def land_folder(
    store: Store, feed: str, folder: Path, run: Run, only: Collection[str] | None = None
) -> tuple[list[Landed], list[Refused]]:
    """Land the files of a drop folder that were not landed before, oldest first. The files are left where they lie.

    At most FILES_A_LOOK and BYTES_A_LOOK are landed; of the rest each WAITS. ``only`` are the names to
    look at, where not all.

    A file counts as landed before when name, bytes and time of change are those of an earlier delivery: the same
    file sent again is heard again.
    """
    if not folder.is_dir() or folder.is_symlink():
        return [], [Refused(visible(folder.name, 200), "the drop folder is missing")]
    with locked(store.folder / "turns" / f"drop-{feed}"):  # the watcher and a run may look at once
        return _land_files(store, feed, _by_age(folder, only), run)


def _land_files(
    store: Store, feed: str, files: Iterable[tuple[Path, os.stat_result]], run: Run
) -> tuple[list[Landed], list[Refused]]:
    landed: list[Landed] = []
    refused: list[Refused] = []
    known = {(d.name, d.size, d.sender_mtime) for d in store.landing.deliveries(feed)}
    fresh = [
        (path, status.st_size, status.st_mtime)
        for path, status in files
        if (visible(path.name, 200), status.st_size, status.st_mtime) not in known
    ]
    taken_bytes = 0
    for place, (path, size, mtime) in enumerate(fresh):
        label = visible(path.name, 200)
        if landed and (len(landed) >= FILES_A_LOOK or taken_bytes + size > BYTES_A_LOOK):
            refused += [Refused(visible(later.name, 200), WAITS) for later, *_ in fresh[place:]]
            break
        body = read_still(path)
        if isinstance(body, str):
            refused.append(Refused(label, body))
            continue
        taken_bytes += size
        received_at = run.now()
        if landed:  # two files of one run are told apart, and keep their order, whatever the clock's grain
            received_at = max(received_at, landed[-1].received_at + timedelta(microseconds=1))
        new = store.landing.land(
            feed,
            body,
            received_at=received_at,
            landed_at=run.now(),
            name=label,
            run_id=run.run_id,
            sender_mtime=mtime,
        )
        if new:
            landed.append(new)
    return landed, refused


def files_in(folder: Path) -> dict[str, os.stat_result]:
    """What lies in a drop folder, by name: all but folders and what a program is still writing. Raises OSError."""
    found = {}
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False) and not entry.is_symlink():
            continue
        if not entry.name.startswith(UNFINISHED) and not entry.name.endswith(UNFINISHED_ENDS):
            with suppress(FileNotFoundError):  # gone again since it was listed
                found[entry.name] = entry.stat(follow_symlinks=False)
    return found


def _by_age(folder: Path, only: Collection[str] | None) -> list[tuple[Path, os.stat_result]]:
    found = [(folder / name, status) for name, status in files_in(folder).items() if only is None or name in only]
    return sorted(found, key=lambda item: (item[1].st_mtime, os.fsencode(item[0].name)))


def read_still(path: Path, settle_s: float = SETTLE_S) -> bytes | str:
    """The bytes of an ordinary file that nobody is writing to, or in words why it was not taken.

    Links, pipes and devices are refused without being opened for reading; the checks are made on the open
    file, so that it cannot be swapped in between.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:  # what Linux says of a link that is not to be followed
            return NO_FILE
        return f"cannot be opened ({os.strerror(error.errno or 0)}); give it as an ordinary readable file"
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            return NO_FILE
        if before.st_nlink != 1:
            return "has another name elsewhere (hard link); copy it instead"
        if before.st_size > FILE_BYTES_CAP:
            return f"is larger than {FILE_BYTES_CAP} bytes; split it"
        if is_open_for_writing(file.fileno()):
            return STILL_WRITTEN
        if time.time() - before.st_mtime < settle_s * 10:
            time.sleep(settle_s)
        body = file.read(before.st_size + 1)  # one more, so that it shows when there is more
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(body) != after.st_size:
        return STILL_WRITTEN
    return body


def is_open_for_writing(descriptor: int) -> bool:
    """Whether a process on this machine holds the file open for writing, as far as the kernel tells us.

    Linux gives a read lease on a file only when nobody has it open for writing. It gives none on files of other users
    (without CAP_LEASE) nor on most network disks: what it does not tell is taken as "no", and stillness decides.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # Who opens the file for writing while the lease is held makes the kernel signal us; of SIGIO we would die.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False
