"""The analysts' snapshot: made from the build just published, with what made it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from flows.store import Run, Store
from warehouse.commits import Place, commits
from warehouse.manifest import Manifest
from warehouse.snapshot import LAKE_STATE, PROVENANCE, make_snapshot
from warehouse.states import states

#: With more report versions than this making it costs more than the sheet (2.8 CPU s at a million where it is renewed,
#: 14 where it is made whole): it is then made once a day, with the night's sheet, and not again for every briefing.
#: Decided 2026-11-26.
VERSIONS_AT_ONCE = 200_000
RENEWED_AFTER = timedelta(hours=20)


def is_due(store: Store, manifest: Manifest, now: datetime) -> bool:
    """Whether the snapshot follows this picture at once; where not, the next picture after RENEWED_AFTER renews it."""
    count = sum(file.row_count for file in manifest.files if file.table == "report_version")
    if count <= VERSIONS_AT_ONCE or not store.snapshot.exists():
        return True
    age = now - datetime.fromtimestamp(store.snapshot.stat().st_mtime, UTC)
    return not timedelta(0) <= age < RENEWED_AFTER


def make(store: Store, run: Run, manifest: Manifest, picture_hash: str) -> str:
    """Renew ``store.snapshot`` from ``store.database``, built of ``manifest``; return why it was made whole, or "".

    Raises duckdb.Error, OSError, ValueError; the snapshot that stood there then stands.
    """
    made = {
        "run_id": run.run_id,
        "lake_state_number": manifest.number,
        "manifest_sha256": hashlib.sha256(manifest.to_bytes()).hexdigest(),
        "code_version": run.code_version,
        "picture_hash": picture_hash,
    }
    kept = [state for state in states(store.lake) if state.number <= manifest.number]
    known = [
        {
            "lake_state_number": commit.number,
            "written_at": _instant(commit.written_at),
            "run_id": commit.run_id,
            "code_version": commit.code_version,
            "what": commit.what,
            "source_id": commit.feed,
            **_place("after", commit.after),
            **_place("until", commit.until),
        }
        for commit in commits(store.lake, kept)
    ]
    return make_snapshot(
        store.database,
        store.snapshot,
        pa.Table.from_pylist([made], schema=PROVENANCE),
        pa.Table.from_pylist(known, schema=LAKE_STATE),
        kept,
    )


def _place(name: str, place: Place | None) -> dict[str, Any]:
    return {f"{name}_at": _instant(place[0]), f"{name}_sha256": place[1]} if place else {}


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
