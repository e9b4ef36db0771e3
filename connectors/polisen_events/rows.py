"""Notices as sent → rows of the contract, whatever windows they came in.

The same notice stands unchanged in hundreds of windows, so each distinct one is a row once; what differs from
window to window (delivery, record number) is filled in by collect.py. What a word, a title or a pair of them means is
worked out once for each, and then for whole columns.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import Column, column_of, combined, hashed
from connectors.kit import FeedContext, fingerprint, source_keys
from connectors.marks import Marks, fingerprint_columns, marks_of, marks_of_texts
from connectors.polisen_events.entries import Erased, Record
from connectors.polisen_events.municipality import Gazetteer, Whereabouts
from connectors.polisen_events.occurrence import FLAGS, occurrences
from connectors.polisen_events.texts import Reading, read_summary
from connectors.polisen_events.title import Title, read_title, tidy
from warehouse.contract import CONTENT, INSTANT

Truths = npt.NDArray[np.bool_]

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


class Rows(NamedTuple):
    """``contents`` has a row for each notice, as CONTENT; ``unmapped`` says by row which of its words are on no list,
    each as (notice, field, fingerprint of the word)."""

    contents: pa.Table
    unmapped: dict[int, tuple[tuple[str, str, str], ...]]


class _Kind(NamedTuple):
    """What a source type says, under a press notice or not."""

    type: str
    meaning: Meaning
    finest: str
    is_known: bool
    is_sensitive: bool


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


def rows_of(records: Sequence[Record], published: Sequence[datetime], context: FeedContext) -> Rows:
    """The rows of different notices; ``published`` is when each was published, in its own offset."""
    types = column_of([record.type for record in records])
    names = column_of([record.name for record in records])
    locations = column_of([record.location_name for record in records])
    summaries = hashed(record.summary for record in records)
    type_, title = types.each(tidy), names.each(read_title)
    text = _texts(summaries, type_)
    kind = _kinds(type_, text, context)
    place = title.each(lambda each: each.place)
    pair, firsts = combined(place.codes, locations.codes)
    words = list(zip(place.of_rows(firsts), locations.of_rows(firsts), strict=True))
    gazetteer = Gazetteer(context.municipalities)
    where = Column(pair, [gazetteer.locate(*each) for each in words])
    instant = pa.array(published, INSTANT)
    moments = np.asarray(instant.cast(pa.timestamp("us")))
    when = occurrences(
        np.array([each.when or (0, 0, 0, 0) for each in title.values], dtype=np.int64).reshape(-1, 4)[title.codes],
        moments,
        np.array([each.year for each in published], dtype=np.int64),
        context.timezone,
        is_summary=_truths(kind, _is_summary),
        is_announcement=_truths(text, lambda each: bool(each.marks & {"announcement", "press_notice"})),
    )
    shown = where.each(lambda each: each._replace(unknown=()))
    at, rows = combined(shown.codes, kind.each(lambda each: each.finest).codes)
    whereabouts = [
        _where_columns(*each) for each in zip(shown.of_rows(rows), (k.finest for k in kind.of_rows(rows)), strict=True)
    ]
    key = pa.array(source_keys([str(record.id) for record in records]), pa.string())
    columns: dict[str, Any] = {
        "source_key": key,
        "report_id": pc.binary_join_element_wise(context.feed, key, ":"),
        "occurred_from": pa.array(when.instant).cast(INSTANT),
        "occurred_precision": Column(np.isnat(when.instant).astype(np.int64), ["minute", "unknown"]).array(),
        "occurred_is_ambiguous": pa.array(when.is_ambiguous),
        "published_at": instant,
        "category": kind.each(lambda each: each.meaning.category).array(),
        "category_source": kind.each(lambda each: each.type if each.is_known else None).array(),
        "counts_as": kind.each(lambda each: each.meaning.counts_as).array(),
        "severity_default": pa.array(np.array([k.meaning.severity for k in kind.values], np.int8)[kind.codes]),
        **{name: Column(at, [each[name] for each in whereabouts]).array() for name in _PLACE_COLUMNS},
        "note_public": _notes(summaries, text, kind, context),
        "pii_flags": text.each(lambda each: each.pii).array(),
        "is_person_sensitive": pa.array(_truths(kind, lambda each: each.is_sensitive)),
        "dq_flags": _flags(summaries, text, kind, where, title, when.flag).array(),
        "observation_type": _constant("police_notice", len(records)),
        "status": _constant("unknown", len(records)),
        **fingerprint_columns(_marks(records, types, names, locations, summaries), len(records)),
    }
    for field in CONTENT:  # what this source never tells is NULL
        columns.setdefault(field.name, pa.nulls(len(records), field.type))
    contents = pa.table({field.name: columns[field.name] for field in CONTENT})
    return Rows(contents, _unmapped(kind, where, Column(pair, words)))


def _texts(summaries: Column[str | Erased | None], type_: Column[str]) -> Column[Reading]:
    """What each summary is under its type, read once per pair."""
    pair, firsts = combined(summaries.codes, type_.codes)
    pairs = zip(summaries.of_rows(firsts), type_.of_rows(firsts), strict=True)
    return Column(pair, [read_summary(*each) for each in pairs])


def _kinds(type_: Column[str], text: Column[Reading], context: FeedContext) -> Column[_Kind]:
    is_press = _truths(text, lambda each: "press_notice" in each.marks)
    code, firsts = combined(type_.codes, is_press)
    return Column(code, [_kind(*each, context) for each in zip(type_.of_rows(firsts), is_press[firsts], strict=True)])


def _kind(type_: str, is_press_notice: bool, context: FeedContext) -> _Kind:
    known = meanings().get(type_)
    meaning = _meaning(known, is_press_notice, context)
    finest = max(meaning.finest, context.categories[meaning.category].finest_precision, key=FINENESS.index)
    return _Kind(type_, meaning, finest, known is not None, finest == "kommun")


def _meaning(known: Meaning | None, is_press_notice: bool, context: FeedContext) -> Meaning:
    """Press notices and unknown types take their meaning from the house vocabulary, the rest from
    categories.csv."""
    if known is not None and not is_press_notice:
        return known
    category = context.categories[UNKNOWN_CATEGORY if known is None else PRESS_CATEGORY]
    return Meaning(category.code, category.counts_as, category.severity, category.finest_precision)


def _is_summary(kind: _Kind) -> bool:
    return kind.meaning.category == SUMMARY_CATEGORY or kind.type.startswith("Sammanfattning")


def _notes(
    summaries: Column[str | Erased | None], text: Column[Reading], kind: Column[_Kind], context: FeedContext
) -> pa.Array:
    """The police's own text; where that is withheld the category's name, and nothing where it was erased."""
    shown = text.each(lambda each: each.display)
    named = kind.each(lambda each: f"{context.categories[each.meaning.category].sv}." if each.is_known else None)
    codes = np.where(_is_withheld(text, kind), len(shown.values) + named.codes, shown.codes)
    codes = np.where(_truths(summaries, _is_erased), len(shown.values) + len(named.values), codes)
    return _plain(Column(codes, [*shown.values, *named.values, None]))


def _is_withheld(text: Column[Reading], kind: Column[_Kind]) -> Truths:
    return _truths(kind, lambda each: each.is_sensitive) | _truths(text, lambda each: "note_withheld" in each.marks)


def _is_erased(summary: str | Erased | None) -> bool:
    return isinstance(summary, Erased)


def _flags(
    summaries: Column[str | Erased | None],
    text: Column[Reading],
    kind: Column[_Kind],
    where: Column[Whereabouts],
    title: Column[Title],
    of_time: npt.NDArray[np.int64],
) -> Column[str]:
    """The dq_flags, put together once per combination of what they come from."""
    marks, of_place = text.each(lambda each: each.marks - {"announcement"}), where.each(lambda each: each.flag)
    source_type, written = kind.each(lambda each: each.type), title.each(lambda each: each.type)
    pair, firsts = combined(source_type.codes, written.codes)
    pairs = zip(source_type.of_rows(firsts), written.of_rows(firsts), strict=True)
    differs = [bool(two) and one != two for one, two in pairs]
    truths = {
        "note_withheld": _is_withheld(text, kind) & _truths(summaries, bool),
        "unmapped_category": _truths(kind, lambda each: not each.is_known),
        "title_type_differs": np.array(differs, dtype=bool)[pair],
        "text_erased": _truths(summaries, _is_erased),
    }
    code, rows = combined(marks.codes, of_place.codes, of_time, *truths.values())
    said = []
    for row, own, place in zip(rows.tolist(), marks.of_rows(rows), of_place.of_rows(rows), strict=True):
        others = {FLAGS[of_time[row]], place, *(name for name, holds in truths.items() if holds[row])}
        said.append(",".join(sorted(own | {flag for flag in others if flag})))
    return Column(code, said)


_PLACE_COLUMNS = (
    "place_text",
    "place_type",
    "municipality_code",
    "county_code",
    "location_precision",
    "location_method",
)


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
    kind: Column[_Kind], where: Column[Whereabouts], words: Column[tuple[str, str | None]]
) -> dict[int, tuple[tuple[str, str, str], ...]]:
    """By row the words that are on no list, for the rows that have any."""
    odd = _truths(kind, lambda each: not each.is_known) | _truths(where, lambda each: bool(each.unknown))
    rows = np.flatnonzero(odd)
    answer = {}
    columns = (column.of_rows(rows) for column in (kind, where, words))
    for row, one, whereabouts, (place, location) in zip(rows.tolist(), *columns, strict=True):
        spelt = {"name": place, "location.name": tidy(location or "")}
        found = [] if one.is_known else [("unmapped_category", "type", fingerprint(one.type))]
        found += [("unmapped_place", field, fingerprint(spelt[field])) for field in whereabouts.unknown]
        answer[row] = tuple(found)
    return answer


def _marks(
    records: Sequence[Record],
    types: Column[str],
    names: Column[str],
    locations: Column[str | None],
    summaries: Column[str | Erased | None],
) -> dict[str, Marks]:
    """The marks of the raw fields; an erased summary brings its own, so the hash stays the same."""
    texts = [None if isinstance(each, Erased) else each for each in summaries.values]
    of_text = marks_of_texts(texts)
    for place, summary in enumerate(summaries.values):
        if isinstance(summary, Erased):
            of_text[place] = int(summary.fingerprint, 16) or 1
    marks = {"summary": of_text[summaries.codes]}
    columns: dict[str, Column[Any]] = {"type": types, "name": names, "location.name": locations}
    marks |= {name: marks_of_texts(column.values)[column.codes] for name, column in columns.items()}
    for name in ("datetime", "url", "location_gps"):
        said = pa.array([getattr(record, name) for record in records], pa.string())
        marks[name.replace("location_", "location.")] = marks_of(said)
    return marks


def _truths(column: Column[Any], holds: Callable[[Any], bool]) -> Truths:
    """Where ``holds`` says yes of the row's value."""
    return np.array([holds(value) for value in column.values], dtype=bool)[column.codes]


def _plain(column: Column[str | None] | Column[str]) -> pa.Array:
    """A column of text that hardly repeats."""
    return pa.array(column.values, pa.string()).take(pa.array(column.codes))


def _constant(word: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([word]))
