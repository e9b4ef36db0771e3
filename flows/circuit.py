"""A feed that fails again and again is asked more seldom, until one try succeeds.

Nothing is kept for it: the journal's tries say how many runs in a row have failed and when the last one was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from warehouse.landing import Attempt

#: Runs in a row. One or two are a bad night; the client has tried four times in each of them. Decided 2026-11-26.
OPEN_AFTER = 3
#: The first rest, doubled for each further failed try. A feed asked less often than that anyway notices nothing.
FIRST_REST = timedelta(hours=1)
#: Nobody waits longer than half a working day for a source that has come back; the night asks in any case.
LONGEST_REST = timedelta(hours=6)
#: Seconds a feed may take to be heard while it is not trusted: the others must not wait ten minutes for it each time.
PROBE_DEADLINE_S = 120.0

#: Why a feed was not asked, in the journal.
RESTING = "resting"
#: The cause of an attempt that took the most one look takes from a drop folder, and left files waiting.
FILES_WAIT = "files_wait"


@dataclass(frozen=True)
class Circuit:
    """closed: it is asked as ever. open: not before ``next_try_at``. half_open: the next try decides."""

    state: Literal["closed", "open", "half_open"]
    failures: int = 0  # runs in a row
    next_try_at: datetime | None = None


def circuit_of(attempts: Iterable[Attempt], now: datetime) -> Circuit:
    """The circuit of one feed from its tries, oldest first. Those that were skipped are no tries.

    A try that ended after ``now`` was made while the clock was wrong: it counts as a failure, not as a time to rest.
    """
    failures: list[Attempt] = []
    for attempt in attempts:
        if attempt.status == "failed":
            failures.append(attempt)
        elif attempt.status != "skipped":
            failures.clear()
    if len(failures) < OPEN_AFTER:
        return Circuit("closed", len(failures))
    rest = min(FIRST_REST * 2.0 ** min(len(failures) - OPEN_AFTER, 10), LONGEST_REST)
    last = failures[-1].ended_at
    next_try_at = last + rest
    is_open = last <= now < next_try_at
    return Circuit("open" if is_open else "half_open", len(failures), next_try_at if is_open else None)
