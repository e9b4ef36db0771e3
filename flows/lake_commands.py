"""``lagesbild lake …``: its hashes, its small files, its older states. Order and policy; the work is warehouse's."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from flows.commands import DEGRADED, DONE, NOT_PUBLISHED, opened, wait_of
from flows.console import Console, table
from flows.store import Run, Store
from warehouse.compaction import compact
from warehouse.manifest import LakeError, Manifest
from warehouse.states import changes, drop_states, roll_back, state, states, verify_all

#: Days a replaced state can be gone back to. A month is long enough to see that a mapping was wrong, and bounds what
#: compaction keeps twice; what was known at a moment needs no older state. Decided 2026-11-23.
KEEP_STATES_DAYS = 30


def lake(arguments: argparse.Namespace, console: Console) -> int:
    """Carry out one sub-verb. A lake that cannot be used is code 4: what stands stands."""
    try:
        return LAKE_VERBS[arguments.lake_verb](arguments, console)
    except LakeError as error:
        console.complain(str(error))
        return NOT_PUBLISHED


def tidy(store: Store, run: Run) -> dict[str, int]:
    """Merge small files, then let go of the states whose time is out. For the holder of the writer's lock."""
    done = compact(
        store.lake, written_at=run.now(), run_id=run.run_id, code_version=run.code_version, progress=run.progress
    )
    dropped = drop_states(store.lake, run.now() - timedelta(days=KEEP_STATES_DAYS))
    return {
        "files_merged": done.files_before,
        "files_made": done.files_after,
        "bytes_written": done.bytes_written,
        "states_dropped": dropped.states,
        "files_dropped": dropped.files,
        "bytes_dropped": dropped.bytes,
    }


def _verify(arguments: argparse.Namespace, console: Console) -> int:
    _, store = opened(arguments)
    # Under the lock: housekeeping in between would take away what is being read.
    with store.writing("lake verify", wait_of(arguments)):
        found = verify_all(store.lake, console.progress)
    console.answer(
        {
            "states": found.states,
            "files": found.files,
            "bytes": found.bytes,
            "faults": found.faults,
            "closed_states": found.closed,
        }
    )
    for fault in found.faults:
        console.say(f"FAULT  {fault}")
    console.say(f"{found.states} states, {found.files} files, {found.bytes} bytes read; {len(found.faults)} faults")
    if found.closed:
        numbers = sorted(found.closed)
        console.say(
            f"{len(numbers)} older states between {numbers[0]} and {numbers[-1]} cannot be gone back to: files of"
            " theirs were taken away, by a rebuild or because they held a text since erased. That is as it should be."
        )
    return DEGRADED if found.faults else DONE


def _compact(arguments: argparse.Namespace, console: Console) -> int:
    _, store = opened(arguments)
    run = Run.start(progress=console.progress)
    with store.writing("lake compact", wait_of(arguments)):
        done = compact(
            store.lake, written_at=run.now(), run_id=run.run_id, code_version=run.code_version, progress=run.progress
        )
    console.answer(
        {
            "state": done.manifest.number,
            "files_merged": done.files_before,
            "files_made": done.files_after,
            "bytes_written": done.bytes_written,
        }
    )
    if not done.files_before:
        console.say("nothing to merge; nothing was written")
    else:
        console.say(
            f"state {done.manifest.number}: {done.files_before} files merged into {done.files_after},"
            f" {done.bytes_written} bytes written; the old files stand as long as an older state lists them"
        )
    return DONE


def _history(arguments: argparse.Namespace, console: Console) -> int:
    _, store = opened(arguments)
    # The oldest kept state is told against what stood before it only where that was nothing.
    newest: deque[Manifest | None] = deque([None], maxlen=max(arguments.rows, 1) + 1)
    for manifest in states(store.lake):
        if manifest.number == 1:
            newest.append(Manifest())
        newest.append(manifest)
    rows = [_told(store, before, after) for before, after in pairwise(newest) if after and after.number]
    console.answer({"states": rows})
    if not rows:
        console.say("the lake is empty: nothing was ever committed")
        return DONE
    columns = ["state", "written_at", "run_id", "code", "what", "files", "added", "removed", "rows", "open"]
    lines = [
        {
            **row,
            "code": row["code_version"],
            "written_at": row["written_at"][:16].replace("T", " "),
            "added": sum(c["files_added"] for c in row["tables"] or []),
            "removed": sum(c["files_removed"] for c in row["tables"] or []),
            "rows": ", ".join(f"{c['table']} {c['rows_more']:+d}" for c in row["tables"] or [] if c["rows_more"])
            or None,
            "open": "yes" if row["is_open"] else "no",
        }
        for row in rows
    ]
    console.say(*table(lines, columns))
    return DONE


def _told(store: Store, before: Manifest | None, after: Manifest) -> dict[str, Any]:
    """One state for ``lake history``; ``tables`` is None where the state before it was let go."""
    return {
        "state": after.number,
        "written_at": after.written_at,
        "run_id": after.run_id,
        "code_version": after.code_version,
        "what": after.what,
        "files": len(after.files),
        "tables": None if before is None else [vars(change) for change in changes(before, after)],
        "is_open": all((store.lake.folder / f.path).exists() for f in after.files),
    }


def _rollback(arguments: argparse.Namespace, console: Console) -> int:
    _, store = opened(arguments)
    run = Run.start(progress=console.progress)
    with store.writing("lake rollback", wait_of(arguments)):
        before = store.lake.manifest()
        old = state(store.lake, arguments.number)
        after = roll_back(
            store.lake, arguments.number, written_at=run.now(), run_id=run.run_id, code_version=run.code_version
        )
    tables = [vars(change) for change in changes(before, after)]
    console.answer({"state": after.number, "equal_to": old.number, "tables": tables})
    if after.number == before.number:
        console.say(f"state {after.number} is equal to state {old.number} already; nothing was changed")
        return DONE
    console.say(f"state {after.number} is equal to state {old.number} of {old.written_at[:16].replace('T', ' ')} UTC")
    for change in tables:
        console.say(f"{change['table']}: {change['rows']} rows ({change['rows_more']:+d})")
    console.say("What landed since then is still there: the next run reads it again.")
    return DONE


LAKE_VERBS: dict[str, Callable[[argparse.Namespace, Console], int]] = {
    "verify": _verify,
    "compact": _compact,
    "history": _history,
    "rollback": _rollback,
}
