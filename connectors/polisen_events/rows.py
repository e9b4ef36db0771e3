"""One notice as sent → one row of the contract, whatever window it came in.

The same notice stands unchanged in hundreds of windows, so each distinct one is read once; what differs from
window to window (delivery, record number) is filled in for whole columns by the connector.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from connectors.kit import FeedContext, fingerprint, source_key
from connectors.polisen_events.municipality import Gazetteer, Whereabouts
from connectors.polisen_events.texts import read_summary
from connectors.polisen_events.title import Occurrence, occurrence, read_published, read_title, tidy
from connectors.polisen_events.windows import Erased, Record

SUMMARY_CATEGORY = "meta.sammanfattning"
#: Where press notices go, whatever type they stand under (mostly Övrigt): they tell of the press office, not
#: of crime.
PRESS_CATEGORY = "meta.information"
UNKNOWN_CATEGORY = "okand"

#: How coarse a category's place must be, finest first (the vocabulary's words).
FINENESS = ("plats", "omrade", "kommun", "lan")


class Meaning(NamedTuple):
    """One line of categories.csv: what a source type means in the house vocabulary."""

    category: str
    counts_as: str
    severity: int
    finest: str


class Row(NamedTuple):
    """One distinct notice read: its values by column, and which of its words are on no list."""

    raw: Record
    values: dict[str, Any]
    unmapped: tuple[tuple[str, str, str], ...]  # (notice, field, fingerprint of the word)


@lru_cache(maxsize=1)
def meanings() -> dict[str, Meaning]:
    """What every source type seen since 2023 means (categories.csv beside this file)."""
    with Path(__file__).with_name("categories.csv").open(encoding="utf-8", newline="") as lines:
        return {
            line["polisen_type"]: Meaning(
                line["category"],
                line["counts_as"],
                int(line["default_severity"]),
                line["max_location_precision"],
            )
            for line in csv.DictReader(lines)
        }


def row_reader(context: FeedContext) -> Callable[[Record], Row | tuple[str, str]]:
    """The function that makes a Row of a record, or (reason, field) where it must be refused."""
    gazetteer = Gazetteer(context.municipalities)

    def read(record: Record) -> Row | tuple[str, str]:
        published = read_published(record.datetime)
        if published is None:
            return "unreadable_time", "datetime"
        return _row(record, published, gazetteer, context)

    return read


def _row(record: Record, published: datetime, gazetteer: Gazetteer, context: FeedContext) -> Row:
    type_ = tidy(record.type)
    title = read_title(record.name)
    text = read_summary(record.summary, type_)
    known = meanings().get(type_)
    meaning = _meaning(known, "press_notice" in text.marks, context)
    finest = max(meaning.finest, context.categories[meaning.category].finest_precision, key=FINENESS.index)
    is_summary = meaning.category == SUMMARY_CATEGORY
    when = occurrence(
        title,
        published,
        context.timezone,
        is_summary=is_summary or type_.startswith("Sammanfattning"),
        is_announcement=bool(text.marks & {"announcement", "press_notice"}),
    )
    where = gazetteer.locate(title.place, record.location_name)
    is_sensitive = finest == "kommun"
    is_withheld = is_sensitive or "note_withheld" in text.marks
    flags = (text.marks - {"announcement"}) | {flag for flag in (when.flag, where.flag) if flag}
    if is_withheld and record.summary:
        flags |= {"note_withheld"}
    if known is None:
        flags |= {"unmapped_category"}
    if title.type and title.type != type_:
        flags |= {"title_type_differs"}
    if isinstance(record.summary, Erased):
        flags |= {"text_erased"}
        note = None
    elif is_withheld:
        note = None if known is None else f"{context.categories[meaning.category].sv}."
    else:
        note = text.display
    key = source_key(str(record.id))
    values = {
        "source_key": key,
        "report_id": f"{context.feed}:{key}",
        **_when_columns(when, published),
        "category": meaning.category,
        "category_source": None if known is None else type_,
        "counts_as": meaning.counts_as,
        "severity_default": meaning.severity,
        **_where_columns(where, finest),
        "note_public": note,
        "pii_flags": text.pii,
        "is_person_sensitive": is_sensitive,
        "dq_flags": ",".join(sorted(flags)),
    }
    return Row(record, values, _unmapped(known, type_, title.place, record.location_name, where))


def _meaning(known: Meaning | None, is_press_notice: bool, context: FeedContext) -> Meaning:
    """Press notices and unknown types take their meaning from the house vocabulary, the rest from
    categories.csv."""
    if known is not None and not is_press_notice:
        return known
    category = context.categories[UNKNOWN_CATEGORY if known is None else PRESS_CATEGORY]
    return Meaning(category.code, category.counts_as, category.severity, category.finest_precision)


def _when_columns(when: Occurrence, published: datetime) -> dict[str, Any]:
    return {
        "occurred_from": when.instant,
        "occurred_precision": "unknown" if when.instant is None else "minute",
        "occurred_is_ambiguous": when.is_ambiguous,
        "published_at": published.astimezone(UTC),
    }


def _where_columns(where: Whereabouts, finest: str) -> dict[str, Any]:
    """Never a point, never a place finer than the municipality. A category whose finest precision is the
    county claims no more than that, though its codes say whom it concerns."""
    precision = "kommun" if where.municipality else "lan" if where.county_code else "okand"
    if precision == "kommun" and finest == "lan":
        precision = "lan"
    is_municipality = where.municipality is not None and precision == "kommun"
    return {
        "place_text": where.municipality.name if where.municipality and is_municipality else None,
        "place_type": "kommun" if is_municipality else None,
        "municipality_code": where.municipality.code if where.municipality else None,
        "county_code": where.county_code,
        "location_precision": precision,
        "location_method": where.method,
    }


def _unmapped(
    known: Meaning | None, type_: str, place: str, location: str | None, where: Whereabouts
) -> tuple[tuple[str, str, str], ...]:
    found = []
    if known is None:
        found.append(("unmapped_category", "type", fingerprint(type_)))
    words = {"name": place, "location.name": tidy(location or "")}
    found += [("unmapped_place", field, fingerprint(words[field])) for field in where.unknown]
    return tuple(found)
