"""What is behind, and catching up with it: deliveries landed and not read, feeds not asked lately, a picture overtaken.

Plain functions for the holder of the writer's lock; the flows and the command line say when.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from flows.cut import Cut, languages_of
from flows.job import collect_feed, read_feed
from flows.make_picture import make_picture
from flows.pending import has_unread
from flows.results import FeedResult, PictureResult, RunResult
from flows.sheets import newest_sheet
from flows.store import Run, Store
from warehouse.landing import CLOCK_SET_BACK

if TYPE_CHECKING:
    from flows.settings import Settings

#: A briefing asks a source again when its last answer is older than this. Somebody who presses the button twice is
#: not a reason to ask the police twice, and two people before one meeting press within minutes. Decided 2026-11-26.
ASKED_LATELY = timedelta(minutes=10)

#: Nobody's deliveries are older: a year before it is a slip, and a year with two digits cannot be put into local time.
#: Decided 2026-11-27.
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


def read_landed(store: Store, settings: Settings, run: Run) -> list[FeedResult]:
    """Read what has landed and was not read yet; one result for each feed that had something, none asked for more."""
    return [read_feed(store, settings, feed, run) for feed in settings.feeds if has_unread(store, feed)]


def refresh_stale(
    store: Store,
    settings: Settings,
    run: Run,
    collect: Callable[[str], FeedResult] | None = None,
) -> list[FeedResult]:
    """Ask the feeds whose last answer is older than ASKED_LATELY, and read what landed of the others.

    A drop folder costs nobody anything and is always looked into. A source's own rules of use hold as ever: where
    they leave no room the feed's result says so and the picture goes on without. ``collect`` asks one feed, by
    default plainly.
    """
    collect = collect or (lambda feed: collect_feed(store, settings, feed, run, is_probe=False))
    results = []
    for name, feed in settings.feeds.items():
        at = _answered_at(store, name, run.now()) if feed.url else None
        if feed.url is None or at is None or run.now() - at >= ASKED_LATELY:
            results.append(collect(name))
        elif has_unread(store, name):
            results.append(read_feed(store, settings, name, run))
    return results


def _answered_at(store: Store, feed: str, now: datetime) -> datetime | None:
    """When the feed answered last; None where it did not of late, or never."""
    tries = takewhile(lambda a: a.started_at >= now - ASKED_LATELY - CLOCK_SET_BACK, store.landing.attempts_back(feed))
    return next((a.ended_at for a in tries if a.status in ("ok", "nothing_new")), None)


def brief(
    store: Store,
    settings: Settings,
    run: Run,
    cut: Cut,
    moment: datetime | None = None,
    language: str | None = None,
    *,
    collect: Callable[[str], FeedResult] | None = None,
    picture: Callable[[datetime, list[str]], PictureResult] | None = None,
) -> RunResult:
    """A sheet for a meeting: of ``moment`` (UTC), or of now after asking the feeds that are stale.

    ``collect`` asks one feed and ``picture`` makes the sheet, by default plainly; a flow lets a server record them.
    """
    result = RunResult(run.run_id)
    if moment is None:
        result.feeds = refresh_stale(store, settings, run, collect)
    languages = languages_of(settings, cut, language)
    made = picture or (
        lambda at, langs: make_picture(store, settings, run, at, langs, is_past=moment is not None, cut=cut)
    )
    result.picture = made(moment or run.now(), languages)
    return result


def past_moment(moment: datetime | None, now: datetime) -> datetime | None:
    """``moment`` in UTC. Raises ValueError where it has no offset, has not come yet, or is before FIRST_MOMENT."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("give the moment with its offset from UTC, as in 2026-10-10T06:00:00+02:00")
    if moment < FIRST_MOMENT:
        raise ValueError(f"{moment.isoformat()}: nothing was received before {FIRST_MOMENT.year}; is the year right?")
    if moment > now:
        raise ValueError(f"{moment.isoformat()}: that moment has not come yet")
    return moment.astimezone(UTC)


def is_overtaken(store: Store, now: datetime) -> bool:
    """Whether the lake says something else than the newest picture was made of, or there is no picture yet.

    Lake and picture are written under the same lock, so a state written after the picture's moment is not in it.
    """
    newest = newest_sheet(store, now)
    written_at = store.lake.manifest().written_at
    return newest is None or bool(written_at and datetime.fromisoformat(written_at) > newest)


def wait_out(asked_at: datetime | None, window_s: float, run: Run, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until ``window_s`` after ``asked_at``: what else arrives by then is taken in the same round.

    The trigger that asked is deaf for as long (``within`` in prefect.yaml), so who did not wait would miss what
    came in between. An ``asked_at`` in the future is a clock gone wrong and waits no longer than the window.
    """
    if asked_at is not None:
        left = window_s - (run.now() - asked_at).total_seconds()
        if left > 0:
            sleep(min(left, window_s))
