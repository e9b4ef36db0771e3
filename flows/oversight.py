"""What an operator asks: is it healthy, what was refused and why, which words does nobody know."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from flows.commands import DEGRADED, DONE, feed_of, opened
from flows.console import Console, table
from flows.health import feed_rows, rows_of
from flows.parts import describe as describe_parts
from flows.sheets import emergency_page, newest_page
from flows.store import Run
from flows.telling import tell_status
from warehouse.states import describe


def status(arguments: argparse.Namespace, console: Console) -> int:
    """The state of the house in one screen."""
    settings, store = opened(arguments)
    now = datetime.now(UTC)
    if settings.is_demo and settings.demo_moment:
        now = settings.demo_moment  # the made-up town's clock stands still
    rows = feed_rows(settings, store, now)
    manifest = store.lake.manifest()
    sheet = newest_page(store, datetime.now(UTC))  # a sheet is made by the real clock, in the made-up town too
    emergency = emergency_page(store)
    free_bytes = store.free_bytes()
    parts = describe_parts(store)
    stale = [f for f, state in manifest.feeds.items() if state.settings_digest != settings.digest()]
    console.answer(
        {
            "municipality": settings.id,
            "data": store.folder,
            "feeds": rows,
            "lake": describe(manifest),
            "last_sheet": sheet,
            "emergency_sheet": emergency,
            "disk_free_bytes": free_bytes,
            "read_with_older_settings": stale,
            "parts": parts,
        }
    )
    columns = [
        "feed",
        "state",
        "last_received",
        "hours_silent",
        "deliveries",
        "quarantined",
        "seen",
        "accepted",
        "rejected",
        "known_before",
        "last_try",
    ]
    console.say(f"{settings.municipality.name} · data in {store.folder}", "", *table(rows, columns), "")
    for row in rows:
        if row["last_refused"]:
            console.say(f"{row['feed']}: not taken: {row['last_refused']}")
        if row["circuit"] != "closed":
            again = row["asked_again_from"]
            when = (
                f"rests until {again.astimezone(settings.timezone):%d %b %H.%M}" if again else "asked at the next run"
            )
            console.say(f"{row['feed']}: {row['failed_in_a_row']} runs in a row failed, {when}")
    console.say(f"lake: state {manifest.number}, {len(manifest.files)} files · disk free {free_bytes // 10**9} GB")
    console.say(f"last good sheet: {sheet or 'none yet'}")
    if emergency:
        console.say(f"in its place lies a nödblad, since no picture could be made: {emergency}")
    for part in parts:
        console.say(
            f"{part['part']}: {part['state']}" + ("; `lagesbild up` starts it" if part["state"] == "dead" else "")
        )
    if stale:
        console.say(f"read with other settings than today's: {', '.join(stale)}; `lagesbild rebuild` reads them anew")
    if arguments.mail:
        told = tell_status(store, settings, Run.start())
        for fault in told.faults:
            console.complain(f"not told: {fault}")
        if not told.news and not told.faults:
            console.complain('nobody in alarms.toml is told "status"; nothing was sent')
        console.say(f"{told.sent} messages sent")
    is_up = all(part["state"] == "up" for part in parts)
    return DONE if sheet and not emergency and is_up and all(row["state"] == "fresh" for row in rows) else DEGRADED


_REJECTS = """
SELECT source_id AS feed, reason, field, sum(record_count)::BIGINT AS records,
    count(DISTINCT (delivery_sha256, ingested_at)) AS deliveries, max(ingested_at) AS last_seen,
    any_value(detail ORDER BY detail) AS detail
FROM read_parquet($1, hive_partitioning => false)
WHERE $2 IS NULL OR source_id = $2
GROUP BY ALL ORDER BY feed, records DESC, reason, field
"""

_NOTICES = """
SELECT source_id AS feed, notice, field, detail, sum(record_count)::BIGINT AS records,
    count(DISTINCT (delivery_sha256, ingested_at)) AS deliveries, max(ingested_at) AS last_seen
FROM read_parquet($1, hive_partitioning => false)
WHERE $2 IS NULL OR source_id = $2
GROUP BY ALL ORDER BY feed, records DESC, notice, field, detail
"""

_SINGLE = """
SELECT source_id AS feed, ingested_at AS received, delivery_sha256[1:12] AS delivery, record_number AS record,
    reason, field, detail
FROM read_parquet($1, hive_partitioning => false)
WHERE $2 IS NULL OR source_id = $2
ORDER BY ingested_at DESC, delivery_sha256, record_number NULLS FIRST LIMIT $3
"""


def rejects(arguments: argparse.Namespace, console: Console) -> int:
    """What was refused (or noticed), by reason, and the newest single rows: which delivery, which record."""
    settings, store = opened(arguments)
    feed = feed_of(arguments, settings) if arguments.feed else None
    if arguments.notices:
        found, singles = rows_of(_NOTICES, store.lake.files("notice"), feed), []
        columns = ["feed", "notice", "field", "detail", "records", "deliveries", "last_seen"]
    else:
        files = store.lake.files("reject")
        found, singles = rows_of(_REJECTS, files, feed), rows_of(_SINGLE, files, feed, arguments.rows)
        columns = ["feed", "reason", "field", "records", "deliveries", "last_seen", "detail"]
    console.answer({"by_reason": found, "newest": singles})
    console.say(*(table(found, columns) if found else ["nothing"]))
    if singles:
        console.say("", "newest:", *table(singles, ["feed", "received", "delivery", "record", "reason", "field"]))
    return DONE


def words(arguments: argparse.Namespace, console: Console) -> int:
    """The words behind the fingerprints in a feed's notices, read from the landing zone for the operator's eyes.

    They are shown here and kept nowhere: a word nobody knows may be a name.
    """
    from connectors.kit import DeliveryError
    from flows.ingest import connector_of
    from flows.pending import landed_delivery

    settings, store = opened(arguments)
    feed = feed_of(arguments, settings)
    query = """SELECT DISTINCT notice, field, detail, delivery_sha256 AS sha, first_record_number AS record
        FROM read_parquet($1, hive_partitioning => false) WHERE source_id = $2 AND notice LIKE '%unmapped%'
        QUALIFY row_number() OVER (PARTITION BY notice, detail ORDER BY ingested_at DESC, delivery_sha256) = 1
        ORDER BY notice, detail"""
    spell = getattr(connector_of(settings.feeds[feed].kind), "spell", None)
    rows = rows_of(query, store.lake.files("notice"), feed)
    for row in rows:
        row["word"] = None
        delivery = landed_delivery(store, feed, row["sha"])
        if spell and delivery:
            try:
                row["word"] = spell(delivery, settings.context(feed), row["field"], row["detail"])
            except DeliveryError as error:
                row["word"] = f"({error.reason})"
    console.answer({"words": rows})
    console.say(*(table(rows, ["notice", "field", "word", "detail", "record"]) if rows else ["no unknown words"]))
    return DONE
