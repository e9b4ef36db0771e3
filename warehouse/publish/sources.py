"""Section 1 as ready texts: each feed, whether it was heard, and what became of its records."""

from __future__ import annotations

from datetime import datetime, timedelta

from warehouse.publish.formats import UNKNOWN
from warehouse.publish.sections import Row, Writer

#: Rows on the front page; with more than these an A4 page no longer holds every section (tried in print).
SOURCES_IN_FRONT = 7

_STATUS_SIGNS = {"fresh": "●", "late": "▲", "down": "■", "never": "◇"}


def source_rows(writer: Writer) -> list[Row]:
    """Section 1: one row per feed."""
    return [_source(writer, row) for row in writer.picture["source"]]


def _source(writer: Writer, row: Row) -> Row:
    f, w = writer.formats, writer.words
    counts = [row[f"{kind}_count"] for kind in ("seen", "accepted", "rejected")]
    is_unknown = all(count is None for count in counts)
    return {
        "query_id": row["query_id"],
        "status": row["status"],
        "sign": _STATUS_SIGNS[row["status"]],
        "word": w[f"status.{row['status']}"],
        "title": f.pick(row, "title"),
        "owner": row["owner_org"],
        # A source of warnings that is well is told of in section 7 too, by what it says.
        "may_stand_behind": row["role"] == "warning" and row["status"] == "fresh",
        "heard": w["unknown"] if row["last_received_at"] is None else f.moment(row["last_received_at"], writer.today),
        "event": w["unknown"] if row["last_event_at"] is None else f.moment(row["last_event_at"], writer.today),
        "counts": f"{UNKNOWN} {w['unknown']}"
        if is_unknown
        else "–".join(w["unknown_short"] if count is None else f.number(count) for count in counts),
        "expected": w["unknown_short"]
        if row["expected_low"] is None or row["expected_high"] is None
        else f.interval(row["expected_low"], row["expected_high"]),
        "is_warned": bool(row["is_below_expected"] or row["is_above_expected"] or row["is_possible_loss"]),
        "remarks": _remarks(writer, row),
    }


def _remarks(writer: Writer, row: Row) -> list[str]:
    f, w = writer.formats, writer.words
    remarks = []
    if row["status"] in ("late", "down") and row["hours_silent"] is not None:
        remarks.append(w.fill("source.silent", hours=f.duration(row["hours_silent"])))
    if row["status"] != "fresh" and row["last_cause"]:
        remarks.append(w.fill("source.cause", cause=str(w.known("cause", row["last_cause"]))))
    for flag, key in (
        ("is_possible_loss", "loss"),
        ("is_frozen", "frozen"),
        ("is_below_expected", "below"),
        ("is_above_expected", "above"),
    ):
        # Where nothing is known of the records, nothing can be said of how many they ought to be.
        if row[flag] and (key in ("loss", "frozen") or row["seen_count"] is not None):
            remarks.append(w[f"source.{key}"])
    for kind in ("quarantined", "duplicate"):
        if row[f"{kind}_count"]:
            key = "quarantined" if kind == "quarantined" else "duplicates"
            remarks.append(w.fill(f"source.{key}", count=f.number(row[f"{kind}_count"])))
    if row["notice_count"]:
        remarks.append(w.fill("source.notices", count=f.number(row["notice_count"])))
    if row["role"] == "police":
        remarks.append(w["source.alarm"])
    return remarks


def trust(writer: Writer) -> str:
    """One sentence before the sources: how far to trust the silence."""
    statuses = [row["status"] for row in writer.picture["source"]]
    total, stale = len(statuses), sum(status != "fresh" for status in statuses)
    if not total:
        return writer.words["source.none_configured"]
    if not stale:
        return writer.words.fill("source.all_fresh", total=str(total))
    if stale == total:
        return writer.words["source.all_down"]
    return writer.words.fill("source.some_down", count=str(stale), total=str(total))


def sources_in_front(sources: list[Row]) -> list[Row]:
    """Return the feeds for the front page, all of them if they fit, else the troubled ones first."""
    if len(sources) > SOURCES_IN_FRONT:
        sources = [row for row in sources if not row["may_stand_behind"]] or sources
    if len(sources) <= SOURCES_IN_FRONT:
        return sources
    gravity = {"down": 0, "never": 1, "late": 2, "fresh": 3}
    return sorted(sources, key=lambda row: (gravity[row["status"]], not row["is_warned"]))[:SOURCES_IN_FRONT]


def has_heard_since(writer: Writer) -> bool:
    """Whether any feed was heard since the last picture (24 hours, where there was none): else no news is unknown."""
    head = writer.picture["head"]
    since = datetime.fromisoformat(head["previous_moment_at"] or head["moment_at"])
    since -= timedelta(0 if head["previous_moment_at"] else 1)
    heard = [row["last_received_at"] for row in writer.picture["source"] if row["last_received_at"]]
    return any(datetime.fromisoformat(at) > since for at in heard)
