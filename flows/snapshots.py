"""The analysts' snapshot: made from the build just published, with what made it."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pyarrow as pa

from flows.store import Run, Store
from warehouse.lake import Manifest
from warehouse.snapshot import LAKE_STATE, PROVENANCE, make_snapshot
from warehouse.states import states


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
