"""The analysts' snapshot: made from the build just published, with what made it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from flows.store import Run, Store
from warehouse.manifest import Manifest
from warehouse.snapshot import LAKE_STATE, PROVENANCE, make_snapshot
from warehouse.states import states

#: With more report versions than this the copy costs more than the sheet (25 CPU s at a million): it is then made once
#: a day, with the night's sheet, and not again for every briefing. Decided 2026-11-26.
VERSIONS_AT_ONCE = 200_000
RENEWED_AFTER = timedelta(hours=20)


def is_due(store: Store, manifest: Manifest, now: datetime) -> bool:
    """Whether the snapshot follows this picture at once; where not, the next picture after RENEWED_AFTER renews it."""
    count = sum(file.row_count for file in manifest.files if file.table == "report_version")
    if count <= VERSIONS_AT_ONCE or not store.snapshot.exists():
        return True
    age = now - datetime.fromtimestamp(store.snapshot.stat().st_mtime, UTC)
    return not timedelta(0) <= age < RENEWED_AFTER


def make(store: Store, run: Run, manifest: Manifest, picture_hash: str) -> None:
    """Renew ``store.snapshot`` from ``store.database``, built of ``manifest``.

    Raises duckdb.Error, OSError, ValueError; the snapshot that stood there then stands.
    """
    made = {
        "run_id": run.run_id,
        "lake_state_number": manifest.number,
        "manifest_sha256": hashlib.sha256(manifest.to_bytes()).hexdigest(),
        "code_version": run.code_version,
        "picture_hash": picture_hash,
    }
    kept = [
        {
            "lake_state_number": state.number,
            "written_at": datetime.fromisoformat(state.written_at) if state.written_at else None,
            "run_id": state.run_id,
            "code_version": state.code_version,
            "what": state.what,
        }
        for state in states(store.lake)
    ]
    make_snapshot(
        store.database,
        store.snapshot,
        pa.Table.from_pylist([made], schema=PROVENANCE),
        pa.Table.from_pylist(kept, schema=LAKE_STATE),
    )
