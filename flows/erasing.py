"""The policy of erasing: whose texts, after how long, in which order, so that nothing is lost by a kill half-way."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from flows.store import Run, Store
from warehouse.erasure import erased_in, erased_notes, not_erased, withdrawn_texts, without
from warehouse.journal import stood_for
from warehouse.manifest import LakeFile

if TYPE_CHECKING:
    from flows.settings import Settings

#: The field whose withdrawn texts are erased, by kind of feed. Only the police's summary leaves the landing zone
#: as text; everybody else's free text is never shown and goes with its delivery.
TEXT_FIELD = {"polisen_events": "summary"}


def erase_withdrawn_texts(store: Store, settings: Settings, run: Run) -> dict[str, int]:
    """Erase, from lake and landing zone, the texts withdrawn longer ago than the settings allow; how many."""
    days = settings.thresholds["erase_withdrawn_text_days"].value
    before = run.now() - timedelta(days=days)
    done = {"notes": 0, "objects": 0}
    for feed in settings.feeds.values():
        files = store.lake.files("report_version", source_id=feed.feed)
        if feed.kind in TEXT_FIELD and files:
            withdrawn = withdrawn_texts(files, feed.feed, TEXT_FIELD[feed.kind], before)
            fresh = not_erased(store.lake.files("note", source_id=feed.feed), withdrawn)
            # The landed bytes first: killed in between, the next run finds the notes still there and goes on.
            if fresh.num_rows:
                _drop_copies(store)
            done["objects"] += _clean_objects(store, feed.feed, feed.kind, withdrawn, run)
            done["notes"] += _clean_notes(store, feed.feed, withdrawn, fresh, run)
    return done


def _drop_copies(store: Store) -> None:
    """Remove what was made for a picture of the past or of a part: texts live on there, and it can be made again."""
    if store.past_lake.exists():
        shutil.rmtree(store.past_lake)  # follows no link: the landed objects stay
    for database in (store.past_database, store.part_database):
        database.unlink(missing_ok=True)


def _clean_objects(store: Store, feed: str, kind: str, withdrawn: pa.Table, run: Run) -> int:
    """Replace each landed object that still holds one of the texts; returns how many were replaced."""
    erase = importlib.import_module(f"connectors.{kind}.erase").erase
    texts = {(row["source_key"], row["text_print"]) for row in withdrawn.to_pylist()}
    keys = {int(key) for key, _ in texts if key.isdigit()}
    wanted = {(int(key), text_print) for key, text_print in texts if key.isdigit()}
    landing, count = store.landing, 0
    erasures = landing.erasures()
    if not wanted:
        return 0
    for sha256 in dict.fromkeys(landed.sha256 for landed in landing.deliveries(feed)):
        stored = stood_for(sha256, erasures)[-1]
        path = landing.object_path(stored)
        body = path.read_bytes() if path.exists() else b""
        if not any(str(key).encode() in body for key in keys):
            continue
        cleaned = erase(body, wanted)
        if cleaned != body:
            landing.note_erasure(feed, stored, cleaned, erased_at=run.now(), text_count=len(wanted))
            count += 1
    return count


def _clean_notes(store: Store, feed: str, withdrawn: pa.Table, fresh: pa.Table, run: Run) -> int:
    """Commit the notes without the ``fresh`` texts, then remove the files that held one; returns how many went."""
    if fresh.num_rows:
        _commit_without(store, feed, fresh, run)
    # What is erased is erased from the past as well: older states list files that hold the texts still, of before
    # the erasure, a compaction or a remaking of the feed. Killed in between, the next run comes here again.
    manifest = store.lake.manifest()
    older = [path for path in store.lake.stray_files(manifest) if path.is_relative_to(store.lake.folder / "note")]
    for path in erased_in(older, store.lake.files("note", manifest, feed), withdrawn):
        path.unlink()
    return int(fresh.num_rows)


def _commit_without(store: Store, feed: str, withdrawn: pa.Table, run: Run) -> None:
    lake = store.lake
    manifest = lake.manifest()
    batch = f"{manifest.number + 1:06d}-erased"
    files: list[LakeFile] = []
    for file in manifest.files:
        rest = without(lake.folder / file.path, withdrawn) if (file.table, file.source_id) == ("note", feed) else None
        if rest is None:
            files.append(file)
        else:
            files += lake.write_batch(feed, f"{batch}-{file.batch_id}", {"note": rest})
    files += lake.write_batch(feed, batch, {"note": erased_notes(withdrawn)})
    lake.commit(
        manifest,
        files=files,
        feeds=manifest.feeds,
        written_at=run.now(),
        run_id=run.run_id,
        code_version=run.code_version,
        what=f"erase withdrawn texts of {feed}",
    )
