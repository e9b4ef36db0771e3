"""How each feed is: what came, what became of it, and how long it has been silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.store import Store
from warehouse.connection import connect

if TYPE_CHECKING:
    from flows.settings import Settings

_DELIVERIES = """
SELECT source_id AS feed, count(*) AS deliveries, max(ingested_at) FILTER (disposition = 'accepted') AS last_received,
    max(newest_event_at) AS newest_event, sum(seen_count)::BIGINT AS seen, sum(accepted_count)::BIGINT AS accepted,
    sum(rejected_count)::BIGINT AS rejected, sum(duplicate_count)::BIGINT AS known_before,
    count(*) FILTER (disposition = 'quarantined') AS quarantined
FROM read_parquet($1, hive_partitioning => false) GROUP BY source_id
"""


def rows_of(query: str, files: Sequence[Path], *values: Any) -> list[dict[str, Any]]:
    """The query's rows over the given Parquet files ($1) and values; no rows where there is no file."""
    if not files:
        return []
    with connect() as con:
        cursor = con.execute(query, [[str(path) for path in files], *values])
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def feed_rows(settings: Settings, store: Store, now: datetime) -> list[dict[str, Any]]:
    """One row per feed of the settings: what came, what became of it, how long it has been silent, in hours."""
    heard = {row["feed"]: row for row in rows_of(_DELIVERIES, store.lake.files("delivery"))}
    last_tries = {attempt.feed: attempt for attempt in store.landing.attempts()}
    rows = []
    for feed in settings.feeds.values():
        row: dict[str, Any] = {"feed": feed.feed, "state": "never heard", **heard.get(feed.feed, {})}
        if row.get("last_received"):
            silent = (now - row["last_received"]).total_seconds() / 3600
            row["hours_silent"] = round(silent, 1)
            row["state"] = (
                "down" if silent > feed.down_after_hours else "late" if silent > feed.late_after_hours else "fresh"
            )
        attempt = last_tries.get(feed.feed)
        row["last_cause"] = attempt.cause if attempt and attempt.status == "failed" else None
        row["last_try"] = f"{attempt.status} {attempt.cause or ''}".strip() if attempt else None
        rows.append(row)
    return rows
