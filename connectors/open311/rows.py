"""Requests → rows of the contract, rejects and notices; all deliveries of a call at once, a column at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.kit import (
    Delivery,
    FeedContext,
    fingerprint,
    notice_row,
    reject_row,
    source_key,
)
from connectors.marks import Marks, fingerprint_columns, marks_of
from connectors.open311.fields import (
    KNOWN_FIELDS,
    PERSON_FIELDS,
    Moments,
    instants,
    positions,
    raw_texts,
    repeats_another,
    shown_names,
    status_of,
    text_of,
)
from connectors.open311.services import UNKNOWN, Service, Services
from warehouse.contract import CONTENT, INSTANT, SEEN

#: A report from before the first Open311 server (2010) or after its delivery is a date nobody meant. A day lets
#: clocks differ.
EARLIEST = np.datetime64("2010-01-01", "us")
CLOCKS_DIFFER = np.timedelta64(1, "D")

STATUS_SV = {"open": " Ärendet är öppet.", "closed": " Ärendet är avslutat.", "unknown": ""}

#: The contract's longest note.
NOTE_LENGTH = 140


@dataclass(frozen=True)
class Sighting:
    """One record as it stood in one delivery. ``number`` counts from 1."""

    delivery: Delivery
    number: int
    record: Any


@dataclass
class Noticed:
    """What was noticed: delivery, notice, field, detail → numbers of the records."""

    found: dict[tuple[int, str, str | None, str | None], list[int]] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)

    def add(self, sighting: Sighting, notice: str, field: str | None, detail: str | None) -> None:
        self.deliveries[id(sighting.delivery)] = sighting.delivery
        key = (id(sighting.delivery), notice, field, detail)
        self.found.setdefault(key, []).append(sighting.number)

    def rows(self) -> list[dict[str, Any]]:
        """Rows of NOTICE, in the order first noticed."""
        return [
            notice_row(
                self.deliveries[which],
                notice,
                field=field,
                detail=detail,
                record_count=len(numbers),
                first_record_number=min(numbers),
            )
            for (which, notice, field, detail), numbers in self.found.items()
        ]


@dataclass(frozen=True)
class Rows:
    contents: pa.Table
    sightings: pa.Table
    rejects: list[dict[str, Any]]
    notices: list[dict[str, Any]]


def rows_of(sightings: Sequence[Sighting], deliveries: Sequence[Delivery], context: FeedContext) -> Rows:
    """Every sighting as a row or as a reject with its reason. ``deliveries`` are the accepted ones, in order."""
    services, noticed = Services(context.mapping), Noticed()
    objects = [each.record if isinstance(each.record, dict) else {} for each in sightings]
    found = [services.find(text_of(r.get("service_code")), text_of(r.get("service_name"))) for r in objects]
    reported, faults = instants([text_of(record.get("requested_datetime")) for record in objects])
    rejects, kept = [], []
    for place, each in enumerate(sightings):
        if (fault := _fault(each.record, found[place], faults[place])) is None:
            kept.append(place)
            continue
        reason, where = fault
        service = found[place]
        detail = service.name if service is not None and reason == "not_safety_related" else None
        rejects.append(reject_row(each.delivery, reason, record_number=each.number, field=where, detail=detail))
    requests = [sightings[place] for place in kept]
    contents = _contents(requests, [found[place] for place in kept], reported[kept], context)
    _notice(requests, [found[place] for place in kept], noticed)
    place_of = {id(delivery): place for place, delivery in enumerate(deliveries)}
    told = pa.table(
        {
            "content": pa.array(np.arange(len(requests), dtype=np.int32)),
            "delivery": pa.array([place_of[id(each.delivery)] for each in requests], pa.int32()),
            "record_number": pa.array([each.number for each in requests], pa.int32()),
            "observed_as": pa.array(np.full(len(requests), SEEN, dtype=np.int8)),
        }
    )
    return Rows(contents, told, rejects, noticed.rows())


def _fault(record: Any, service: Service | None, instant_fault: str | None) -> tuple[str, str | None] | None:
    """(reason, field) why a record cannot become a row, or None."""
    if not isinstance(record, dict):
        return "not_an_object", None
    if text_of(record.get("service_request_id")) is None:
        return "no_id", "service_request_id"
    if service is not None and service.category is None:
        return "not_safety_related", "service_code"
    if instant_fault is not None:
        reason = "requested_datetime_missing" if instant_fault == "missing" else instant_fault
        return reason, "requested_datetime"
    return None


def _contents(
    requests: Sequence[Sighting], found: Sequence[Service | None], reported: Moments, context: FeedContext
) -> pa.Table:
    records = [each.record for each in requests]
    deliveries = [each.delivery for each in requests]
    raw_keys = [str(text_of(record["service_request_id"])) for record in records]
    keys = [source_key(key) for key in raw_keys]
    codes = [UNKNOWN if each is None or each.category is None else each.category for each in found]
    categories = [context.categories[code] for code in codes]
    status = [status_of(record.get("status")) for record in records]
    prints = fingerprint_columns(_marks(records), len(records))

    came = {id(d): np.datetime64(d.received_at.astimezone(UTC).replace(tzinfo=None), "us") for d in deliveries}
    latest: Moments = np.array([came[id(d)] for d in deliveries], dtype="datetime64[us]")
    latest = latest + CLOCKS_DIFFER
    implausible = (reported < EARLIEST) | (reported > latest)
    updated, updated_faults = instants([text_of(record.get("updated_datetime")) for record in records])
    too_early = updated < reported
    is_closed = np.array([word == "closed" for word in status], dtype=bool)
    is_dated = is_closed & ~too_early & ~implausible & (updated <= latest)

    places, place_flags = _places(records, [each.finest_precision for each in categories], context)
    flags = {
        "duplicate_of_other": [repeats_another(r, key) for r, key in zip(records, raw_keys, strict=True)],
        "reported_implausible": implausible.tolist(),
        "updated_before_reported": too_early.tolist(),
        "updated_unreadable": [fault not in (None, "missing") for fault in updated_faults],
    }
    dq = [
        ",".join(sorted({*place_flags[n], *(flag for flag, rows in flags.items() if rows[n])}))
        for n in range(len(records))
    ]
    columns: dict[str, Any] = {
        "source_key": keys,
        "report_id": [f"{context.feed}:{key}" for key in keys],
        "reported_at": _instant(reported, ~implausible),
        "closed_at": _instant(updated, is_dated),
        "category": codes,
        "category_source": [None if each is None else each.name for each in found],
        "counts_as": [each.counts_as for each in categories],
        "severity_default": [each.severity for each in categories],
        "is_person_sensitive": [each.finest_precision == "kommun" for each in categories],
        "note_public": [_note(each, word) for each, word in zip(found, status, strict=True)],
        "status": status,
        "dq_flags": dq,
    }
    columns.update(prints)
    columns.update({name: places.column(name) for name in places.column_names if name != "dq"})
    constants: Mapping[str, Any] = {
        # A request tells when it was reported. When the lamp went out nobody knows.
        "occurred_precision": "unknown",
        "occurred_is_ambiguous": False,
        "observation_type": "municipal_request",
        "municipality_code": context.municipality.code,
        "county_code": context.municipality.county_code,
        "pii_flags": "",  # no text of the source leaves, so there is nothing to have found
    }
    columns.update({name: pa.repeat(pa.scalar(value), len(records)) for name, value in constants.items()})
    return _table(columns, len(records))


def _instant(moments: Moments, is_believed: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(np.where(is_believed, moments, np.datetime64("NaT", "us")), pa.timestamp("us")).cast(INSTANT)


def _marks(records: Sequence[Mapping[str, Any]]) -> dict[str, Marks]:
    """The marks of each field that any of the records has; records of one form are worked on together."""
    forms: dict[tuple[str, ...], list[int]] = {}
    for place, record in enumerate(records):
        forms.setdefault(tuple(record), []).append(place)
    marks: dict[str, Marks] = {}
    for names, places in forms.items():
        for name, shown in shown_names(names).items():
            texts = raw_texts([records[place][name] for place in places])
            marks.setdefault(shown, np.zeros(len(records), np.uint32))[places] = marks_of(texts)
    return marks


def _table(columns: Mapping[str, Any], count: int) -> pa.Table:
    """Lists and arrays by name as a table of the contract; what this source never tells is NULL."""
    arrays = []
    for wanted in CONTENT:
        column = columns.get(wanted.name)
        if column is None:
            arrays.append(pa.nulls(count, wanted.type))
        elif isinstance(column, list):
            arrays.append(pa.array(column, wanted.type))
        else:
            arrays.append(column.cast(wanted.type))
    return pa.Table.from_arrays(arrays, names=CONTENT.names)


def _places(
    records: Sequence[Mapping[str, Any]], finest: Sequence[str], context: FeedContext
) -> tuple[pa.Table, list[set[str]]]:
    """The contract's place columns, and each row's flags.

    The address is only held against the gazetteer; it never leaves. A request stands in its municipality even
    where nothing finer is known: the server is the municipality's own.
    """
    latitude, longitude, unusable = positions(records)
    addresses = [text_of(record.get("address")) for record in records]
    is_public = bool(context.options.get("points_are_public", True))
    table = context.places.resolve(addresses, latitude, longitude, finest, points_are_public=is_public)
    flags = [set(filter(None, words.split(","))) for words in table.column("dq").to_pylist()]
    has_area = table.column("area_id").is_valid().to_pylist()
    for row, found in enumerate(flags):
        if unusable[row]:
            found.add("position_unusable")
        if has_area[row]:  # a street address is no named place; with the position known that is no fault
            found.discard("place_unmatched")
    precision = [
        "kommun" if word == "okand" and allowed != "lan" else word
        for word, allowed in zip(table.column("location_precision").to_pylist(), finest, strict=True)
    ]
    at = table.column_names.index("location_precision")
    return table.set_column(at, "location_precision", pa.array(precision, pa.string())), flags


def _note(service: Service | None, status: str) -> str:
    """A sentence of words the mapping and we have written; nothing of the source's text."""
    what = "Felanmälan." if service is None else f"Felanmälan: {service.name}."
    note = what + STATUS_SV[status]
    return note if len(note) <= NOTE_LENGTH else "Felanmälan." + STATUS_SV[status]


@lru_cache(maxsize=1024)  # a source's records have a few forms
def _odd_names(names: tuple[str, ...]) -> tuple[tuple[str, str | None, str | None], ...]:
    """(notice, field, detail) of each field about persons and of each that no specification names."""
    found: list[tuple[str, str | None, str | None]] = []
    for name in names:
        if name.casefold() in PERSON_FIELDS:
            found.append(("person_field_dropped", name.casefold(), None))
        elif name not in KNOWN_FIELDS:
            found.append(("new_field", None, fingerprint(name)))
    return tuple(found)


def _notice(requests: Sequence[Sighting], found: Sequence[Service | None], noticed: Noticed) -> None:
    """Notes what the rows do not show: unknown words and fields as fingerprints, ids that come twice."""
    met: set[tuple[int, str]] = set()
    for each, service in zip(requests, found, strict=True):
        record = each.record
        if service is None:
            word = text_of(record.get("service_code")) or text_of(record.get("service_name"))
            notice = "service_missing" if word is None else "service_unmapped"
            noticed.add(each, notice, "service_code", None if word is None else fingerprint(word))
        if status_of(record.get("status")) == "unknown":
            word = text_of(record.get("status"))
            notice = "status_missing" if word is None else "status_unknown"
            noticed.add(each, notice, "status", None if word is None else fingerprint(word))
        for notice_of in _odd_names(tuple(record)):
            noticed.add(each, *notice_of)
        key = (id(each.delivery), str(text_of(record.get("service_request_id"))))
        if key in met:
            noticed.add(each, "repeated_id", "service_request_id", None)
        met.add(key)
