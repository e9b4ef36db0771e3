"""Which time a delivery speaks for, so that its silence about a day can be told from never having said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.guard_tabular.mapping import CompanyMapping
from connectors.kit import Delivery, DeliveryOutcome, FeedContext
from connectors.times import to_utc
from warehouse.contract import INSTANT

#: Microseconds in an hour; and hours to add so that none since the year 1 is below nought.
HOUR, EPOCH_HOURS = 3_600_000_000, 1 << 25

#: A delivery: its hash and when it was received.
Key = tuple[str, datetime]


def moments_told(contents: pa.Table, sightings: pa.Table, deliveries: Sequence[Delivery]) -> dict[Key, list[datetime]]:
    """The distinct hours each delivery tells of, in order: when reported, else when it happened.

    The moment of the report is preferred, since a report of today may tell of a damage since last summer.
    """
    told_at = pc.coalesce(contents.column("reported_at"), contents.column("occurred_from")).cast(pa.int64())
    hour = np.asarray(pc.fill_null(told_at, 0)) // HOUR
    content = np.asarray(sightings.column("content"))
    is_told = np.asarray(pc.is_valid(told_at))[content]
    place = np.asarray(sightings.column("delivery")).astype(np.int64)[is_told]
    pairs = np.sort(np.asarray(pc.unique(pa.array(place << 32 | (hour[content][is_told] + EPOCH_HOURS)))))
    hours, at = np.unique((pairs & 0xFFFFFFFF) - EPOCH_HOURS, return_inverse=True)
    moments = pa.array(hours * HOUR).cast(INSTANT).to_pylist()  # the same hour is told of in many deliveries
    ends = np.searchsorted(pairs >> 32, np.arange(len(deliveries) + 1)).tolist()
    found: dict[Key, list[datetime]] = {}
    for one, (start, end) in zip(deliveries, pairwise(ends), strict=True):
        told = found.setdefault((one.sha256, one.received_at), [])
        told += [moments[which] for which in at[start:end].tolist()]
    return found


def coverage(
    outcome: DeliveryOutcome,
    told: Mapping[Key, Sequence[datetime]],
    mapping: CompanyMapping,
    context: FeedContext,
    *,
    is_empty: bool,
) -> tuple[datetime | None, datetime | None]:
    """(covers_from, covers_until) in UTC of an accepted delivery; ``told`` comes from ``moments_told``.

    A delivery without records covers the local day before its receipt. A rolling one covers the mapping's
    number of days up to its receipt, and further back (an archive, a week's catching up) as long as its
    records go on without a gap of that many days: a late correction of an old report stands alone and
    extends nothing. Any other covers from its first day told of to the end of its last, never past the
    receipt. Both None when no record says when.
    """
    zone = mapping.timezone or context.timezone
    today = outcome.received_at.astimezone(zone)
    hours = told.get((outcome.delivery_sha256, outcome.received_at), [])
    if is_empty:
        return _midnight(today - timedelta(days=1), zone), _midnight(today, zone)
    if mapping.covers_days is not None:
        step = timedelta(days=mapping.covers_days)
        first = _midnight(today - step, zone)
        for hour in reversed(hours):
            if hour < first:
                if first - hour > step:
                    break
                first = hour
        return _midnight(first.astimezone(zone), zone), outcome.received_at
    if not hours:
        return None, None
    first = _midnight(hours[0].astimezone(zone), zone)
    until = min(_midnight(hours[-1].astimezone(zone) + timedelta(days=1), zone), outcome.received_at)
    return first, max(until, first)


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    return to_utc(datetime(moment.year, moment.month, moment.day), zone).instant  # noqa: DTZ001 - a local day
