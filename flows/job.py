"""The house's work as plain functions: hear the feeds, fill the lake, make the picture.

The command line and the Prefect flows call these; whether a Prefect server is there changes who watches, not what
is done. One feed's fault never keeps the picture from coming out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from flows.circuit import PROBE_DEADLINE_S, RESTING, Circuit, circuit_of
from flows.deadline import TookTooLong, deadline
from flows.hear import hear
from flows.ingest import ingest_feed
from flows.make_picture import make_picture
from flows.results import FeedResult, RunResult, named
from flows.store import Run, Store
from warehouse.landing import Attempt

if TYPE_CHECKING:
    from flows.settings import Settings

#: Seconds one feed may take to be heard. The HTTP client allows itself 300 for one question with all its tries; this is
#: for what has no end of its own, such as a drop folder on a dead network disk. From 05.00 three feeds that hang leave
#: the sheet its time. Decided 2026-11-26.
HEAR_DEADLINE_S = 600.0


def collect_feed(store: Store, settings: Settings, feed: str, run: Run, *, is_probe: bool = True) -> FeedResult:
    """Hear one feed, land what it says, read it into the lake. Never raises for a fault of the feed's own.

    A feed whose circuit is open (circuit.py) is passed over unless ``is_probe``: the night, and somebody who asks by
    name, always try.
    """
    circuit = circuit_of(_last_tries(store, feed), run.now())
    if circuit.state == "open" and not is_probe:
        return _ingested(store, settings, feed, run, _passed_over(store, feed, run, circuit))
    run.progress(f"{feed}: asking")
    try:
        with deadline(HEAR_DEADLINE_S if circuit.state == "closed" else PROBE_DEADLINE_S):
            attempt = hear(store, settings, feed, run)
    except Exception as error:
        return _failed(store, run, FeedResult(feed, "failed"), error)
    result = FeedResult(feed, attempt.status, attempt.cause, attempt.detail)
    return _ingested(store, settings, feed, run, result)


def _last_tries(store: Store, feed: str) -> Iterator[Attempt]:
    """The feed's tries, oldest first, from the last one on that did not fail: no older one changes its circuit."""
    tries = []
    for attempt in store.landing.attempts_back(feed):
        tries.append(attempt)
        if attempt.status not in ("failed", "skipped"):
            break
    return reversed(tries)


def _passed_over(store: Store, feed: str, run: Run, circuit: Circuit) -> FeedResult:
    """A feed that rests, journalled: every run leaves an outcome."""
    assert circuit.next_try_at is not None
    until = circuit.next_try_at.isoformat(timespec="seconds")
    result = FeedResult(
        feed, "skipped", RESTING, f"{circuit.failures} runs in a row failed; it is asked again from {until}"
    )
    with suppress(OSError):
        _note(store, run, result)
    return result


def _note(store: Store, run: Run, result: FeedResult) -> None:
    now = run.now()
    store.landing.note_attempt(
        result.feed,
        run_id=run.run_id,
        started_at=now,
        ended_at=now,
        status=result.status,
        cause=result.cause,
        detail=result.detail,
    )


def read_feed(store: Store, settings: Settings, feed: str, run: Run) -> FeedResult:
    """Read what has landed from a feed into the lake, without asking the feed for more."""
    return _ingested(store, settings, feed, run, FeedResult(feed, "ok"))


def _ingested(store: Store, settings: Settings, feed: str, run: Run, result: FeedResult) -> FeedResult:
    try:
        result.ingested = ingest_feed(store, settings, feed, run)
    except Exception as error:
        return _failed(store, run, result, error)
    return result


def _failed(store: Store, run: Run, result: FeedResult, error: Exception) -> FeedResult:
    """The feed's failure, journalled. A fault in one connector must not take the others with it (fault O12).

    The message of a fault may hold what the delivery held, so only its kind and its place in our code are kept;
    of the operating system's own faults what the system says.
    """
    result.status = "failed"
    if isinstance(error, TookTooLong):
        result.cause = "timeout"
        result.detail = "not heard within its deadline; the others went on, a later run asks again"
    else:
        result.cause = "disk_fault" if isinstance(error, OSError) else "connector_fault"
        result.detail = named(error)
    with suppress(OSError):  # a full disk takes no journal line either; the answer of this run still tells of it
        _note(store, run, result)
    return result


def keep_house(store: Store, settings: Settings, run: Run, result: RunResult) -> None:
    """Erase the texts whose time is out, and tell ``result``. A fault here must not keep the sheet from coming out."""
    from flows.erasing import erase_withdrawn_texts

    try:
        result.erased_texts = erase_withdrawn_texts(store, settings, run)["notes"]
    except Exception as error:
        result.housekeeping_fault = named(error)


def run_all(
    store: Store, settings: Settings, run: Run, *, languages: Sequence[str] | None = None, notice: str = ""
) -> RunResult:
    """All feeds, the erasures that are due, then the picture as of now, with ``notice`` on the sheet."""
    result = RunResult(run.run_id)
    result.feeds = [collect_feed(store, settings, feed, run) for feed in settings.feeds]
    keep_house(store, settings, run, result)
    result.picture = make_picture(store, settings, run, run.now(), languages, notice=notice)
    return result
