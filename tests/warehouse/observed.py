"""Made-up observations for the tests of versions and lake: one call, one record of one delivery."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from connectors.marks import fingerprints
from connectors.normalised import parts_of
from warehouse import versions
from warehouse.contract import OBSERVATION

FIRST = datetime(2026, 10, 1, 5, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    """The time of receipt ``hours`` after the first delivery."""
    return FIRST + timedelta(hours=hours)


def observed(key: str, hours: float, text: str = "a", **values: Any) -> dict[str, Any]:
    """One record with key ``key`` saying ``text``, seen in the delivery received ``hours`` after the first."""
    fields = {"text": text, **values.pop("fields", {})}
    names, prints, source_hash = fingerprints(fields)
    row: dict[str, Any] = {
        "source_id": "guard_test",
        "source_key": key,
        "report_id": f"guard_test:{key}",
        "owner_org": "Testvakt",
        "delivery_sha256": hashlib.sha256(f"{hours}".encode()).hexdigest(),
        "run_id": "r",
        "ingested_at": at(hours),
        "record_number": 1,
        "observation": "seen",
        "source_hash": source_hash,
        "field_names": names,
        "field_fingerprints": prints,
        "occurred_from": FIRST,
        "occurred_until": None,
        "occurred_precision": "minute",
        "occurred_is_ambiguous": False,
        "category": "skada.klotter",
        "observation_type": "guard_report",
        "counts_as": "incident",
        "severity_default": 1,
        "location_precision": "okand",
        "location_method": "none",
        "note_public": f"Klotter {text}.",
        "pii_flags": "",
        "is_person_sensitive": False,
        "tlp": "TLP:AMBER",
        "dq_flags": "",
        "retain_until": date(2028, 10, 1),
    }
    return {**dict.fromkeys(OBSERVATION.names), **row, **values}


def new_versions(table: pa.Table, head: pa.Table | None = None, noise_fields: Any = ()) -> versions.Versioned:
    """The versions of a table of observations."""
    return versions.new_versions(*parts_of(table), head, noise_fields)


def observations(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=OBSERVATION)
