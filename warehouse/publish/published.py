"""Which pictures lie published in a folder, newest first: only those asked for are opened, however many lie there."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.lookup import newest_first

#: The moment in a published picture. Inside a text of the data the quotes would be escaped.
_MOMENT = re.compile(rb'"moment_at":"([0-9T:.Z-]+)"')

#: The local minute in its file's name.
_NAMED = re.compile(r"_(\d{4}-\d\d-\d\d_\d{4})_")

#: How far the order of names may differ from that of moments, on nights the clock is changed: no zone moves it more.
APART = timedelta(hours=3)

#: How far a local minute may lie from the same minute in UTC.
OFFSET = timedelta(hours=14)


def published_back(folder: Path, until: datetime | None = None) -> Iterator[tuple[datetime, Path]]:
    """(moment in UTC, its ``picture_….json``) of the pictures published in ``folder``, the newest first.

    Those after ``until`` are left out. None where the folder is missing.
    """
    found = newest_first(_by_name(folder, until), APART)
    return ((at, path) for at, path in found if until is None or at <= until)


def _by_name(folder: Path, until: datetime | None) -> Iterator[tuple[datetime, Path]]:
    """In the order of the local minutes in their names, read as if they were UTC."""
    named = [(minute, path) for path in sorted(folder.glob("picture_*.json")) if (minute := _minute(path))]
    for minute, path in sorted(named, key=lambda one: one[0], reverse=True):
        if (until is None or minute <= until + OFFSET) and (at := _moment_in(path)):
            yield at, path


def _minute(path: Path) -> datetime | None:
    """What the name says; of a name that says nothing, what the picture does."""
    named = _NAMED.search(path.name)
    try:
        return datetime.strptime(f"{named[1]}+0000", "%Y-%m-%d_%H%M%z") if named else _moment_in(path)
    except ValueError:
        return _moment_in(path)


def _moment_in(path: Path) -> datetime | None:
    with path.open("rb") as file:
        try:
            body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:  # an empty file cannot be mapped
            return None
        with body:
            found = _MOMENT.search(body)
            return datetime.fromisoformat(found[1].decode()) if found else None
