"""How each feed is: what came, what became of it, and how long it has been silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.circuit import FILES_WAIT, circuit_of
from flows.store import Store
from warehouse.connection import connect
from warehouse.landing import CLOCK_SET_BACK, Attempt

if TYPE_CHECKING:
    from flows.settings import Settings

_DELIVERIES = """
SELECT source_id AS feed, count(*) AS deliveries, max(ingested_at) FILTER (disposition = 'accepted') AS last_received,
    max(newest_event_at) AS newest_event, sum(seen_count)::BIGINT AS seen, sum(accepted_count)::BIGINT AS accepted,
    sum(rejected_count)::BIGINT AS rejected, sum(duplicate_count)::BIGINT AS known_before,
    count(*) FILTER (disposition = 'quarantined') AS quarantined
FROM read_parquet($1, hive_partitioning => false) WHERE ingested_at > $2 AND ingested_at <= $3 GROUP BY source_id
"""
BEGINNING, END = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def rows_of(query: str, files: Sequence[Path], *values: Any) -> list[dict[str, Any]]:
    """The query's rows over the given Parquet files ($1) and values; no rows where there is no file."""
    if not files:
        return []
    with connect() as con:
        cursor = con.execute(query, [[str(path) for path in files], *values])
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def received_since(store: Store, now: datetime, span: timedelta = timedelta(hours=24)) -> list[dict[str, Any]]:
    """One row per feed that something was received from in the ``span`` before ``now`` (UTC): what became of it."""
    return rows_of(_DELIVERIES, store.lake.files("delivery"), now - span, now)


def is_sign_of_life(attempt: Attempt) -> bool:
    """Whether the source answered and had nothing new."""
    return attempt.status == "nothing_new" and 200 <= (attempt.http_status or 0) < 400


def feed_rows(settings: Settings, store: Store, now: datetime) -> list[dict[str, Any]]:
    """One row per feed of the settings: what came, what became of it, how long it has been silent, in hours.

    ``listening_since`` is when the feed was first asked here, ``accepted_last_day`` how many records were accepted in
    the last 24 hours; None where it was not, or none came.
    """
    heard = {row["feed"]: row for row in rows_of(_DELIVERIES, store.lake.files("delivery"), BEGINNING, END)}
    day = {row["feed"]: row["accepted"] for row in received_since(store, now)}
    rows = []
    for feed in settings.feeds.values():
        row: dict[str, Any] = {"feed": feed.feed, "state": "never heard", **heard.get(feed.feed, {})}
        tries, alive_at = _last_tries(store, feed.feed, row.get("last_received"), now)
        # An answer with nothing new in it is a sign of life too, on the sheet as here (core.feed_state).
        if alive_at and (row.get("last_received") is None or alive_at > row["last_received"]):
            row["last_received"] = alive_at
        first = store.landing.first_attempt(feed.feed)
        row |= {"listening_since": first and first.started_at, "accepted_last_day": day.get(feed.feed)}
        if row.get("last_received"):
            silent = (now - row["last_received"]).total_seconds() / 3600
            row["hours_silent"] = round(silent, 1)
            row["state"] = (
                "down" if silent > feed.down_after_hours else "late" if silent > feed.late_after_hours else "fresh"
            )
        last = tries[0] if tries else None
        row["last_cause"] = last.cause if last and last.status == "failed" else None
        row["last_refused"] = last.detail if last and last.cause in ("file_refused", FILES_WAIT) else None
        row["last_try"] = f"{last.status} {last.cause or ''}".strip() if last else None
        circuit = circuit_of(reversed(tries), now)
        row |= {"circuit": circuit.state, "failed_in_a_row": circuit.failures, "asked_again_from": circuit.next_try_at}
        rows.append(row)
    return rows


def _last_tries(
    store: Store, feed: str, received_at: datetime | None, now: datetime
) -> tuple[list[Attempt], datetime | None]:
    """The feed's tries that were not passed over, newest first, as far back as its circuit and signs of life need them;
    and the start of the last one that is a sign of life, None where there was none since ``received_at``."""
    tries: list[Attempt] = []
    alive_at = None
    has_answered = False
    for attempt in store.landing.attempts_back(feed):
        if attempt.status == "skipped":
            continue
        tries.append(attempt)
        has_answered = has_answered or attempt.status != "failed"
        if alive_at is None and is_sign_of_life(attempt) and attempt.started_at <= now:
            alive_at = attempt.started_at
        is_older = received_at is not None and attempt.started_at < received_at - CLOCK_SET_BACK
        if has_answered and (alive_at or is_older):
            break
    return tries, alive_at
