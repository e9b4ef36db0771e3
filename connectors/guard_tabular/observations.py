"""Records that are reports, as rows of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import Codes, Column, column_of, combined, spread
from connectors.guard_tabular.mapping import CompanyMapping, action_labels
from connectors.guard_tabular.numbers import read_number
from connectors.guard_tabular.occurrence import Occurrence
from connectors.guard_tabular.records import Records
from connectors.guard_tabular.words import note_public
from connectors.kit import Category, FeedContext
from connectors.places import FINEST, grid_to_wgs84, in_sweden
from connectors.times import columns_to_utc
from warehouse.contract import CANCELLED, CONTENT, INSTANT, SEEN

#: An interval longer than this says little of when: it is kept and flagged.
LONG_INTERVAL = np.timedelta64(7, "D")

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


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

    category: Column[str]
    category_source: Column[str | None]
    has_no_category: Flags
    is_sensitive: Flags
    is_cancelled: Flags
    action: Column[str | None]
    police: pa.Array
    quantity: pa.Array
    status: pa.Array


def to_instants(occurrence: Occurrence, mapping: CompanyMapping, context: FeedContext) -> Instants:
    """The local times as UTC instants, with the flags that the two odd hours of the year leave."""
    zone = mapping.timezone or context.timezone

    def instants(local: npt.NDArray[np.datetime64], name: str) -> tuple[npt.NDArray[np.datetime64], Flags, Flags]:
        instant, is_twice, is_gap = columns_to_utc(local, zone)
        if (exact := occurrence.exact.get(name)) is None:
            return instant, is_twice, is_gap
        is_local = np.isnat(exact) | np.isnat(local)
        return np.where(is_local, instant, exact), is_twice & is_local, is_gap & is_local

    start, start_twice, start_gap = instants(occurrence.start, "start")
    until, until_twice, until_gap = instants(occurrence.until, "until")
    reported, _, _ = instants(occurrence.reported, "reported")
    closed, _, _ = instants(occurrence.closed, "closed")
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
    is_repeated: Flags,
) -> tuple[pa.Table, dict[str, Flags]]:
    """(CONTENT of the records at ``keep``, in that order; by field, which records have a position that cannot be read).

    ``is_repeated`` says whether their key is in the delivery.
    """
    rows = pa.array(keep)
    category, action = meaning.category.rows(keep), meaning.action.rows(keep)
    kind = category.each(lambda code: context.categories[code])
    is_sensitive = np.array([one.finest_precision == "kommun" for one in kind.values], dtype=bool)[kind.codes]
    is_sensitive |= meaning.is_sensitive[keep]
    finest = np.array([FINEST.index(one.finest_precision) for one in kind.values], dtype=np.int64)[kind.codes]
    finest = np.where(is_sensitive & (finest != FINEST.index("lan")), FINEST.index("kommun"), finest)
    placed, where, faults = _places(records, keep, context, mapping, finest)
    flags = {name: flag[keep] for name, flag in (occurrence.flags | instants.flags).items()}
    flags["category_missing"] = meaning.has_no_category[keep]
    flags["no_source_key"] = records.is_natural_key[keep]
    flags["key_repeated"] = is_repeated
    flags |= {name: fault[where] for name, fault in faults.items()}
    precision = occurrence.precision[keep]
    keys = records.source_key.dictionary
    ids = pc.binary_join_element_wise(context.feed, keys, ":")
    which = records.source_key.indices.take(rows)
    placed_at = spread(placed, where)
    columns: dict[str, Any] = {
        "source_key": keys.take(which),
        "report_id": ids.take(which),
        **{name: column.take(rows) for name, column in records.prints.items()},
        "occurred_from": _instants(instants.start[keep]),
        "occurred_until": _instants(instants.until[keep]),
        "occurred_precision": _precisions(precision, is_open=np.isnat(instants.until[keep])),
        "occurred_is_ambiguous": instants.is_ambiguous[keep],
        "reported_at": _instants(instants.reported[keep]),
        "published_at": pa.nulls(len(keep), INSTANT),
        "category": category.array(),
        "category_source": meaning.category_source.rows(keep).array(),
        "observation_type": kind.each(lambda one: _observation_type(one.counts_as, mapping)).array(),
        "counts_as": kind.each(lambda one: one.counts_as).array(),
        "severity_default": pa.array(np.array([one.severity for one in kind.values], np.int8)[kind.codes]),
        **{name: column for name, column in placed_at.items() if name != "dq"},
        "note_public": _notes(kind, action),
        "action_taken": action.array(),
        "police_informed": meaning.police.take(rows),
        "quantity": meaning.quantity.take(rows),
        "status": meaning.status.take(rows),
        "closed_at": _instants(instants.closed[keep]),
        "pii_flags": Column(np.zeros(len(keep), dtype=np.int64), [""]).array(),  # no text of the source leaves
        "is_person_sensitive": is_sensitive,
        "dq_flags": _joined(flags, placed_at["dq"]),
    }
    lost = np.zeros(len(records), dtype=bool)
    lost[keep[flags["position_unreadable"]]] = True
    unread = {name: lost & records.each(name, bool, np.bool_) for name in _axes(mapping)} if lost.any() else {}
    return pa.table({name: columns[name] for name in CONTENT.names}), unread


def _axes(mapping: CompanyMapping) -> tuple[str, str]:
    """The fields of a position, the northern first."""
    return ("latitude", "longitude") if mapping.crs == "wgs84" else ("northing", "easting")


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
    records: Records,
    keep: npt.NDArray[np.int64],
    context: FeedContext,
    mapping: CompanyMapping,
    finest: npt.NDArray[np.int64],
) -> tuple[pa.Table, Codes, dict[str, Flags]]:
    """(the place columns once per different place, with the municipality where it is known; which of them each record
    at ``keep`` has; what is wrong with a position's numbers, and with which of them). ``finest`` is each record's
    place in FINEST.
    """
    fields = [records.column(name).rows(keep) for name in (*_axes(mapping), "place", "area")]
    where, rows = combined(*(field.codes for field in fields), finest)
    told = [field.of_rows(rows) for field in fields]
    allowed = np.array(FINEST, dtype=object)[finest[rows]]
    numbers = [
        np.array([read_number(text, decimal_comma=mapping.decimal_comma) for text in texts], dtype=np.float64)
        for texts in told[:2]
    ]
    is_written = np.array([one != "" or two != "" for one, two in zip(*told[:2], strict=True)], dtype=bool)
    is_unreadable = is_written & (np.isnan(numbers[0]) | np.isnan(numbers[1]))
    one, two = (np.where(is_unreadable, np.nan, number) for number in numbers)
    latitude, longitude, faults = (one, two, {}) if mapping.crs == "wgs84" else _degrees(mapping.crs, one, two)
    is_nought = (one == 0) & (two == 0)  # a missing position in any system, which ``places`` knows as 0/0
    latitude, longitude = np.where(is_nought, 0.0, latitude), np.where(is_nought, 0.0, longitude)
    names = [word or area for word, area in zip(*told[2:], strict=True)]
    resolve, public = context.places.resolve, mapping.points_are_public
    placed = resolve(names, latitude, longitude, allowed.tolist(), points_are_public=public)
    # Where the place's own name tells nothing, the area's column may.
    has_both = np.array([bool(word and area) for word, area in zip(*told[2:], strict=True)], dtype=bool)
    again = np.flatnonzero(np.asarray(pc.equal(placed.column("location_precision"), "okand")) & has_both)
    if len(again):
        areas = [told[3][row] for row in again.tolist()]
        coarse = resolve(areas, latitude[again], longitude[again], allowed[again].tolist())
        order = np.arange(len(placed))
        order[again] = len(placed) + np.arange(len(again))
        dq = placed.column("dq")
        placed = pa.concat_tables([placed, coarse]).combine_chunks().take(pa.array(order))
        placed = placed.set_column(placed.column_names.index("dq"), "dq", dq)
    faults["position_unreadable"] = is_unreadable
    return _with_municipality(placed, context, mapping, allowed), where, faults


def _degrees(grid: str, northing: Floats, easting: Floats) -> tuple[Floats, Floats, dict[str, Flags]]:
    """(latitudes, longitudes) of positions in a grid, NaN where they can be none of it; and why, as in ``places``:
    exchanged axes, degrees where metres were promised.
    """
    latitude, longitude = grid_to_wgs84(grid, northing, easting)
    is_here = in_sweden(latitude, longitude)
    is_degrees = ~is_here & (np.abs(northing) <= 90) & (np.abs(easting) <= 180) & ((northing != 0) | (easting != 0))
    is_swapped = np.zeros(len(northing), dtype=bool)
    odd = np.flatnonzero(~is_here & ~is_degrees)
    is_swapped[odd] = in_sweden(*grid_to_wgs84(grid, easting[odd], northing[odd]))
    is_none = is_degrees | is_swapped
    faults = {"position_unusable": is_degrees, "position_swapped": is_swapped}
    return np.where(is_none, np.nan, latitude), np.where(is_none, np.nan, longitude), faults


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


def _notes(kind: Column[Category], action: Column[str | None]) -> pa.Array:
    labels = action_labels()
    code, firsts = combined(kind.codes, action.codes)
    pairs = zip(kind.of_rows(firsts), action.of_rows(firsts), strict=True)
    return Column(code, [note_public(*each, labels) for each in pairs]).array()


def _observation_type(counts_as: str, mapping: CompanyMapping) -> str:
    """The mapping's type, but a guard's rounds and services are ``guard_activity``."""
    is_round = mapping.observation_type == "guard_report" and counts_as == "activity"
    return "guard_activity" if is_round else mapping.observation_type


def _precisions(precision: npt.NDArray[Any], *, is_open: Flags) -> pa.Array:
    """The contract's words; an interval whose end is not believed is a moment."""
    said = column_of(precision.tolist())
    code, firsts = combined(said.codes, is_open)
    words = zip(said.of_rows(firsts), is_open[firsts].tolist(), strict=True)
    return Column(code, ["minute" if word == "interval" and has_no_end else word for word, has_no_end in words]).array()


def _joined(flags: Mapping[str, Flags], more: pa.Array) -> pa.Array:
    """The flags' names that hold in each row and the words of ``more``, comma-joined and sorted."""
    names = sorted(name for name, flag in flags.items() if flag.any())
    bits = np.zeros(len(more), dtype=np.int64)
    for number, name in enumerate(names):
        bits |= flags[name].astype(np.int64) << number
    said = more if pa.types.is_dictionary(more.type) else pc.dictionary_encode(more)
    code, firsts = combined(bits, np.asarray(pc.fill_null(said.indices, len(said.dictionary))))
    others = [word or "" for word in said.take(pa.array(firsts)).to_pylist()]
    texts = []
    for held, other in zip(bits[firsts].tolist(), others, strict=True):
        words = {name for number, name in enumerate(names) if held >> number & 1}
        texts.append(",".join(sorted(words | {word for word in other.split(",") if word})))
    return Column(code, texts).array()


def _instants(moments: npt.NDArray[np.datetime64]) -> pa.Array:
    return pa.array(moments.astype("datetime64[us]"), pa.timestamp("us")).cast(INSTANT)
