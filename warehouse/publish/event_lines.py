"""Section 4 as ready texts: what has happened, when, where, who told of it and what was done.

Nothing here knows HTML. A text from the data stays as it was sent; the template makes it visible and escapes it.
"""

from __future__ import annotations

from warehouse.publish.formats import UNKNOWN
from warehouse.publish.sections import Row, Writer

_PRECISE = ("punkt", "plats")


def events(writer: Writer) -> list[Row]:
    """Section 4: the listed events."""
    f, w = writer.formats, writer.words
    police = [row["title_sv"] for row in writer.picture["source"] if row["role"] == "police"]
    rows = []
    for row in writer.picture["event"]:
        titles = row["source_titles"] or ""
        precise = row["location_precision"] in _PRECISE
        rows.append(
            {
                "query_id": row["query_id"],
                "change": row["change_kind"],
                "change_word": w[f"change.{row['change_kind']}"],
                "time": _event_time(writer, row),
                "category": f.pick(row, "category"),
                "severity": row["severity"],
                "severity_word": w.fill("event.severity", severity=str(row["severity"])),
                "is_context": row["counts_as"] != "incident",
                "place": row["place_label"] or w["precision.okand"],
                "area": row["area_name"] if row["area_name"] != row["place_label"] else None,
                "is_approximate": not precise and row["place_label"] is not None,
                "precision": None
                if precise or row["place_label"] is None
                else w[f"precision.{row['location_precision']}"],
                "sources": _source_titles(writer, titles) or UNKNOWN,
                "is_alarm": any(title in titles for title in police),
                "note": _beyond(row["note_public"], row["category_sv"], *(row["action_sv"] or "").split("; ")),
                "action": f.pick(row, "action"),
                "is_identity_break": row["is_identity_break"],
            }
        )
    return rows


def _source_titles(writer: Writer, titles: str) -> str:
    # The event names its sources in Swedish, and a title may hold a comma, so they are told apart by name.
    for source in writer.picture["source"]:
        titles = titles.replace(source["title_sv"], writer.formats.pick(source, "title"))
    return titles


def _event_time(writer: Writer, row: Row) -> str:
    f, w = writer.formats, writer.words
    if label := f.pick(row, "time_label"):
        return label
    day = f.local(row["occurred_from"])
    if not row["is_time_known"]:
        return w["event.time_unknown"] if day is None else f"{f.day(day.date())}, {w['event.time_unknown']}"
    until = f.local(row["occurred_until"])
    if day is None:
        return w["event.time_unknown"]
    text = f"{f.day(day.date())} {f.time(day)}"
    if until is None or until == day:
        return text
    return f"{text}–{f.time(until) if until.date() == day.date() else f'{f.day(until.date())} {f.time(until)}'}"


def event_totals(writer: Writer) -> tuple[str, str]:
    """Section 4: what happened in all, and what is counted but not listed."""
    total = writer.picture["event_total"]
    counts = {key.removesuffix("_count"): writer.formats.number(count) for key, count in total.items()}
    return writer.words.fill("event.total", **counts), writer.words.fill("event.aside", **counts)


def _beyond(note: str | None, *told: str) -> str | None:
    """Return what a note says beyond what stands beside it already: category and measures, in the note's Swedish."""
    for words in told:
        note = note if note is None else note.removeprefix(f"{words}.").strip()
    return note or None
