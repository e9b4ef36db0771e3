"""A source's rate rules, kept on disk so that they hold over restarts and between processes.

One small JSON file per feed holds the moments of its latest calls and, where the source asked to be left
alone, until when. A lock beside it lets one call at a time through; the interval counts from the end of the
call before, so a slow transfer never makes the next one come too soon as the source sees it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

HOUR_S, DAY_S = 3_600.0, 86_400.0

#: The longest a source may bar us with Retry-After. No rule we know counts over more than a day, and a faulty
#: header must not silence a feed for a year.
LONGEST_HOLD_S = DAY_S

#: How often a taken lock is tried again, in seconds.
LOCK_POLL_S = 0.2

FEED_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class RateRules:
    """What a source allows: seconds between calls, calls in any hour, calls in any 24 hours."""

    min_interval_s: float
    per_hour: int
    per_day: int

    def __post_init__(self) -> None:
        if not (self.min_interval_s >= 0 and self.per_hour >= 1 and self.per_day >= 1):
            raise ValueError("rate rules: the interval must be ≥ 0 seconds, the counts at least one call")


@dataclass
class Budget:
    """Seconds one ``get`` may still spend on waiting and transferring.

    Counted down, not read off a clock: a clock that is set back must not lengthen it.
    """

    left_s: float

    def spend(self, seconds: float) -> None:
        self.left_s -= max(seconds, 0.0)


class NoTurn(Exception):
    """The rules leave no room for a call within the budget. ``retry_at`` says when they do (UTC)."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__("no call is allowed yet")
        self.retry_at = retry_at


@dataclass
class Turn:
    """A feed's calls of the last day and its source's "not before", in seconds since 1970 UTC."""

    calls: list[float] = field(default_factory=list)
    hold_until: float | None = None

    def hold(self, now: datetime, seconds: float) -> None:
        """Keep that the source asked to be left alone for ``seconds``; more than LONGEST_HOLD_S is not kept to."""
        self.hold_until = now.timestamp() + seconds


class Turns:
    """Hands out turns to call. ``now`` and ``sleep`` are the caller's clock."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._folder, self._now, self._sleep = folder, now, sleep

    @contextlib.contextmanager
    def turn(self, feed: str, rules: RateRules, budget: Budget) -> Iterator[Turn]:
        """Wait until ``feed`` may be called, and hold the turn for the body of the ``with``.

        The call is written down before it is made: one that dies half-way has still been made. Raises NoTurn
        when the wait does not fit into ``budget``, ValueError for a feed name that is no plain word.
        """
        if not FEED_NAME.fullmatch(feed):
            raise ValueError("feed: use lower-case letters, digits and _; it names a file")
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._locked(feed, budget):
            state = self._read(feed)
            if (wait_s := self._wait_s(state, rules)) > 0:
                if wait_s > budget.left_s:
                    self._write(feed, state)
                    raise NoTurn(self._now() + timedelta(seconds=wait_s))
                budget.spend(wait_s)
                self._sleep(wait_s)  # under the lock: nobody else can have called when it is over
            state.hold_until = None
            state.calls.append(self._now().timestamp())
            self._write(feed, state)
            try:
                yield state
            finally:
                state.calls[-1] = max(state.calls[-1], self._now().timestamp())
                self._write(feed, state)

    def _wait_s(self, state: Turn, rules: RateRules) -> float:
        """Seconds until the rules allow a call. Sets right what the state says of the future."""
        now = self._now().timestamp()
        # A call later than now: the clock was set back, or the file is damaged. The call was made, so it
        # counts, as if made this moment: the full interval is kept and a year 2999 does not bar the feed.
        state.calls = sorted(min(call, now) for call in state.calls if call > now - DAY_S)
        if state.hold_until is not None and not now < state.hold_until <= now + LONGEST_HOLD_S:
            state.hold_until = None
        waits = [0.0]
        if state.calls:
            waits.append(state.calls[-1] + rules.min_interval_s - now)
        for count, span_s in ((rules.per_hour, HOUR_S), (rules.per_day, DAY_S)):
            within = [call for call in state.calls if call > now - span_s]
            if len(within) >= count:
                waits.append(within[-count] + span_s - now)
        if state.hold_until is not None:
            waits.append(state.hold_until - now)
        return max(waits)

    @contextlib.contextmanager
    def _locked(self, feed: str, budget: Budget) -> Iterator[None]:
        """The feed's lock. The system frees it when its holder dies, so it cannot be left behind."""
        with (self._folder / f"{feed}.lock").open("a") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if budget.left_s < LOCK_POLL_S:
                        raise NoTurn(self._now() + timedelta(seconds=LOCK_POLL_S)) from None
                    budget.spend(LOCK_POLL_S)
                    self._sleep(LOCK_POLL_S)
            yield

    def _read(self, feed: str) -> Turn:
        path = self._folder / f"{feed}.json"
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            hold = kept["hold_until"]
            return Turn([float(call) for call in kept["calls"]], None if hold is None else float(hold))
        except FileNotFoundError:
            return Turn()
        except (ValueError, TypeError, KeyError, OverflowError):
            # A file nobody can read tells only that calls were made: the interval starts over.
            return Turn([self._now().timestamp()])

    def _write(self, feed: str, state: Turn) -> None:
        """Replace the file whole and make it last, so that a crash leaves the old one or the new one."""
        path = self._folder / f"{feed}.json"
        beside = path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"calls": state.calls, "hold_until": state.hold_until}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
