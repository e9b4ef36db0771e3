"""Which run of a job goes on when several are started: the kernel's locks, which neither kill nor server leaves set.

Prefect's own concurrency limits are not used. On SQLite a place was not given back when the database was locked at
the wrong moment, and its deployment stood still until the server was started anew (2026-11-26).
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flows.locks import held
from flows.store import Store
from warehouse.files import make_folder, write_bytes


@dataclass
class Place:
    """The place at the head of the line."""

    descriptor: int | None

    def begin(self) -> None:
        """Let the next run wait: from here on, what arrives may be too late for this one."""
        if self.descriptor is not None:
            fcntl.flock(self.descriptor, fcntl.LOCK_UN)


@contextmanager
def in_line(store: Store, job: str, *, is_shared: bool = True) -> Iterator[Place | None]:
    """A place for one run of ``job`` that has not begun; None where another has it.

    Whoever gets None may go: the one that waits has read nothing yet, and will see all that this run came for. So
    there is at most one run at work and one that waits, however many are started. A run that is wanted for itself
    (not ``is_shared``) waits without keeping anybody from waiting.
    """
    if not is_shared:
        yield Place(None)
        return
    with held(store.folder / "turns" / f"waiting-{job}") as descriptor:
        yield Place(descriptor) if descriptor is not None else None


@contextmanager
def only_one(store: Store, job: str) -> Iterator[bool]:
    """Be the only run of ``job``, from beginning to end; False where another is at it."""
    with held(store.folder / "turns" / f"running-{job}") as descriptor:
        yield descriptor is not None


def note_done(store: Store, job: str, began_at: datetime) -> None:
    """Keep when the last whole run of ``job`` began."""
    write_bytes(make_folder(store.folder / "turns") / f"done-{job}", began_at.isoformat().encode())


def is_done_since(store: Store, job: str, due_at: datetime) -> bool:
    """Whether a whole run of ``job`` began at or after ``due_at``: then what was due then has been done."""
    try:
        return datetime.fromisoformat((store.folder / "turns" / f"done-{job}").read_text()) >= due_at
    except (OSError, ValueError):
        return False
