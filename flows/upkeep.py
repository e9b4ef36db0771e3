"""Keeping the house: the lake made again from what landed, withdrawn texts erased when their time is out."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from flows.commands import DEGRADED, DONE, opened, wait_of
from flows.console import Console
from flows.ingest import ingest_feed
from flows.settings import Settings
from flows.sheets import thin_published
from flows.store import Run, Store
from warehouse.contract import LAKE_TABLES
from warehouse.files import sync
from warehouse.manifest import ManifestDamaged


def rebuild(arguments: argparse.Namespace, console: Console) -> int:
    """Make every feed's part of the lake again from landed deliveries alone, and say whether anything differs."""
    settings, store = opened(arguments)
    run = Run.start(progress=console.progress)
    wait = wait_of(arguments)
    with store.writing("rebuild", wait):
        before = _hashes(store, lenient=True)
        damaged = _set_damaged_aside(store, run)
        for feed in settings.feeds:
            ingest_feed(store, settings, feed, run, remake=True)
        after = _hashes(store)
        removed = store.lake.remove_unlisted()
        erased = sorted({feed for feed, _, _ in store.landing.removals()})
        if damaged and not erased:  # all it held has been made again from what landed
            shutil.rmtree(damaged)
    rows: list[dict[str, Any]] = [
        {"table": name, "before": before[name], "after": after[name], "is_same": before[name] == after[name]}
        for name in LAKE_TABLES
    ]
    console.answer({"tables": rows, "files_removed": removed})
    for row in rows:
        was = "identical" if row["is_same"] else f"was {row['before'] or 'unreadable'}"
        console.say(f"{row['table']}: {row['after']} ({was})")
    if damaged and erased:
        console.say(
            f"{', '.join(erased)}: what was made of deliveries whose bytes are erased (landed_days) could not be made"
            f" again. The damaged lake is kept in {damaged}; better is the lake of a backup, and then `lagesbild run`."
        )
    return DONE if all(row["is_same"] for row in rows) and not (damaged and erased) else DEGRADED


def _set_damaged_aside(store: Store, run: Run) -> Path | None:
    """Where the lake whose manifest is damaged was moved to, so that a new one can be made; None where it is whole.

    Raises LakeError where the lake was written by a newer program: that is no damage.
    """
    try:
        store.lake.manifest()
    except ManifestDamaged:
        aside = store.folder / f"lake-damaged-{run.run_id}"
        store.lake.folder.rename(aside)
        sync(store.folder)
        return aside
    return None


def _hashes(store: Any, lenient: bool = False) -> dict[str, str | None]:
    """Content hash per table; None for a table that cannot be read, which is what a rebuild is for."""
    import duckdb

    from warehouse.manifest import LakeError

    found: dict[str, str | None] = {}
    for name in LAKE_TABLES:
        try:
            found[name] = store.lake.content_hash(name)
        except (duckdb.Error, LakeError):
            if not lenient:
                raise
            found[name] = None
    return found


def housekeeping(arguments: argparse.Namespace, console: Console) -> int:
    """Erase the texts that were replaced or withdrawn and whose time is out; tidy the lake and the sheets."""
    settings, store = opened(arguments)
    with store.writing("housekeeping", wait_of(arguments)):
        done = keep_house_whole(store, settings, Run.start(progress=console.progress))
    console.answer(done)
    console.say(
        f"{done['notes']} withdrawn texts erased, {done['objects']} landed deliveries cleaned,"
        f" the bytes of {done['landed_erased']} erased since their time is out",
        f"{done['files_merged']} files merged into {done['files_made']}, {done['states_dropped']} old states and"
        f" {done['files_dropped']} files let go",
        f"{done['sheets_dropped']} old sheets let go",
    )
    return DONE


def keep_house_whole(store: Store, settings: Settings, run: Run) -> dict[str, int]:
    """Everything that is kept in order by the week, for the holder of the writer's lock; what was done, in counts."""
    from flows.erasing import erase_withdrawn_texts
    from flows.lake_commands import tidy
    from flows.retention import erase_old_bytes

    erased = erase_withdrawn_texts(store, settings, run) | erase_old_bytes(store, settings, run)
    return {**erased, **tidy(store, run), "sheets_dropped": thin_published(store.published, settings, run.now())}
