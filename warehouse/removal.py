"""Erasing landed bytes whose time is out: journalled first, so that nobody takes what is gone for lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from warehouse.journal import Landed, Removal, stood_for
from warehouse.landing import Landing


def remove_before(landing: Landing, feed: str, before: datetime, *, removed_at: datetime) -> list[Removal]:
    """Journal that the bytes of the feed's deliveries received before a moment are erased, and erase them.

    Bytes that another delivery consists of too stay for it. Killed in between, ``sweep_removed`` goes on.
    """
    with landing.alone():
        removed, seq = landing.removals(), landing.last_seq()
        old = [one for one in landing.deliveries(feed) if one.received_at < before and key_of(one) not in removed]
        gone = [
            Removal(seq + number, feed, one.sha256, one.received_at, removed_at.astimezone(UTC))
            for number, one in enumerate(old, start=1)
        ]
        if gone:
            landing.note("removal", gone)
            sweep_removed(landing)
    return gone


def key_of(landed: Landed) -> tuple[str, str, datetime]:
    """What ``Landing.removals`` knows a delivery by."""
    return landed.feed, landed.sha256, landed.received_at


def unremoved(landing: Landing) -> list[Path]:
    """The objects that stand though every delivery that consists of them is journalled as erased."""
    removed, erasures = landing.removals(), landing.erasures()
    if not removed:
        return []
    kept, doomed = set[str](), set[str]()
    for one in landing.entries():
        if isinstance(one, Landed):
            (doomed if key_of(one) in removed else kept).update(stood_for(one.sha256, erasures))
    return [path for sha in sorted(doomed - kept) if (path := landing.object_path(sha)).exists()]


def sweep_removed(landing: Landing) -> int:
    """Erase what is journalled as erased and stands still; returns how many objects."""
    with landing.alone():
        paths = unremoved(landing)
        for path in paths:
            path.unlink(missing_ok=True)
    return len(paths)
