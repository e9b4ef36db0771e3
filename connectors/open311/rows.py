"""Requests → rows of the contract, rejects and notices; all deliveries of a call at once, a column at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import Codes, Column, combined, spread
from connectors.kit import Category, Delivery, FeedContext, reject_row, source_keys
from connectors.marks import Marks, fingerprint_columns, marks_of_texts
from connectors.open311.fields import (
    POSITION_FIELDS,
    Moments,
    instants,
    positions,
    raw_texts,
    shown_names,
    status_of,
    texts_of,
)
from connectors.open311.notices import notices_of
from connectors.open311.records import Records
from connectors.open311.services import UNKNOWN, Service, Services
from warehouse.contract import CONTENT, INSTANT, SEEN

#: A report from before the first Open311 server (2010) or after its delivery is a date nobody meant. A day lets
#: clocks differ.
EARLIEST = np.datetime64("2010-01-01", "us")
CLOCKS_DIFFER = np.timedelta64(1, "D")

STATUS_SV = {"open": " Ärendet är öppet.", "closed": " Ärendet är avslutat.", "unknown": ""}

#: What the reasons of refused records say, in words.
REASONS = {
    "not_an_object": "an entry of the list is no object with fields",
    "no_id": "without service_request_id a later answer could not be told from a new request; a token is none",
    "no_offset": "the time has no offset from UTC, which GeoReport v2 asks for; ask the source for one",
    "bad_datetime": "no date and time with an offset in the form of ISO 8601",
    "requested_datetime_missing": "nothing says when it was reported",
}

#: The contract's longest note.
NOTE_LENGTH = 140

Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    contents: pa.Table
    sightings: pa.Table
    rejects: list[dict[str, Any]]
    notices: list[dict[str, Any]]


def rows_of(records: Records, deliveries: Sequence[Delivery], context: FeedContext) -> Rows:
    """Every record as a row or as a reject with its reason: ``records`` are those of ``deliveries``, one after the
    other."""
    lengths = records.lengths
    delivery = np.repeat(np.arange(len(lengths)), lengths)
    number = np.arange(len(delivery)) - np.repeat(np.cumsum([0, *lengths])[:-1], lengths) + 1
    identity = texts_of(records.column("service_request_id"))
    service = _services(records, Services(context.mapping))
    asked = texts_of(records.column("requested_datetime"))
    moments, faults = instants(asked.values)
    refused = _refused(records, identity, service, Column(asked.codes, faults))
    rejects = []
    for row, (reason, where) in refused.items():
        known = service.values[service.codes[row]]
        detail = known.name if known is not None and reason == "not_safety_related" else REASONS.get(reason)
        of = deliveries[delivery[row]]
        rejects.append(reject_row(of, reason, record_number=int(number[row]), field=where, detail=detail))
    is_kept = np.ones(len(records), dtype=bool)
    is_kept[list(refused)] = False
    kept = np.flatnonzero(is_kept)
    received = [np.datetime64(each.received_at.astimezone(UTC).replace(tzinfo=None), "us") for each in deliveries]
    latest: Moments = np.array(received, dtype="datetime64[us]")[delivery[kept]]
    latest = latest + CLOCKS_DIFFER
    reported = moments[asked.codes[kept]]
    contents = _contents(records, kept, identity.rows(kept), service.rows(kept), reported, latest, context)
    told = pa.table(
        {
            "content": pa.array(np.arange(len(kept), dtype=np.int32)),
            "delivery": pa.array(delivery[kept].astype(np.int32)),
            "record_number": pa.array(number[kept].astype(np.int32)),
            "observed_as": pa.array(np.full(len(kept), SEEN, dtype=np.int8)),
        }
    )
    noticed = notices_of(records, kept, service, identity, delivery)
    return Rows(contents, told, rejects, noticed.rows(deliveries, number))


def _services(records: Records, services: Services) -> Column[Service | None]:
    """What the mapping says of each record's code and name, looked up once per pair."""
    code, name = (texts_of(records.column(each)) for each in ("service_code", "service_name"))
    pair, firsts = combined(code.codes, name.codes)
    pairs = list(zip(code.of_rows(firsts), name.of_rows(firsts), strict=True))
    return Column(pair, pairs).each(lambda words: services.find(*words))


def _refused(
    records: Records, identity: Column[str | None], service: Column[Service | None], fault: Column[str | None]
) -> dict[int, tuple[str, str | None]]:
    """Row → (reason, field) why it cannot become one, in the order of rows."""
    has_id = np.array([each is not None for each in identity.values], dtype=bool)[identity.codes]
    is_matter = np.array([each is None or each.category is not None for each in service.values], dtype=bool)
    has_time = np.array([each is None for each in fault.values], dtype=bool)[fault.codes]
    is_object = records.is_object
    is_sound = is_object & has_id & is_matter[service.codes] & has_time
    refused: dict[int, tuple[str, str | None]] = {}
    for row in np.flatnonzero(~is_sound).tolist():
        if not is_object[row]:
            refused[row] = "not_an_object", None
        elif not has_id[row]:
            refused[row] = "no_id", "service_request_id"
        elif not is_matter[service.codes[row]]:
            refused[row] = "not_safety_related", "service_code"
        else:
            reason = str(fault.values[fault.codes[row]])
            refused[row] = "requested_datetime_missing" if reason == "missing" else reason, "requested_datetime"
    return refused


def _contents(
    records: Records,
    kept: Codes,
    identity: Column[str | None],
    service: Column[Service | None],
    reported: Moments,
    latest: Moments,
    context: FeedContext,
) -> pa.Table:
    """CONTENT of the records ``kept``, one row each. The columns given are those of the rows kept."""
    category = service.each(lambda each: context.categories[(each and each.category) or UNKNOWN])
    status = records.column("status").rows(kept).each(status_of)
    marks = _marks(records, kept)
    implausible = (reported < EARLIEST) | (reported > latest)
    changed = texts_of(records.column("updated_datetime")).rows(kept)
    moments, faults = instants(changed.values)
    updated = moments[changed.codes]
    too_early = updated < reported
    is_closed = np.array([word == "closed" for word in status.values], dtype=bool)[status.codes]
    is_dated = is_closed & ~too_early & ~implausible & (updated <= latest)
    unreadable = np.array([fault not in (None, "missing") for fault in faults], dtype=bool)[changed.codes]
    flags = {
        "duplicate_of_other": records.repeating[kept],
        "reported_implausible": implausible,
        "updated_before_reported": too_early,
        "updated_unreadable": unreadable,
    }
    places, place, dq = _places(records, kept, category, flags, context)
    prints = fingerprint_columns(marks, len(kept))
    pair, firsts = combined(service.codes, status.codes)
    texts = list(zip(service.of_rows(firsts), status.of_rows(firsts), strict=True))
    keys = pa.array(source_keys(identity.told(str)), pa.string())
    columns: dict[str, Any] = {
        "source_key": keys.take(pa.array(identity.codes)),
        "report_id": pc.binary_join_element_wise(context.feed, keys, ":").take(pa.array(identity.codes)),
        "reported_at": _instant(reported, ~implausible),
        "closed_at": _instant(updated, is_dated),
        "category": category.each(lambda each: each.code).array(),
        "category_source": service.each(lambda each: None if each is None else each.name).array(),
        "counts_as": category.each(lambda each: each.counts_as).array(),
        "severity_default": pa.array(np.array([each.severity for each in category.values], np.int8)[category.codes]),
        "is_person_sensitive": pa.array(
            np.array([each.finest_precision == "kommun" for each in category.values], bool)[category.codes]
        ),
        "note_public": Column(pair, texts).each(lambda each: _note(*each)).array(),
        "status": status.array(),
        "dq_flags": dq.array(),
    }
    columns.update(prints)
    columns.update({name: column for name, column in spread(places, place).items() if name != "dq"})
    constants: Mapping[str, Any] = {
        # A request tells when it was reported. When the lamp went out nobody knows.
        "occurred_precision": "unknown",
        "occurred_is_ambiguous": False,
        "observation_type": "municipal_request",
        "municipality_code": context.municipality.code,
        "county_code": context.municipality.county_code,
        "pii_flags": "",  # no text of the source leaves, so there is nothing to have found
    }
    for name, value in constants.items():
        is_text = isinstance(value, str)
        columns[name] = (
            Column(np.zeros(len(kept), dtype=np.int64), [value]).array()
            if is_text
            else pa.repeat(pa.scalar(value), len(kept))
        )
    return _table(columns, len(kept))


def _instant(moments: Moments, is_believed: Truths) -> pa.Array:
    return pa.array(np.where(is_believed, moments, np.datetime64("NaT", "us")), pa.timestamp("us")).cast(INSTANT)


def _marks(records: Records, kept: Codes) -> dict[str, Marks]:
    """The marks of each field that any of the records kept has; records of one form are worked on together."""
    place_of = np.full(len(records), -1, dtype=np.int64)
    place_of[kept] = np.arange(len(kept))
    marks: dict[str, Marks] = {}
    for form in records.forms:
        places = place_of[form.rows]
        is_here = places >= 0
        places = places[is_here]
        if not len(places):
            continue
        for name, shown in shown_names(form.names).items():
            column = form.column(name)
            of_field = marks.setdefault(shown, np.zeros(len(kept), np.uint32))
            of_field[places] = marks_of_texts(raw_texts(column.values))[column.codes[is_here]]
    return marks


def _table(columns: Mapping[str, Any], count: int) -> pa.Table:
    """Arrays by name as a table of the contract; what this source never tells is NULL."""
    arrays = []
    for wanted in CONTENT:
        column = columns.get(wanted.name)
        if column is None:
            column = pa.nulls(count, wanted.type)
        arrays.append(column if pa.types.is_dictionary(column.type) else column.cast(wanted.type))
    return pa.Table.from_arrays(arrays, names=CONTENT.names)


def _places(
    records: Records, kept: Codes, category: Column[Category], flags: Mapping[str, Truths], context: FeedContext
) -> tuple[pa.Table, Codes, Column[str]]:
    """(the contract's place columns once per different place, which of them each row has, all of the rows' flags).

    The address is only held against the gazetteer; it never leaves. A request stands in its municipality even
    where nothing finer is known: the server is the municipality's own.
    """
    given = [records.first_of(names).rows(kept) for names in POSITION_FIELDS]
    address = texts_of(records.column("address")).rows(kept)
    finest = category.each(lambda each: each.finest_precision)
    place, firsts = combined(*(each.codes for each in given), address.codes, finest.codes)
    latitude, longitude, unusable = positions(*(each.of_rows(firsts) for each in given))
    allowed = finest.of_rows(firsts)
    is_public = bool(context.options.get("points_are_public", True))
    table = context.places.resolve(address.of_rows(firsts), latitude, longitude, allowed, points_are_public=is_public)
    words = pc.dictionary_encode(table.column("dq").combine_chunks())
    found = Column(np.asarray(words.indices).astype(np.int64), words.dictionary.to_pylist())
    has_area = np.asarray(table.column("area_id").is_valid())
    bits = [found.codes[place], has_area[place], unusable[place], *flags.values()]
    code, rows = combined(*bits)
    dq = []
    for row in rows.tolist():
        said = set(filter(None, found.values[bits[0][row]].split(",")))
        if bits[2][row]:
            said.add("position_unusable")
        if bits[1][row]:  # a street address is no named place; with the position known that is no fault
            said.discard("place_unmatched")
        dq.append(",".join(sorted(said.union(flag for flag, is_set in flags.items() if is_set[row]))))
    precision = [
        "kommun" if word == "okand" and level != "lan" else word
        for word, level in zip(table.column("location_precision").to_pylist(), allowed, strict=True)
    ]
    at = table.column_names.index("location_precision")
    return table.set_column(at, "location_precision", pa.array(precision, pa.string())), place, Column(code, dq)


def _note(service: Service | None, status: str) -> str:
    """A sentence of words the mapping and we have written; nothing of the source's text."""
    what = "Felanmälan." if service is None else f"Felanmälan: {service.name}."
    note = what + STATUS_SV[status]
    return note if len(note) <= NOTE_LENGTH else "Felanmälan." + STATUS_SV[status]
