"""The dictionary that the lake is held against, and the made-up connector whose deliveries both are told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from connectors.kit import Delivery, DeliveryOutcome
from connectors.normalised import Normalised
from tests.warehouse.observed import observations, observed, parts_of
from warehouse.contract import NOTICE, REJECT
from warehouse.landing import Landed

FEED = "guard_test"


def normalise(deliveries: Sequence[Delivery], context: object, previous: Delivery | None) -> Normalised:
    """The made-up connector: a delivery is a list of records in JSON."""
    rows, outcomes = [], []
    for delivery in deliveries:
        said = json.loads(delivery.path.read_bytes())["records"]
        for number, (key, text, kind) in enumerate(said, start=1):
            note = text if kind == "seen" else None
            origin = {"delivery_sha256": delivery.sha256, "ingested_at": delivery.received_at}
            rows.append(observed(key, 0, text, **origin, record_number=number, observation=kind, note_public=note))
        seen = sum(kind != "withdrawn" for _, _, kind in said)
        outcomes.append(DeliveryOutcome(delivery.sha256, delivery.received_at, "r", "accepted", seen, 0))
    return Normalised(*parts_of(observations(*rows)), REJECT.empty_table(), NOTICE.empty_table(), outcomes).checked()


def expected(deliveries: Sequence[Landed], bodies: dict[str, bytes], moment: datetime) -> dict[str, tuple]:
    """What a dictionary knows at ``moment``: report → (version, kind of change, text), in the words of the README."""
    known: dict[str, tuple[int, str, str]] = {}
    for landed in sorted(deliveries, key=lambda d: (d.received_at, d.sha256)):
        if landed.received_at > moment:
            break
        records = json.loads(bodies[landed.sha256])["records"]
        # What is missed is concluded after the delivery was read.
        for key, text, kind in sorted(records, key=lambda record: record[2] == "withdrawn"):
            version, stands, said = known.get(key, (0, "never", ""))
            if kind == "seen":
                change = {"never": "new", "withdrawn": "returned"}.get(stands, "changed")
                if change != "changed" or text != said:
                    known[key] = (version + 1, change, text)
            elif stands not in ("never", "withdrawn") or (kind == "cancelled" and stands == "never"):
                known[key] = (version + 1, "withdrawn", text)
    return {
        f"{FEED}:{key}": (version, change, text if change != "withdrawn" else None)
        for key, (version, change, text) in known.items()
    }
