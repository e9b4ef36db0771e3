"""Made-up observations for the tests of versions and lake: one call, one record of one delivery."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from connectors.marks import fingerprints
from warehouse import versions
from warehouse.contract import CONTENT, DELIVERED, OBSERVATION, OBSERVATION_WORDS, OF_DELIVERY

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


def parts_of(observations: pa.Table) -> tuple[pa.Table, pa.Table, pa.Table]:
    """(contents, sightings, deliveries) of a table of OBSERVATION: every row a content of its own."""
    by = observations.select(list(OF_DELIVERY)).group_by(list(OF_DELIVERY), use_threads=False).aggregate([])
    deliveries = by.select(list(OF_DELIVERY)).sort_by([("ingested_at", "ascending"), ("delivery_sha256", "ascending")])
    places = {tuple(row.values()): place for place, row in enumerate(deliveries.to_pylist())}
    words = {word: code for code, word in enumerate(OBSERVATION_WORDS)}
    where = [places[tuple(row.values())] for row in observations.select(list(OF_DELIVERY)).to_pylist()]
    kinds = [words[word] for word in observations.column("observation").to_pylist()]
    sightings = pa.table(
        {
            "content": pa.array(np.arange(observations.num_rows, dtype=np.int32)),
            "delivery": pa.array(where, pa.int32()),
            "record_number": observations.column("record_number"),
            "observed_as": pa.array(kinds, pa.int8()),
        }
    )
    return observations.select(CONTENT.names), sightings, deliveries.select(DELIVERED.names)
