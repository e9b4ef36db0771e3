"""Gathers what the windows say into columns: observations, rejects, notices, presence, outcomes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import hashed
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
    source_keys,
)
from connectors.normalised import Normalised, delivered_table
from connectors.polisen_events.entries import Record
from connectors.polisen_events.rows import Rows, rows_of
from connectors.polisen_events.title import read_published
from connectors.polisen_events.windows import UNREADABLE_SHARE, Fault, Window, missing_since
from warehouse.contract import INSTANT, PRESENCE, SEEN, WITHDRAWN

#: A notice missing from the window before, though published this long before that window was taken, has been
#: in the feed earlier: it is back. An hour lets a cached answer be late.
SETTLED = timedelta(hours=1)

#: A publication this far after the receipt, or before the feed's first year, is a slip or a clock gone wrong: it
#: would stand as the newest event for years. An hour lets the two clocks differ.
AHEAD, EARLIEST = timedelta(hours=1), datetime(2010, 1, 1, tzinfo=UTC)

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)

#: Microseconds that any time lies within of 1970.
LATEST = 1 << 62

#: The tail's place in time is read from its last records, since single ones are old notices that were edited.
TAIL_RECORDS = 10

Known = tuple[datetime, Window]

#: Why a notice has no row: (reason, field).
_Why = tuple[str, str]


@dataclass
class _Sightings:
    """One entry per observation: which distinct notice, in which delivery, record number, withdrawn or seen."""

    place: list[int] = field(default_factory=list)
    delivery: list[int] = field(default_factory=list)
    record_number: list[int] = field(default_factory=list)
    is_withdrawn: list[bool] = field(default_factory=list)

    def add(self, delivery: int, places: list[int], record_numbers: list[int], *, is_withdrawn: bool) -> None:
        self.place += places
        self.delivery += [delivery] * len(places)
        self.record_number += record_numbers
        self.is_withdrawn += [is_withdrawn] * len(places)

    def table(self) -> pa.Table:
        """SIGHTING."""
        is_withdrawn = np.array(self.is_withdrawn, dtype=bool)
        return pa.table(
            {
                "content": pa.array(self.place, pa.int32()),
                "delivery": pa.array(self.delivery, pa.int32()),
                "record_number": pa.array(self.record_number, pa.int32()),
                "observed_as": pa.array(np.where(is_withdrawn, WITHDRAWN, SEEN).astype(np.int8)),
            }
        )


@dataclass
class _Presence:
    """What is told of several notices of a window at once: how many, in which delivery, what of them, when last seen;
    and the ids of all, one after the other."""

    delivery: list[int] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    last_seen_at: list[datetime] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    def add(self, delivery: int, ids: list[int], what: str, last_seen_at: datetime) -> None:
        self.delivery.append(delivery)
        self.count.append(len(ids))
        self.what.append(what)
        self.last_seen_at.append(last_seen_at)
        self.ids += ids


class Collector:
    """What the deliveries of one call say. Each distinct notice has one place, and a row for all at the end."""

    def __init__(self, context: FeedContext) -> None:
        self._context = context
        self._place_of: dict[Record, int | _Why] = {}
        self._met: dict[int, int | _Why] = {}  # by identity: most windows repeat the very records
        self._held: list[Record] = []  # those met, so that no other can get the identity of one
        self._records: list[Record] = []
        self._published: list[datetime] = []
        self._first, self._last = LATEST, -LATEST  # of the publications looked at, in microseconds since 1970
        self._looked_at = 0
        self._deliveries: list[Delivery] = []
        self._new_fields: list[dict[tuple[str, str], list[int]]] = []  # by delivery
        self._sightings = _Sightings()
        self._rejects: list[dict[str, Any]] = []
        self._presence = _Presence()
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
        faults, numbers, places = list(window.faults), list[int](), list[int]()
        latest = delivery.received_at + AHEAD
        stand = self._places(window)
        # Hardly any window has a notice of an absurd time: looked for where any that was ever read could be one.
        is_sure = self._lie_between(EARLIEST, latest)
        if is_sure and set(map(type, stand)) == {int}:
            numbers, places = [number for number, _ in window.records], cast("list[int]", stand)
        else:
            for (number, _), place in zip(window.records, stand, strict=True):
                if not isinstance(place, int):
                    faults.append(Fault(number, *place))
                elif not is_sure and not EARLIEST <= self._published[place] <= latest:
                    reason = "date_absurd" if self._published[place] < EARLIEST else "future"
                    faults.append(Fault(number, reason, "datetime"))
                else:
                    numbers.append(number)
                    places.append(place)
        if len(faults) > UNREADABLE_SHARE * window.length:
            detail = f"{len(faults)} of {window.length} records cannot be read"
            raise DeliveryError("mostly_unreadable", detail, window.length)
        for fault in sorted(faults):
            self._rejects.append(
                reject_row(delivery, fault.reason, record_number=fault.record_number, field=fault.field)
            )
        self._sightings.add(len(self._deliveries), places, numbers, is_withdrawn=False)
        self._deliveries.append(delivery)
        self._new_fields.append(window.new_fields)
        if before is not None:
            self._compare(delivery, window, before)
        # From when on the window holds everything published: the newest publication among its last records.
        tail = max((self._published[place] for place in places[-TAIL_RECORDS:]), default=None)
        self._outcomes.append(
            DeliveryOutcome(
                delivery.sha256,
                delivery.received_at,
                delivery.run_id,
                "accepted",
                seen_count=window.length,
                rejected_count=len(faults),
                covers_from=None if tail is None else tail.astimezone(UTC),
                covers_until=delivery.received_at,
            )
        )

    def normalised(self) -> Normalised:
        """The tables, checked against the contract."""
        rows = rows_of(self._records, self._published, self._context)
        return Normalised(
            rows.contents,
            self._sightings.table(),
            delivered_table(self._deliveries, self._context),
            rejects=rejects_table(self._rejects),
            notices=notices_table(self._notices(rows)),
            outcomes=self._outcomes,
            presence=self._presence_table(),
        ).checked()

    def _places(self, window: Window) -> list[int | _Why]:
        """``_place`` of each of the window's records."""
        places = list(map(self._met.get, [id(record) for _, record in window.records]))
        if None not in places:
            return places  # type: ignore[return-value]
        return [
            self._place(record) if place is None else place
            for place, (_, record) in zip(places, window.records, strict=True)
        ]

    def _place(self, record: Record) -> int | _Why:
        """Where the notice stands among the distinct ones, or why it has no row."""
        if (met := self._met.get(id(record))) is not None:
            return met
        if (place := self._place_of.get(record)) is None:
            published = read_published(record.datetime)
            if published is None:
                place = ("unreadable_time", "datetime")
            else:
                place = len(self._records)
                self._records.append(record)
                self._published.append(published)
            self._place_of[record] = place
        self._met[id(record)] = place
        self._held.append(record)
        return place

    def _lie_between(self, earliest: datetime, latest: datetime) -> bool:
        """Whether all publications ever read do; those not looked at yet are, as numbers."""
        if fresh := self._published[self._looked_at :]:
            span = pc.min_max(pa.array(fresh, INSTANT).cast(pa.int64())).as_py()
            self._first, self._last = min(self._first, span["min"]), max(self._last, span["max"])
            self._looked_at = len(self._published)
        bounds = [(moment - EPOCH) // MICROSECOND for moment in (earliest, latest)]
        return bounds[0] <= self._first and self._last <= bounds[1]

    def _notices(self, rows: Rows) -> list[dict[str, Any]]:
        """The new fields of each delivery, and the words of its notices that are on no list."""
        found = [defaultdict[tuple[str, str | None, str], list[int]](list) for _ in self._deliveries]
        for of_delivery, new_fields in zip(found, self._new_fields, strict=True):
            for (inside, name), numbers in new_fields.items():
                of_delivery["new_field", inside or None, name] = numbers
        told = self._sightings
        odd = np.zeros(len(self._records), dtype=bool)
        odd[list(rows.unmapped)] = True
        is_seen = ~np.array(told.is_withdrawn, dtype=bool)
        for at in np.flatnonzero(odd[np.array(told.place, dtype=np.int64)] & is_seen).tolist():
            for key in rows.unmapped[told.place[at]]:
                found[told.delivery[at]][key].append(told.record_number[at])
        notices = []
        for delivery, of_delivery in zip(self._deliveries, found, strict=True):
            # Sorted to the end: dicts of fields come in no order that two runs share.
            order = sorted(of_delivery, key=lambda key: (of_delivery[key][0], key[0], key[1] or "", key[2]))
            for what in order:
                numbers = of_delivery[what]
                row = notice_row(
                    delivery,
                    what[0],
                    field=what[1],
                    detail=what[2],
                    record_count=len(numbers),
                    first_record_number=min(numbers),
                )
                notices.append(row)
        return notices

    def _compare(self, delivery: Delivery, window: Window, before: Known) -> None:
        """Withdrawals and presence. Withdrawn rows are numbered after the window's own records."""
        seen_at, earlier = before
        missing = missing_since(earlier, window)
        of = len(self._deliveries) - 1
        self._presence.add(of, missing.vanished, "vanished", seen_at)
        self._presence.add(of, missing.left_tail, "left_tail", seen_at)
        if missing.vanished:
            vanished, known = set(missing.vanished), dict[int, int]()
            for _, record in reversed(earlier.records):  # an id twice in one window: its first record counts
                if record.id in vanished and isinstance(place := self._place(record), int):
                    known[record.id] = place
            gone = [known[id] for id in missing.vanished if id in known]
            numbers = list(range(window.length + 1, window.length + 1 + len(gone)))
            self._sightings.add(of, gone, numbers, is_withdrawn=True)
        if fresh := [id for id in window.stand if id not in earlier.stand]:
            settled = seen_at - SETTLED
            told = [(id, window.last_told[id]) for id in fresh if id in window.last_told]
            places = [(id, self._place_of[record]) for id, record in told]
            back = [id for id, at in places if isinstance(at, int) and self._published[at] < settled]
            self._presence.add(of, back, "returned", delivery.received_at)

    def _presence_table(self) -> pa.Table:
        """PRESENCE, in the order of deliveries."""
        told = self._presence
        of, ids = pa.array(np.repeat(np.array(told.delivery, dtype=np.int32), told.count)), hashed(told.ids)
        delivered = pa.table(
            {
                "delivery_sha256": [each.sha256 for each in self._deliveries],
                "ingested_at": pa.array([each.received_at for each in self._deliveries], INSTANT),
            }
        )
        keys = pa.array(source_keys(list(map(str, ids.values))), pa.string())
        report_ids = pc.binary_join_element_wise(self._context.feed, keys, ":")
        run = pa.array(np.repeat(np.arange(len(told.count)), told.count))
        columns = {
            "source_id": pa.repeat(pa.scalar(self._context.feed), len(told.ids)),
            "report_id": report_ids.take(pa.array(ids.codes)),
            **{name: delivered.column(name).take(of) for name in delivered.column_names},
            "presence": pa.array(told.what, pa.string()).take(run),
            "last_seen_at": pa.array(told.last_seen_at, INSTANT).take(run),
        }
        return pa.table({name: columns[name] for name in PRESENCE.names})
