"""Gathers what the windows say into columns: observations, rejects, notices, presence, outcomes."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from connectors.kit import (
    Delivery,
    DeliveryError,
    DeliveryOutcome,
    FeedContext,
    notice_row,
    notices_table,
    quarantined,
    reject_row,
    rejects_table,
    source_key,
)
from connectors.marks import Marks, fingerprint_columns, marks_of
from connectors.normalised import Normalised, delivered_table
from connectors.polisen_events.rows import Row, row_reader
from connectors.polisen_events.windows import UNREADABLE_SHARE, Erased, Fault, Record, Window, missing_since
from warehouse.contract import CONTENT, PRESENCE, SEEN, WITHDRAWN

#: A notice missing from the window before, though published this long before that window was taken, has been
#: in the feed earlier: it is back. An hour lets a cached answer be late.
SETTLED = timedelta(hours=1)

#: A publication this far after the receipt, or before the feed's first year, is a slip or a clock gone wrong: it
#: would stand as the newest event for years. An hour lets the two clocks differ.
AHEAD, EARLIEST = timedelta(hours=1), datetime(2010, 1, 1, tzinfo=UTC)

#: The tail's place in time is read from its last records, since single ones are old notices that were edited.
TAIL_RECORDS = 10

Known = tuple[datetime, Window]


class Collector:
    """Rows of all deliveries of one call. Each distinct record is read once (``_place_of``)."""

    def __init__(self, context: FeedContext) -> None:
        self._context = context
        self._read = row_reader(context)
        self._place_of: dict[Record, int | tuple[str, str]] = {}
        self._rows: list[Row] = []
        self._deliveries: list[Delivery] = []
        # One entry per observation: which distinct row, which delivery, record number, withdrawn or seen.
        self._row_index: list[int] = []
        self._delivery_index: list[int] = []
        self._record_number: list[int] = []
        self._is_withdrawn: list[bool] = []
        self._rejects: list[dict[str, Any]] = []
        self._notices: list[dict[str, Any]] = []
        self._presence: list[dict[str, Any]] = []
        self._outcomes: list[DeliveryOutcome] = []

    def refuse(self, delivery: Delivery, error: DeliveryError) -> None:
        """A whole delivery goes to quarantine."""
        outcome, row = quarantined(delivery, error)
        self._outcomes.append(outcome)
        if row is not None:
            self._rejects.append(row)

    def accept(self, delivery: Delivery, window: Window, before: Known | None) -> None:
        """A window's records, and what they say of the window before.

        Raises DeliveryError mostly_unreadable, having changed nothing.
        """
        faults, places = list(window.faults), []
        for number, record in window.records:
            place = self._place(record)
            if isinstance(place, int) and (reason := self._untimely(place, delivery)):
                faults.append(Fault(number, reason, "datetime"))
            elif isinstance(place, int):
                places.append((number, place))
            else:
                faults.append(Fault(number, *place))
        if len(faults) > UNREADABLE_SHARE * window.length:
            detail = f"{len(faults)} of {window.length} records cannot be read"
            raise DeliveryError("mostly_unreadable", detail, window.length)
        for fault in sorted(faults):
            self._rejects.append(
                reject_row(delivery, fault.reason, record_number=fault.record_number, field=fault.field)
            )
        self._deliveries.append(delivery)
        for number, place in places:
            self._observe(place, number, is_withdrawn=False)
        self._notice(delivery, window, places)
        if before is not None:
            self._compare(delivery, window, before, places)
        self._outcomes.append(
            DeliveryOutcome(
                delivery.sha256,
                delivery.received_at,
                delivery.run_id,
                "accepted",
                seen_count=window.length,
                rejected_count=len(faults),
                covers_from=self._tail_moment([place for _, place in places]),
                covers_until=delivery.received_at,
            )
        )

    def normalised(self) -> Normalised:
        """The tables, checked against the contract."""
        return Normalised(
            self._contents(),
            self._sightings(),
            delivered_table(self._deliveries, self._context),
            rejects=rejects_table(self._rejects),
            notices=notices_table(self._notices),
            outcomes=self._outcomes,
            presence=pa.Table.from_pylist(self._presence, schema=PRESENCE),
        ).checked()

    def _place(self, record: Record) -> int | tuple[str, str]:
        """Where the record's row stands in ``_rows``, or (reason, field) why it has none."""
        if (place := self._place_of.get(record)) is None:
            row = self._read(record)
            if isinstance(row, Row):
                place = len(self._rows)
                self._rows.append(row)
            else:
                place = row
            self._place_of[record] = place
        return place

    def _untimely(self, place: int, delivery: Delivery) -> str | None:
        """Why the publication of the row at ``place`` cannot be, or None."""
        published = self._rows[place].values["published_at"]
        if published > delivery.received_at + AHEAD:
            return "future"
        return "date_absurd" if published < EARLIEST else None

    def _observe(self, place: int, record_number: int, *, is_withdrawn: bool) -> None:
        self._row_index.append(place)
        self._delivery_index.append(len(self._deliveries) - 1)
        self._record_number.append(record_number)
        self._is_withdrawn.append(is_withdrawn)

    def _tail_moment(self, places: list[int]) -> datetime | None:
        """From when on the window holds everything published: the newest publication among its last
        records."""
        return max((self._rows[place].values["published_at"] for place in places[-TAIL_RECORDS:]), default=None)

    def _notice(self, delivery: Delivery, window: Window, places: list[tuple[int, int]]) -> None:
        found: dict[tuple[str, str | None, str], list[int]] = defaultdict(list)
        for (where, name), numbers in window.new_fields.items():
            found["new_field", where or None, name] = numbers
        for number, place in places:
            for key in self._rows[place].unmapped:
                found[key].append(number)
        # Sorted to the end: dicts of fields come in no order that two runs share.
        order = sorted(found, key=lambda key: (found[key][0], key[0], key[1] or "", key[2]))
        for notice, field, detail in order:
            numbers = found[notice, field, detail]
            self._notices.append(
                notice_row(
                    delivery,
                    notice,
                    field=field,
                    detail=detail,
                    record_count=len(numbers),
                    first_record_number=min(numbers),
                )
            )

    def _compare(self, delivery: Delivery, window: Window, before: Known, places: list[tuple[int, int]]) -> None:
        """Withdrawals and presence. Withdrawn rows are numbered after the window's own records."""
        seen_at, earlier = before
        missing = missing_since(earlier, window)
        known: dict[int, int] = {}
        for _, record in reversed(earlier.records):  # an id twice in one window: its first record counts
            place = self._place(record)
            if isinstance(place, int):
                known[record.id] = place
        number = window.length
        for id in missing.vanished:
            self._is_present(delivery, id, "vanished", seen_at)
            if id in known:
                number += 1
                self._observe(known[id], number, is_withdrawn=True)
        for id in missing.left_tail:
            self._is_present(delivery, id, "left_tail", seen_at)
        stood = set(earlier.ids)
        published = {
            record.id: self._rows[place].values["published_at"]
            for (_, record), place in ((pair, self._place_of[pair[1]]) for pair in window.records)
            if isinstance(place, int)
        }
        for id in dict.fromkeys(window.ids):
            if id not in stood and id in published and published[id] < seen_at - SETTLED:
                self._is_present(delivery, id, "returned", delivery.received_at)

    def _is_present(self, delivery: Delivery, id: int, presence: str, last_seen_at: datetime) -> None:
        self._presence.append(
            {
                "source_id": delivery.feed,
                "report_id": f"{delivery.feed}:{source_key(str(id))}",
                "delivery_sha256": delivery.sha256,
                "ingested_at": delivery.received_at,
                "presence": presence,
                "last_seen_at": last_seen_at.astimezone(UTC),
            }
        )

    def _contents(self) -> pa.Table:
        """CONTENT: every distinct row once."""
        count = len(self._rows)
        constant = {"observation_type": "police_notice", "status": "unknown"}
        columns: dict[str, pa.Array] = {
            name: pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([value]))
            for name, value in constant.items()
        }
        for name in self._rows[0].values if self._rows else ():
            columns[name] = pa.array([row.values[name] for row in self._rows], CONTENT.field(name).type)
        columns |= fingerprint_columns(self._marks(), count)
        for field in CONTENT:  # what this source never tells is NULL
            columns.setdefault(field.name, pa.nulls(count, field.type))
        return pa.table({field.name: columns[field.name] for field in CONTENT})

    def _marks(self) -> dict[str, Marks]:
        """The marks of the raw fields; an erased summary brings its own, so the hash stays the same."""
        raw = [row.raw for row in self._rows]
        summaries = [None if isinstance(record.summary, Erased) else record.summary for record in raw]
        marks = {"summary": marks_of(pa.array(summaries, pa.string()))}
        for place, record in enumerate(raw):
            if isinstance(record.summary, Erased):
                marks["summary"][place] = int(record.summary.fingerprint, 16) or 1
        for name in ("datetime", "name", "type", "url", "location_gps", "location_name"):
            texts = pa.array([getattr(record, name) for record in raw], pa.string())
            marks[name.replace("location_", "location.")] = marks_of(texts)
        return marks

    def _sightings(self) -> pa.Table:
        """SIGHTING: every time a row stood in a window, or was missed there."""
        is_withdrawn = np.array(self._is_withdrawn, dtype=bool)
        return pa.table(
            {
                "content": pa.array(self._row_index, pa.int32()),
                "delivery": pa.array(self._delivery_index, pa.int32()),
                "record_number": pa.array(self._record_number, pa.int32()),
                "observed_as": pa.array(np.where(is_withdrawn, WITHDRAWN, SEEN).astype(np.int8)),
            }
        )
