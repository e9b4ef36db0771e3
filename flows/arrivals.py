"""What follows when something has arrived: an event on the server, told until the server has taken it."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress

from flows.events import LANDED, emit, feed_resource


class Untold:
    """Deliveries that landed and of which no server knows yet, counted by feed. Safe to use from several threads.

    Nothing is lost when it is forgotten by a kill: what has landed is read at the feed's own rhythm.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, feed: str, count: int) -> None:
        with self._lock:
            self._counts[feed] += count

    def tell(self) -> bool:
        """Tell the server of each; True when there is nothing left to tell. Takes seconds where it does not answer."""
        with self._lock:
            waiting = dict(self._counts)
        for feed, count in waiting.items():
            if not emit(LANDED, feed_resource(feed), deliveries=count):
                return False
            with self._lock:
                self._counts[feed] -= count
                if not self._counts[feed]:
                    del self._counts[feed]
        return True


def keep_telling(untold: Untold, has_come: threading.Event, stops: threading.Event, pause_s: float = 10.0) -> None:
    """Tell when ``has_come`` is set, and every ``pause_s`` seconds what could not be told; until ``stops``."""
    while not stops.is_set():
        has_come.wait(pause_s)
        has_come.clear()
        with suppress(OSError):
            untold.tell()
