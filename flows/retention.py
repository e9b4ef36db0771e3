"""Retention of landed bytes: a feed that sets ``landed_days`` keeps what was sent to it no longer than that.

What the lake made of a delivery stands, and so do its hash, its name and its times in the journal; the bytes go. Each
is journalled before it goes, so that a rebuild, a picture of the past and ``doctor`` know it for erased, not for lost.
A feed is erased from its oldest delivery on, never past one that is not read yet nor past the last one accepted, which
the next one is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flows.pending import has_unread
from flows.store import Run, Store
from warehouse.removal import key_of, remove_before, sweep_removed, unremoved

if TYPE_CHECKING:
    from flows.settings import FeedSettings, Settings

#: Days beyond its limit at which bytes that still stand are a fault: the job runs once a week, and may miss a Sunday.
OVERDUE_DAYS = 15


def erase_old_bytes(store: Store, settings: Settings, run: Run) -> dict[str, int]:
    """Erase the landed bytes whose feed's time for them is out; how many deliveries. For the holder of the lock."""
    count = 0
    for feed in settings.feeds.values():
        before = _limit(store, feed, run.now())
        if before is None:
            continue
        if has_unread(store, feed.feed):
            run.progress(f"{feed.feed}: some deliveries are not read yet; nothing of it is erased until they are")
            continue
        count += len(remove_before(store.landing, feed.feed, before, removed_at=run.now()))
    sweep_removed(store.landing)
    return {"landed_erased": count}


def retention_findings(store: Store, settings: Settings, now: datetime) -> Iterator[tuple[bool, str]]:
    """(is it a fault, what was found) of each feed that limits how long its bytes are kept."""
    removed = store.landing.removals()
    for feed in settings.feeds.values():
        if feed.landed_days is None:
            continue
        gone = [key for key in removed if key[0] == feed.feed]
        before = _limit(store, feed, now - timedelta(days=OVERDUE_DAYS))
        overdue = [
            one
            for one in store.landing.deliveries(feed.feed)
            if before and one.received_at < before and key_of(one) not in removed
        ]
        newest = f", the newest of {max(key[2] for key in gone):%Y-%m-%d}" if gone else ""
        yield (
            bool(overdue),
            f"retention: {feed.feed}: landed bytes are kept {feed.landed_days} days; those of {len(gone)} deliveries"
            f" are erased{newest}; {len(overdue)} stand beyond their time"
            + ("; run `lagesbild run`, so that all are read, and `lagesbild housekeeping`" if overdue else ""),
        )
    if left := unremoved(store.landing):
        yield True, f"retention: {len(left)} objects that are journalled as erased still stand; run housekeeping"


def _limit(store: Store, feed: FeedSettings, now: datetime) -> datetime | None:
    """Deliveries received before this moment go; None where the feed keeps all of them."""
    if feed.landed_days is None:
        return None
    state = store.lake.manifest().feeds.get(feed.feed)
    last = store.landing.delivery(state.last_accepted_seq) if state and state.last_accepted_seq else None
    limit = now - timedelta(days=feed.landed_days)
    return min(limit, last.received_at) if last else limit
