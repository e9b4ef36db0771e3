"""The analysts' snapshot: made from the build just published, with what made it.

It follows when the writer's lock is free, under a lock of its own: a briefing before a meeting must not wait for a
copy that analysts read later. A hard link keeps the build from a picture made meanwhile, which brings its own copy.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.locks import held
from flows.results import PictureResult, named
from flows.store import Run, Store
from warehouse.commits import Place, commits
from warehouse.files import TEMP_PREFIX, make_folder, sweep_temp_files, write_bytes
from warehouse.manifest import LakeError, Manifest
from warehouse.snapshot import LAKE_STATE, PROVENANCE, make_snapshot
from warehouse.states import state, states

#: With more report versions than this making it costs more than the sheet (2.8 CPU s at a million where it is renewed,
#: 14 where it is made whole): it is then made once a day, with the night's sheet, and not again for every briefing.
#: Decided 2026-11-26.
VERSIONS_AT_ONCE = 200_000
RENEWED_AFTER = timedelta(hours=20)


@dataclass(frozen=True)
class ToCopy:
    """A published build, and what made it."""

    run_id: str
    code_version: str
    lake_state_number: int
    picture_hash: str
    is_due: bool  # as it was when its tables were made: only then are the week's among them
    inode: int  # with the time of writing: what tells its file from another build's, which takes its name
    written_ns: int


def is_due(store: Store, manifest: Manifest, now: datetime) -> bool:
    """Whether the snapshot follows this picture at once; where not, the next picture after RENEWED_AFTER renews it."""
    count = sum(file.row_count for file in manifest.files if file.table == "report_version")
    if count <= VERSIONS_AT_ONCE or not store.snapshot.exists():
        return True
    age = now - datetime.fromtimestamp(store.snapshot.stat().st_mtime, UTC)
    return not timedelta(0) <= age < RENEWED_AFTER


def note_to_copy(store: Store, run: Run, manifest: Manifest, picture_hash: str, is_due: bool) -> None:
    """Note the build just published, of ``manifest``, as what the snapshot is to be made of, where it ``is_due``.

    Raises OSError.

    With the writer's lock: the newest picture's note stands.
    """
    note = ToCopy(run.run_id, run.code_version, manifest.number, picture_hash, is_due, *_mark(store.database))
    write_bytes(make_folder(store.copying) / "wanted.json", json.dumps(asdict(note)).encode())


def follow(store: Store, run: Run, result: PictureResult | None) -> None:
    """Copy the newest picture's tables for the analysts, where that was not done; the writer's lock is not held.

    Where another process is at it, that one takes the newest picture too when it is done, so nobody waits. The sheet
    is out whatever comes of it: a fault is a warning of ``result``, and the last snapshot stands. What another run
    takes away meanwhile (a rebuild, an erasure) may be such a fault; the next picture makes it good.
    """
    if result is None or result.sheet is None:
        return
    try:
        while (wanted := _wanted(store)) is not None:
            with held(store.copying / "lock") as lock:
                if lock is None:
                    return  # whoever holds it looks again when it has let go
                try:
                    _copy(store, run, wanted)
                finally:  # a fault is no reason to try the same again and again
                    write_bytes(store.copying / "dealt_with.json", json.dumps(asdict(wanted)).encode())
    except Exception as error:
        result.warnings.append(f"the analysts' snapshot is not renewed, the last one stands: {named(error)}")


def _wanted(store: Store) -> ToCopy | None:
    """What is to be copied and was not; None where there is nothing."""
    wanted, dealt_with = _read(store.copying / "wanted.json"), _read(store.copying / "dealt_with.json")
    return wanted if wanted != dealt_with else None


def _read(path: Path) -> ToCopy | None:
    try:
        return ToCopy(**json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _copy(store: Store, run: Run, wanted: ToCopy) -> None:
    sweep_temp_files(store.copying)  # what a killed copy left, also where none is made now
    manifest = state(store.lake, wanted.lake_state_number) if wanted.lake_state_number else Manifest()
    if not (wanted.is_due and is_due(store, manifest, run.now())):  # another may have made one meanwhile
        run.progress("the analysts' snapshot: stands as it is until the night, the lake is large")
        return
    if damage := damage_of(store, manifest):
        raise damage
    build = store.copying / f"{TEMP_PREFIX}build.duckdb"
    os.link(store.database, build)
    try:
        if _mark(build) != (wanted.inode, wanted.written_ns):
            return  # a newer picture's, which wants a copy of its own
        run.progress("the analysts' snapshot: copying the tables")
        why = make(store, build, manifest, wanted)
        run.progress(f"the analysts' snapshot: made whole, {why}" if why else "the analysts' snapshot: renewed")
    finally:
        build.unlink(missing_ok=True)


def _mark(database: Path) -> tuple[int, int]:
    status = database.stat()
    return status.st_ino, status.st_mtime_ns


def damage_of(store: Store, manifest: Manifest | None = None, read: Collection[Path] | None = None) -> Exception | None:
    """The first faults of the lake's files, ``read`` as in ``Lake.verify``; None where there are none."""
    faults = store.lake.verify(manifest, read)
    return LakeError("the lake is damaged: " + "; ".join(faults[:5])) if faults else None


def make(store: Store, build: Path, manifest: Manifest, wanted: ToCopy) -> str:
    """Renew ``store.snapshot`` from ``build``, built of ``manifest``; return why it was made whole, or "".

    Raises duckdb.Error, OSError, ValueError; the snapshot that stood there then stands.
    """
    made = {
        "run_id": wanted.run_id,
        "lake_state_number": manifest.number,
        "manifest_sha256": hashlib.sha256(manifest.to_bytes()).hexdigest(),
        "code_version": wanted.code_version,
        "picture_hash": wanted.picture_hash,
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
        build,
        store.snapshot,
        pa.Table.from_pylist([made], schema=PROVENANCE),
        pa.Table.from_pylist(known, schema=LAKE_STATE),
        kept,
        store.copying,
    )


def _place(name: str, place: Place | None) -> dict[str, Any]:
    return {f"{name}_at": _instant(place[0]), f"{name}_sha256": place[1]} if place else {}


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
