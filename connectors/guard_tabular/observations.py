"""Records that are reports, as rows of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import Column, column_of, combined
from connectors.guard_tabular.mapping import CompanyMapping, action_labels
from connectors.guard_tabular.numbers import read_number
from connectors.guard_tabular.occurrence import Occurrence
from connectors.guard_tabular.records import Records, distinct, per_distinct
from connectors.guard_tabular.words import note_public
from connectors.kit import FeedContext
from connectors.places import sweref_to_wgs84
from connectors.times import columns_to_utc
from warehouse.contract import CANCELLED, CONTENT, INSTANT, SEEN

#: An interval longer than this says little of when: it is kept and flagged.
LONG_INTERVAL = np.timedelta64(7, "D")

Flags = npt.NDArray[np.bool_]


@dataclass
class Instants:
    """UTC instants of each record's times; NaT where unknown."""

    start: npt.NDArray[np.datetime64]
    until: npt.NDArray[np.datetime64]
    reported: npt.NDArray[np.datetime64]
    closed: npt.NDArray[np.datetime64]
    is_ambiguous: Flags
    flags: dict[str, Flags]


@dataclass
class Meaning:
    """The coded words of each record."""

    category: npt.NDArray[np.object_]
    category_source: pa.Array
    has_no_category: Flags
    is_sensitive: Flags
    is_cancelled: Flags
    action: pa.Array
    police: pa.Array
    quantity: pa.Array
    status: pa.Array


def to_instants(occurrence: Occurrence, mapping: CompanyMapping, context: FeedContext) -> Instants:
    """The local times as UTC instants, with the flags that the two odd hours of the year leave."""
    zone = mapping.timezone or context.timezone
    start, start_twice, start_gap = columns_to_utc(occurrence.start, zone)
    until, until_twice, until_gap = columns_to_utc(occurrence.until, zone)
    reported, _, _ = columns_to_utc(occurrence.reported, zone)
    closed, _, _ = columns_to_utc(occurrence.closed, zone)
    # A clock change inside an interval can turn its ends around though the wall clock did not.
    until = np.where(until <= start, np.datetime64("NaT", "us"), until)
    has_time = occurrence.precision != "day"
    flags = {
        "time_ambiguous": has_time & (start_twice | until_twice),
        "dst_gap": has_time & (start_gap | until_gap),
        "interval_long": (until - start) > LONG_INTERVAL,
        "occurred_after_reported": start > reported + np.timedelta64(15, "m"),
    }
    return Instants(start, until, reported, closed, flags["time_ambiguous"], flags)


def contents(
    records: Records,
    keep: npt.NDArray[np.int64],
    context: FeedContext,
    mapping: CompanyMapping,
    occurrence: Occurrence,
    instants: Instants,
    meaning: Meaning,
) -> pa.Table:
    """CONTENT of the records at ``keep``, in that order."""
    rows = pa.array(keep)
    codes, where = distinct(pa.array(meaning.category[keep], pa.string()))
    kinds = [context.categories[code] for code in codes]

    def of_category(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        return pa.array(values, kind).take(pa.array(where))

    is_sensitive = np.array([kind.finest_precision == "kommun" for kind in kinds], dtype=bool)[where]
    is_sensitive |= meaning.is_sensitive[keep]
    finest = np.array([kind.finest_precision for kind in kinds], dtype=object)[where]
    finest = np.where(is_sensitive & (finest != "lan"), "kommun", finest)
    placed, place_flags = _places(records, rows, context, mapping, finest)
    flags = {name: flag[keep] for name, flag in (occurrence.flags | instants.flags).items()}
    flags["category_missing"] = meaning.has_no_category[keep]
    flags["no_source_key"] = records.is_natural_key[keep]
    flags["key_repeated"] = records.is_repeated(keep)
    flags |= place_flags
    action, precision = meaning.action.take(rows), occurrence.precision[keep]
    counts_as = of_category([kind.counts_as for kind in kinds], pa.string())
    columns: dict[str, Any] = {
        "source_key": records.source_key.take(rows),
        "report_id": pc.binary_join_element_wise(context.feed, records.source_key.take(rows), ":"),
        **{name: column.take(rows) for name, column in records.prints.items()},
        "occurred_from": _instants(instants.start[keep]),
        "occurred_until": _instants(instants.until[keep]),
        "occurred_precision": np.where(
            (precision == "interval") & np.isnat(instants.until[keep]), "minute", precision
        ).astype(object),
        "occurred_is_ambiguous": instants.is_ambiguous[keep],
        "reported_at": _instants(instants.reported[keep]),
        "published_at": pa.nulls(len(keep), INSTANT),
        "category": of_category(codes, pa.string()),
        "category_source": meaning.category_source.take(rows),
        "observation_type": _observation_type(counts_as, mapping),
        "counts_as": counts_as,
        "severity_default": of_category([kind.severity for kind in kinds], pa.int8()),
        **{name: placed.column(name) for name in placed.column_names if name != "dq"},
        "note_public": _notes(codes, where, action, context),
        "action_taken": action,
        "police_informed": meaning.police.take(rows),
        "quantity": meaning.quantity.take(rows),
        "status": meaning.status.take(rows),
        "closed_at": _instants(instants.closed[keep]),
        "pii_flags": _constant("", len(keep)),  # no text of the source leaves, so none is scanned
        "is_person_sensitive": is_sensitive,
        "dq_flags": _joined(flags, placed.column("dq")),
    }
    return pa.table({name: columns[name] for name in CONTENT.names})


def sightings(
    records: Records, keep: npt.NDArray[np.int64], meaning: Meaning, places: Sequence[int | None]
) -> pa.Table:
    """SIGHTING of the records at ``keep``; ``places`` says which of the accepted deliveries each delivery read is."""
    place = np.array([-1 if one is None else one for one in places], dtype=np.int32)
    return pa.table(
        {
            "content": pa.array(np.arange(len(keep), dtype=np.int32)),
            "delivery": pa.array(place[records.delivery[keep]]),
            "record_number": pa.array(records.record_number[keep]),
            "observed_as": pa.array(np.where(meaning.is_cancelled[keep], CANCELLED, SEEN).astype(np.int8)),
        }
    )


def _places(
    records: Records, rows: pa.Array, context: FeedContext, mapping: CompanyMapping, finest: npt.NDArray[Any]
) -> tuple[pa.Table, dict[str, Flags]]:
    """The place columns, with the municipality where it is known, and the flags of unreadable positions."""
    first, second = ("northing", "easting") if mapping.crs == "sweref99tm" else ("latitude", "longitude")
    texts = [records.text(name).take(rows) for name in (first, second)]
    numbers = [
        per_distinct(text, lambda one: read_number(one, decimal_comma=mapping.decimal_comma), np.float64)
        for text in texts
    ]
    is_written = np.asarray(pc.or_(pc.not_equal(texts[0], ""), pc.not_equal(texts[1], "")))
    is_unreadable = is_written & (np.isnan(numbers[0]) | np.isnan(numbers[1]))
    one, two = (np.where(is_unreadable, np.nan, number) for number in numbers)
    latitude, longitude = sweref_to_wgs84(one, two) if mapping.crs == "sweref99tm" else (one, two)
    is_nought = (one == 0) & (two == 0)  # a missing position in any system, which ``places`` knows as 0/0
    latitude, longitude = np.where(is_nought, 0.0, latitude), np.where(is_nought, 0.0, longitude)
    words = records.text("place").take(rows)
    area_words = records.text("area").take(rows)
    names = pc.if_else(pc.equal(words, ""), area_words, words)
    resolve, public = context.places.resolve, mapping.points_are_public
    placed = resolve(names.to_pylist(), latitude, longitude, finest.tolist(), points_are_public=public)
    # Where the place's own name tells nothing, the area's column may.
    lost = np.asarray(pc.equal(placed.column("location_precision"), "okand")) & np.asarray(
        pc.and_(pc.not_equal(words, ""), pc.not_equal(area_words, ""))
    )
    if lost.any():
        again = np.flatnonzero(lost)
        coarse = resolve(
            area_words.take(pa.array(again)).to_pylist(), latitude[again], longitude[again], finest[again].tolist()
        )
        order = np.arange(len(placed))
        order[again] = len(placed) + np.arange(len(again))
        dq = placed.column("dq")
        placed = pa.concat_tables([placed, coarse]).combine_chunks().take(pa.array(order))
        placed = placed.set_column(placed.column_names.index("dq"), "dq", dq)
    return _with_municipality(placed, context, mapping, finest), {"position_unreadable": is_unreadable}


def _with_municipality(
    placed: pa.Table, context: FeedContext, mapping: CompanyMapping, finest: npt.NDArray[Any]
) -> pa.Table:
    """The municipality where an area or place of it is known, or where the mapping says that all lies in it."""
    precision = np.asarray(placed.column("location_precision").to_pylist(), dtype=object)
    is_outside = np.asarray(pc.match_substring(placed.column("dq"), "position_outside"))
    is_here = ~np.isin(precision, ("okand", "lan"))
    if mapping.within_municipality:
        raised = (precision == "okand") & ~is_outside
        precision = np.where(raised, np.where(finest == "lan", "lan", "kommun"), precision)
        is_here |= raised
    in_county = is_here | (precision == "lan")
    here = context.municipality
    index = placed.column_names.index("location_precision")
    placed = placed.set_column(index, "location_precision", pa.array(precision, pa.string()))
    size = len(placed)
    for name, code, known in (
        ("municipality_code", here.code, is_here & (precision != "lan")),
        ("county_code", here.county_code, in_county),
    ):
        codes = pc.if_else(pa.array(known), pa.scalar(code, pa.string()), pa.nulls(size, pa.string()))
        placed = placed.append_column(name, codes)
    return placed


def _notes(codes: Sequence[str], where: npt.NDArray[np.int64], action: pa.Array, context: FeedContext) -> pa.Array:
    labels = action_labels()
    done = column_of(action.to_pylist())
    code, firsts = combined(where, done.codes)
    pairs = zip(where[firsts].tolist(), done.of_rows(firsts), strict=True)
    return Column(code, [note_public(context.categories[codes[place]], each, labels) for place, each in pairs]).array()


def _observation_type(counts_as: pa.Array, mapping: CompanyMapping) -> pa.Array:
    """The mapping's type, but a guard's rounds and services are ``guard_activity``."""
    plain = pa.scalar(mapping.observation_type, pa.string())
    if mapping.observation_type != "guard_report":
        return pa.repeat(plain, len(counts_as))
    return pc.if_else(pc.equal(counts_as, "activity"), pa.scalar("guard_activity"), plain)


def _joined(flags: Mapping[str, Flags], more: pa.ChunkedArray) -> pa.Array:
    """The flags' names that hold in each row and the words of ``more``, comma-joined and sorted."""
    names = sorted(name for name, flag in flags.items() if flag.any())
    bits = np.zeros(len(more), dtype=np.int64)
    for number, name in enumerate(names):
        bits |= flags[name].astype(np.int64) << number
    said = pc.dictionary_encode(pc.fill_null(more, "").combine_chunks())
    code, firsts = combined(bits, np.asarray(said.indices))
    others = said.take(pa.array(firsts)).to_pylist()
    texts = []
    for held, other in zip(bits[firsts].tolist(), others, strict=True):
        words = {name for number, name in enumerate(names) if held >> number & 1}
        texts.append(",".join(sorted(words | {word for word in other.split(",") if word})))
    return Column(code, texts).array()


def _constant(text: str, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), length)


def _instants(moments: npt.NDArray[np.datetime64]) -> pa.Array:
    return pa.array(moments.astype("datetime64[us]"), pa.timestamp("us")).cast(INSTANT)
