"""The landing zone: every delivery as it was sent, and the journal of what came and what was tried.

Bytes stand under ``objects/<first two hex digits>/<sha256>``; ``journal.jsonl`` holds a line per delivery and per
attempt, in the order they happened. A delivery is durable here before anyone parses it. Nothing else in the
house is needed to make the lake again.

Several processes may write at once (a run, the watcher, the intake): entries are made under the kernel's lock on
``lock``, which is held for that entry, or that batch of an archive, and no longer. The writer's lock of a run is not
needed, so that a delivery need not wait for a run to end.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import pyarrow as pa

from warehouse.files import locked, write_bytes, write_many
from warehouse.journal import ATTEMPT, KINDS, Attempt, Entry, Erasure, Landed, Removal, parse, values_of
from warehouse.lookup import heads_back, lines_with
from warehouse.trail import append_chained

__all__ = ["ATTEMPT", "Arrival", "Attempt", "Entry", "Erasure", "Landed", "Landing", "Removal"]


@dataclass(frozen=True)
class Arrival:
    """A delivery to land: its bytes as sent, and what is known of them (see Landed)."""

    body: bytes
    received_at: datetime
    name: str
    media_type: str | None = None
    query: str | None = None
    sender_mtime: float | None = None


#: So many deliveries are looked for one by one among those landed before; for more, all are read.
FEW = 16

#: How far a clock may have been put back without an attempt being taken for an older one than it is.
CLOCK_SET_BACK = timedelta(days=30)


class Landing:
    """The landing zone in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal.jsonl"
        self.torn_lines = 0
        self.has_torn_tail = False
        self._entries: list[Entry] = []
        self._known: set[tuple[str, str, datetime]] = set()
        self._read_bytes = 0
        self._thread = threading.RLock()
        self._depth = 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one that writes here, in all processes and threads; what is asked inside is not yet stale."""
        with self._thread:
            if self._depth:
                yield
                return
            with locked(self.folder / "lock"):
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    def object_path(self, sha256: str) -> Path:
        return self.folder / "objects" / sha256[:2] / sha256

    def entries(self) -> list[Entry]:
        """All journal entries in order. A torn line is skipped and counted; a torn tail sets ``has_torn_tail``."""
        with self._thread:
            self._read_on()
        return self._entries

    def _read_on(self) -> None:
        """Take in what was written since; by one thread at a time, or both would take in the same."""
        if self.journal.exists():
            with self.journal.open("rb") as file:
                file.seek(self._read_bytes)
                self.has_torn_tail = False
                for line in file:
                    if not line.endswith(b"\n"):
                        self.has_torn_tail = True
                        break
                    self._read_bytes += len(line)
                    entry = parse(line)
                    if entry is None:
                        self.torn_lines += 1
                        continue
                    self._entries.append(entry)
                    if isinstance(entry, Landed):
                        self._known.add((entry.feed, entry.sha256, entry.received_at))

    def deliveries(self, feed: str, after_seq: int = 0) -> list[Landed]:
        """The feed's deliveries with a journal number above ``after_seq``, in journal order."""
        if not after_seq:
            if self._read_bytes:  # who has read the journal once reads on
                return [e for e in self.entries() if isinstance(e, Landed) and e.feed == feed]
            return [entry for entry in self._of(feed, "delivery") if isinstance(entry, Landed)]
        newest_first = takewhile(lambda found: found[1] > after_seq, heads_back(self.journal))
        lines = [line for kind, _, source, line in newest_first if (kind, source) == ("delivery", feed)]
        return [entry for line in reversed(lines) if isinstance(entry := parse(line), Landed)]

    def named(self, feed: str, name: str) -> Iterator[Landed]:
        """The feed's deliveries of that name, in journal order."""
        found = (parse(line) for line in lines_with(self.journal, json.dumps(name).encode()))
        return (one for one in found if isinstance(one, Landed) and (one.feed, one.name) == (feed, name))

    def first_attempt(self, feed: str) -> Attempt | None:
        """The first time the feed was asked here; None where it never was."""
        return next((entry for entry in self._of(feed, "attempt") if isinstance(entry, Attempt)), None)

    def _of(self, feed: str, kind: str) -> Iterator[Entry]:
        """The feed's entries of a kind, in journal order; of the other entries as few as can be are taken apart."""
        others = tuple(b'{"kind":"%s",' % other.encode() for other in KINDS if other != kind)
        for line in lines_with(self.journal, b'"%s"' % feed.encode()):
            if not line.startswith(others) and (entry := parse(line)) and entry.feed == feed:
                yield entry

    def delivery(self, seq: int) -> Landed | None:
        """The delivery of a journal number; None where it is none's."""
        found = (parse(line) for line in lines_with(self.journal, b'"seq":%d,' % seq))
        return next((entry for entry in found if isinstance(entry, Landed) and entry.seq == seq), None)

    def attempts(self) -> Iterator[Attempt]:
        return (e for e in self.entries() if isinstance(e, Attempt))

    def attempts_back(self, feed: str | None = None) -> Iterator[Attempt]:
        """The attempts, of one feed or all, newest first: for who need not know all of them."""
        for kind, _, source, line in heads_back(self.journal):
            if kind == "attempt" and feed in (None, source) and isinstance(entry := parse(line), Attempt):
                yield entry

    def erasures(self) -> dict[str, str]:
        """Hash of the object as sent → hash of what stands in its place now."""
        found = (parse(line) for line in lines_with(self.journal, b'"kind":"erasure"'))
        return {entry.sha256: entry.replaced_by for entry in found if isinstance(entry, Erasure)}

    def _is_known(self, *key: object) -> bool:
        """Whether a delivery of this feed, hash and time of receipt landed before."""
        found = (parse(line) for line in lines_with(self.journal, str(key[1]).encode()))
        return any(isinstance(one, Landed) and (one.feed, one.sha256, one.received_at) == key for one in found)

    def land(
        self,
        feed: str,
        body: bytes,
        *,
        received_at: datetime,
        landed_at: datetime,
        name: str,
        run_id: str,
        media_type: str | None = None,
        query: str | None = None,
        sender_mtime: float | None = None,
    ) -> Landed | None:
        """Store a delivery and journal it; durable on return.

        Returns None when the same bytes with the same time of receipt stand in the journal already, so that
        reading an archive twice, or after a kill, changes nothing.
        """
        arrival = Arrival(body, received_at, name, media_type, query, sender_mtime)
        return self.land_all(feed, [arrival], landed_at=landed_at, run_id=run_id)[0]

    def land_all(
        self, feed: str, arrivals: Sequence[Arrival], *, landed_at: datetime, run_id: str
    ) -> list[Landed | None]:
        """Store deliveries and journal them, in the order given; all durable on return. See ``land`` for None.

        The journal names them once all their bytes are durable. Cut short, it names the first of them or none, so
        that the same again lands the rest.
        """
        answers: list[Landed | None] = []
        bodies: dict[Path, bytes] = {}
        told = set()
        with self.alone():
            seq = self.last_seq()
            if is_many := len(arrivals) > FEW:
                self.entries()
            for one in arrivals:
                sha256 = hashlib.sha256(one.body).hexdigest()
                received_at = one.received_at.astimezone(UTC)
                key = (feed, sha256, received_at)
                if key in told or (key in self._known if is_many else self._is_known(*key)):
                    answers.append(None)
                    continue
                told.add(key)
                if not (target := self.object_path(sha256)).exists():
                    bodies[target] = one.body
                seq += 1
                landed = Landed(
                    seq,
                    feed,
                    sha256,
                    len(one.body),
                    received_at,
                    landed_at.astimezone(UTC),
                    one.name,
                    run_id,
                    one.media_type,
                    one.query,
                    one.sender_mtime,
                )
                answers.append(landed)
            write_many(bodies)
            if told:
                self.note("delivery", [landed for landed in answers if landed])
        return answers

    def note_attempt(self, feed: str, **values: Any) -> Attempt:
        """Journal what came of asking a feed."""
        with self.alone():
            attempt = Attempt(self._next_seq(), feed, **values)
            self.note("attempt", [attempt])
        return attempt

    def note_erasure(self, feed: str, sha256: str, body: bytes, *, erased_at: datetime, text_count: int) -> Erasure:
        """Put ``body`` in the place of the object ``sha256``, whose bytes are then removed for good."""
        replaced_by = hashlib.sha256(body).hexdigest()
        with self.alone():
            write_bytes(self.object_path(replaced_by), body)
            erasure = Erasure(self._next_seq(), feed, sha256, replaced_by, erased_at.astimezone(UTC), text_count)
            self.note("erasure", [erasure])
            self.object_path(sha256).unlink(missing_ok=True)
        return erasure

    def removals(self) -> set[tuple[str, str, datetime]]:
        """(feed, hash, time of receipt) of the deliveries whose bytes were erased since their time was out."""
        found = (parse(line) for line in lines_with(self.journal, b'"kind":"removal"'))
        return {(one.feed, one.sha256, one.received_at) for one in found if isinstance(one, Removal)}

    def attempt_table(self, until_seq: int | None = None, since: datetime | None = None) -> pa.Table:
        """The attempts as a table with the columns of ATTEMPT: up to the journal number where one is given, and from
        those on that began at ``since``; of a clock that was put back by less than CLOCK_SET_BACK none is lacking.
        """
        if since:
            back = takewhile(lambda a: a.started_at >= since - CLOCK_SET_BACK, self.attempts_back())
            attempts: Iterable[Attempt] = reversed(list(back))
        else:
            attempts = self.attempts()
        rows = [
            {"source_id": a.feed} | {name: getattr(a, name) for name in ATTEMPT.names if name != "source_id"}
            for a in attempts
            if until_seq is None or a.seq <= until_seq
        ]
        return pa.Table.from_pylist(rows, schema=ATTEMPT)

    def last_seq(self) -> int:
        """The last journal number; 0 before the first."""
        return next((seq for _, seq, _, _ in heads_back(self.journal)), 0)

    def _next_seq(self) -> int:
        return self.last_seq() + 1

    def note(self, kind: str, entries: Sequence[Entry]) -> None:
        """Journal the entries, numbered from ``last_seq`` on by the caller, who is ``alone``; durable on return."""
        append_chained(self.journal, [values_of(kind, entry) for entry in entries])
