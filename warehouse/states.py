"""The states the lake has been in: which are kept, whether they hold, how to go back to one, when they are dropped.

Each commit keeps its manifest under ``manifests/``; a state can be gone back to as long as all its files stand.
What was known at a moment is asked of the present state (as_of.py): it holds every version. Older states are for
undoing: a wrong mapping, an archive read into the wrong feed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

from warehouse.commits import remember
from warehouse.connection import THREADS
from warehouse.contract import CONTRACT_VERSION
from warehouse.files import sha256_of, sync
from warehouse.lake import Lake
from warehouse.manifest import LakeError, LakeFile, Manifest


@dataclass(frozen=True)
class Change:
    """What one state changed in one table, against the state before it."""

    table: str
    files_added: int
    files_removed: int
    rows: int  # in the table after the change
    rows_more: int  # than before it; negative where rows went


@dataclass
class Verified:
    """What came of reading every file that any kept state lists."""

    states: int = 0
    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)  # damage: something must be done
    closed: dict[int, int] = field(default_factory=dict)  # older state → how many of its files were taken away


@dataclass(frozen=True)
class Dropped:
    """What was let go: manifests of old states, and files that no kept state lists."""

    states: int
    files: int
    bytes: int


def kept_numbers(lake: Lake, present: Manifest | None = None) -> list[int]:
    """The states whose manifest is kept, oldest first, the present one last.

    A manifest above the present one was written by a run killed before its commit; it never counted.
    """
    last = (present or lake.manifest()).number
    found = (lake.folder / "manifests").glob("[0-9]*.json") if last else ()
    return sorted(number for path in found if (number := int(path.stem)) <= last)


def state(lake: Lake, number: int) -> Manifest:
    """The manifest of one kept state. Raises LakeError where it is not kept or cannot be read."""
    path, present = lake.state_path(number), lake.manifest()
    if number > present.number or not path.exists():
        kept = kept_numbers(lake, present)
        span = f"{kept[0]} to {kept[-1]}" if kept else "none"
        raise LakeError(
            f"there is no state {number}; kept are {span}. Nothing was changed. `lagesbild lake history` lists them."
        )
    return Manifest.from_bytes(path.read_bytes(), path)


def states(lake: Lake) -> Iterator[Manifest]:
    """The kept states, oldest first."""
    for path in map(lake.state_path, kept_numbers(lake)):
        yield Manifest.from_bytes(path.read_bytes(), path)


def changes(before: Manifest, after: Manifest) -> list[Change]:
    """What ``after`` changed, table by table; tables that were left alone are not named."""
    old, new = set(before.files), set(after.files)
    rows_before, rows_after = _rows(before), _rows(after)
    return [
        Change(
            table,
            sum(f.table == table for f in new - old),
            sum(f.table == table for f in old - new),
            rows_after[table],
            rows_after[table] - rows_before[table],
        )
        for table in sorted({f.table for f in new ^ old})
    ]


def _rows(manifest: Manifest) -> Counter[str]:
    sums: Counter[str] = Counter()
    for file in manifest.files:
        sums[file.table] += file.row_count
    return sums


def chain_faults(lake: Lake) -> list[str]:
    """Where the chain of manifests does not hold: each names the SHA-256 of the one before it."""
    present = lake.manifest()
    if present.number == 0:
        return []
    faults = []
    numbers = kept_numbers(lake, present)
    if numbers[-1:] != [present.number]:
        faults.append(f"manifests/{present.number:08d}.json: missing; the present state stands in manifest.json alone")
    elif lake.state_path(present.number).read_bytes() != lake.pointer.read_bytes():
        faults.append(f"manifests/{present.number:08d}.json: differs from manifest.json, which counts")
    expected: str | None = None
    for number, follower in zip(numbers, [*numbers[1:], None], strict=True):
        path = lake.state_path(number)
        content = path.read_bytes()
        try:
            manifest = Manifest.from_bytes(content, path)
        except LakeError as error:
            faults.append(str(error))
            expected = None
            continue
        if manifest.number != number:
            faults.append(f"manifests/{path.name}: is of state {manifest.number}")
        if expected is not None and manifest.parent_sha256 != expected:
            faults.append(f"manifests/{path.name}: the state before it was changed after it was written")
        expected = hashlib.sha256(content).hexdigest()
        if follower is not None and follower != number + 1:
            faults.append(f"manifests/: states {number + 1} to {follower - 1} are missing")
            expected = None
    return faults


def verify_all(lake: Lake, progress: Callable[[str, float], None] = lambda line, share: None) -> Verified:
    """Read every file that any kept state lists and hold it against its hash; hold the chain of manifests.

    A file of the present state that is missing is damage. One of older states only may have been taken away by a
    rebuild, or because it held a text since erased: the state is then closed for good, which is told and no fault.
    """
    present = lake.manifest()
    result = Verified(faults=chain_faults(lake))
    listed: dict[str, LakeFile] = {}
    by_state: dict[int, list[str]] = {}
    for number in kept_numbers(lake, present):
        path = lake.state_path(number)
        try:
            manifest = Manifest.from_bytes(path.read_bytes(), path)
        except LakeError:
            continue  # told by the chain
        by_state[number] = [f.path for f in manifest.files]
        listed.update({f.path: f for f in manifest.files})
    listed.update({f.path: f for f in present.files})
    needed = {f.path for f in present.files}
    by_state.setdefault(present.number, sorted(needed))
    gone: set[str] = set()
    with ThreadPoolExecutor(THREADS) as pool:
        hashes = pool.map(lambda file: _hash_or_none(lake.folder / file.path), listed.values())
        for done, (file, found) in enumerate(zip(listed.values(), hashes, strict=True), start=1):
            if found is None and file.path not in needed:
                gone.add(file.path)
            elif found != file.sha256:
                what = "missing" if found is None else "bytes changed since written"
                remedy = "`lagesbild rebuild` makes it again" if file.path in needed else "its states are closed"
                result.faults.append(f"{file.path}: {what}; {remedy}")
            result.files += found is not None
            result.bytes += file.byte_count if found is not None else 0
            progress(f"{done} of {len(listed)} files read", done / len(listed))
    result.states = len(by_state) if present.number else 0
    counts = {number: sum(path in gone for path in paths) for number, paths in by_state.items()}
    result.closed = {number: count for number, count in counts.items() if count}
    return result


def _hash_or_none(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except FileNotFoundError:
        return None


def roll_back(lake: Lake, number: int, *, written_at: datetime, run_id: str, code_version: str) -> Manifest:
    """A new state equal to state ``number``: the same files, and the feeds' marks of how far they were read.

    The next run reads the deliveries since then again, so nothing is lost: what landed stays landed. Where the
    present state is equal already, it is returned and nothing is written, so that a repeat after a kill is no fault.
    Raises LakeError where that state is not kept or no longer has all its files whole.
    """
    present, old = lake.manifest(), state(lake, number)
    if (set(old.files), dict(old.feeds)) == (set(present.files), dict(present.feeds)):
        return present
    if old.contract_version != CONTRACT_VERSION:
        raise LakeError(
            f"state {number} was written by contract version {old.contract_version}; this program builds from version"
            f" {CONTRACT_VERSION}. State {present.number} stands. Run `lagesbild rebuild` instead."
        )
    gone = sum(not (lake.folder / f.path).exists() for f in old.files)
    if gone:
        raise LakeError(
            f"state {number} cannot be gone back to: {gone} of its {len(old.files)} files were taken away, by a rebuild"
            f" or because they held a text since erased. Nothing was changed, state {present.number} stands."
            " `lagesbild lake history` marks the states that are open; `lagesbild rebuild` reads all deliveries anew."
        )
    if faults := lake.verify(old):
        raise LakeError(f"state {number} is damaged, state {present.number} stands: " + "; ".join(faults[:5]))
    return lake.commit(
        present,
        files=old.files,
        feeds=old.feeds,
        written_at=written_at,
        run_id=run_id,
        code_version=code_version,
        what=f"roll back to state {number}",
    )


def unlisted_files(lake: Lake) -> list[Path]:
    """Data files that no kept state lists: left by a killed run. They are never read.

    Raises LakeError where a kept manifest cannot be read: what it lists is then not known.
    """
    return lake.unlisted(f for manifest in (*states(lake), lake.manifest()) for f in manifest.files)


def drop_states(lake: Lake, before: datetime) -> Dropped:
    """Let go of the states that had been replaced by ``before``, and of every file that no kept state lists.

    The state that stood at ``before`` is kept, so that every moment since can be gone back to. Which run and program
    read what is written down for ever first (commits.py). The manifests go
    first, oldest first: killed in between, the chain is whole and the next call takes the files. The writer's lock
    must be held. Raises LakeError, with nothing removed, where a kept manifest cannot be read.
    """
    written_at = {manifest.number: datetime.fromisoformat(manifest.written_at) for manifest in states(lake)}
    # A clock set back may have left a newer state with an older time: only an unbroken row of the oldest goes.
    # Where states are missing in between, the next one that is there stands for them.
    pairs = list(takewhile(lambda pair: written_at[pair[1]] <= before, pairwise(written_at)))
    drop = [number for number, _ in pairs]
    if pairs:  # the first that is kept too: what it read is told by the one before it
        remember(lake, states(lake), pairs[-1][1])
    for number in drop:
        lake.state_path(number).unlink()
    if drop:
        sync(lake.state_path(1).parent)
    unlisted = unlisted_files(lake)
    size = sum(path.stat().st_size for path in unlisted)
    for path in unlisted:
        path.unlink()
    return Dropped(len(drop), len(unlisted), size)


def describe(manifest: Manifest) -> dict[str, Any]:
    """The state in numbers, for ``status``: files, rows and bytes per table."""
    tables: dict[str, dict[str, int]] = {}
    for file in manifest.files:
        sums = tables.setdefault(file.table, {"files": 0, "rows": 0, "bytes": 0})
        sums["files"] += 1
        sums["rows"] += file.row_count
        sums["bytes"] += file.byte_count
    return {"number": manifest.number, "written_at": manifest.written_at, "tables": tables}
