"""The kernel's locks, waited for so long and no longer: free at once when their holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.files import FILE_MODE, make_folder

#: Seconds between two tries for a lock that somebody else holds.
TRY_AGAIN_S = 0.05


@contextmanager
def held(path: Path, wait_s: float = 0.0) -> Iterator[int | None]:
    """Hold the lock on the file ``path``, made where it is not there; yields its descriptor, or None where another
    still held it after ``wait_s`` seconds. Raises OSError."""
    make_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        yield descriptor if _taken(descriptor, time.monotonic() + wait_s) else None
    finally:
        os.close(descriptor)


def _taken(descriptor: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(TRY_AGAIN_S)
