"""A sheet whose time is out says so: on the page that lies under the name everybody opens, once nothing newer has come.

The sheet holds no script, so the page itself cannot know what hour it is read at. Where it is kept, somebody is up all
day: the watcher. A print, and a page sent on, have their *Gäller till* alone.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, tzinfo
from pathlib import Path

from flows.sheets import newest_picture
from flows.store import Store
from warehouse.files import write_bytes
from warehouse.publish.words import words

#: Stands in a page that says so already.
MARK = b'<p id="stale"'

_LOOK = "background:#000;color:#fff;padding:.5em .8em;font-weight:bold"


class Freshness:
    """Looks after the newest sheet's pages; cheap to ask every minute, since they are read when they have changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: tuple[int, ...] = ()
        self._valid_until: datetime | None = None
        self._hash = b""

    def look(self, now: datetime, zone: tzinfo) -> int:
        """Mark the pages whose time is out at ``now``; returns how many. Raises OSError where the disk refuses."""
        pages = sorted(self._store.published.glob("latest*.html"))
        if (seen := tuple(page.stat().st_mtime_ns for page in pages)) != self._seen:
            self._seen = seen
            newest = newest_picture(self._store, now)
            picture = json.loads(newest[1].read_bytes()) if newest else None
            self._hash = picture["picture_hash"].encode() if picture else b""
            self._valid_until = datetime.fromisoformat(picture["head"]["valid_until_at"]) if picture else None
        if self._valid_until is None or now < self._valid_until:
            return 0
        return sum(self._mark(page, self._valid_until.astimezone(zone)) for page in pages)

    def _mark(self, page: Path, until: datetime) -> bool:
        body = page.read_bytes()
        # A *nödblad* in the sheet's place, and a page of another picture, say what they are themselves.
        if MARK in body or self._hash not in body:
            return False
        said = words("en" if b'<html lang="en"' in body else "sv")
        told = f"{said['stale.title']} {said.fill('stale.told', when=f'{until:%Y-%m-%d %H.%M}')}"
        line = f'{MARK.decode()} role="status" style="{_LOOK}">{told}</p>'
        marked = re.sub(rb"<main[^>]*>", lambda main: main[0] + line.encode(), body, count=1)
        write_bytes(page, marked)
        return True
