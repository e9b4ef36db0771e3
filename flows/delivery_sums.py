"""What became of each delivery read, as the lake's table of deliveries tells it."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.kit import DeliveryOutcome
from connectors.normalised import Normalised
from warehouse.contract import DELIVERY, INSTANT

#: Stands for "no event" among microseconds.
NEVER = np.iinfo(np.int64).min


def delivery_table(feed: str, normalised: Normalised, accepted: dict[tuple[str, datetime], int]) -> pa.Table:
    """One row per delivery (DELIVERY) with its sums; what was seen and neither rejected nor new is a duplicate."""
    newest = _newest_events(normalised)

    def row(o: DeliveryOutcome) -> dict[str, object]:
        key = (o.delivery_sha256, o.received_at)
        taken = accepted.get(key, 0)
        return {
            "source_id": feed,
            "delivery_sha256": o.delivery_sha256,
            "ingested_at": o.received_at,
            "run_id": o.run_id,
            "disposition": o.disposition,
            "reason": o.reason,
            "seen_count": o.seen_count,
            "accepted_count": taken,
            "rejected_count": o.rejected_count,
            "duplicate_count": o.seen_count - o.rejected_count - taken,
            "covers_from": o.covers_from,
            "covers_until": o.covers_until,
            "newest_event_at": newest.get(key),
        }

    return pa.Table.from_pylist([row(o) for o in normalised.outcomes], schema=DELIVERY)


def _newest_events(normalised: Normalised) -> dict[tuple[str, datetime], datetime]:
    """The newest event each delivery tells of."""
    contents, deliveries = normalised.contents, normalised.deliveries
    event_at = pc.coalesce(*(contents.column(name) for name in ("occurred_from", "published_at", "reported_at")))
    at = np.asarray(pc.fill_null(event_at.cast(pa.int64()), NEVER))
    newest = np.full(deliveries.num_rows, NEVER)
    sightings = normalised.sightings
    np.maximum.at(newest, np.asarray(sightings.column("delivery")), at[np.asarray(sightings.column("content"))])
    known = pa.array(newest, mask=newest == NEVER).cast(INSTANT).to_pylist()
    keys = zip(*(deliveries.column(name).to_pylist() for name in ("delivery_sha256", "ingested_at")), strict=True)
    return {key: moment for key, moment in zip(keys, known, strict=True) if moment is not None}
