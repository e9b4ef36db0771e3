"""The operator's morning mail: how every feed is, what came in the last day, the disk and the last good sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows.alarm_outbox import Outbox
from flows.alarms import Alarm, Teller
from flows.health import feed_rows, received_since
from flows.sheets import emergency_page, newest_sheet
from flows.store import Store

if TYPE_CHECKING:
    from flows.settings import Settings

_SIGNS = {"fresh": "●", "late": "▲", "down": "■", "never heard": "◇"}
_COUNTS = ("deliveries", "quarantined", "seen", "accepted", "rejected", "known_before")


def morning_mail(store: Store, settings: Settings, now: datetime, state: str) -> Alarm:
    """How the house is at ``now`` (UTC), as a message of kind ``status``. The same ``state`` is told once."""
    rows = feed_rows(settings, store, now)
    day = {row["feed"]: row for row in received_since(store, now)}
    free_bytes = store.free_bytes()
    waiting = len(Outbox(store.alarms).read()["waiting"])
    is_covered = emergency_page(store) is not None
    newest = newest_sheet(store, now)
    return as_message(Teller(settings, now), rows, day, newest, free_bytes, waiting, state, is_covered=is_covered)


def as_message(
    teller: Teller,
    rows: Sequence[dict[str, Any]],
    day: dict[str, dict[str, Any]],
    newest: datetime | None,
    free_bytes: int,
    waiting: int,
    state: str,
    *,
    is_covered: bool = False,
) -> Alarm:
    """The message; ``rows`` and ``day`` as ``health.feed_rows`` and ``health.received_since`` give them.

    ``is_covered``: a *nödblad* lies in the sheet's place.
    """
    fill = teller.fill
    lines = [_feed_line(teller, row, day.get(row["feed"])) for row in rows]
    tail = [
        fill("status.sheet", moment=teller.moment(newest)) if newest else fill("status.no_sheet"),
        *([fill("status.emergency")] if is_covered else []),
        fill("status.disk", free=teller.formats.number(free_bytes / 10**9, 1)),
        *([fill("status.waiting", count=waiting)] if waiting else []),
    ]
    title = fill(
        "status.title",
        day=teller.formats.day(teller.now.astimezone(teller.settings.timezone).date()),
        fresh=sum(row["state"] == "fresh" for row in rows),
        total=len(rows),
    )
    return Alarm("status", "", state, title, (fill("status.day"), *lines, *tail), repeats=False)


def _feed_line(teller: Teller, row: dict[str, Any], day: dict[str, Any] | None) -> str:
    fill, number = teller.fill, teller.formats.number
    heard = {"heard": teller.moment(row["last_received"])} if row.get("last_received") else {}
    said = (
        fill("status.counts", **{name: number(day[name] or 0) for name in _COUNTS}) if day else fill("status.nothing")
    )
    line = fill(
        "status.feed",
        sign=_SIGNS[row["state"]],
        feed=teller.title_of(row["feed"]),
        state=fill(f"status.{row['state']}", **heard),
        day=said,
    )
    held = (row.get("quarantined") or 0) - (day["quarantined"] if day else 0)
    more = [fill("status.held", count=number(held))] if held else []
    if row["last_cause"]:
        more.append(fill("status.cause", cause=teller.cause(row["last_cause"])))
    if row["circuit"] != "closed":
        more.append(fill("status.resting", count=row["failed_in_a_row"]))
    return " ".join([line, *more])
