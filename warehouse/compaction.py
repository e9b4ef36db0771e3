"""Many small files into few: the same rows, fewer files to open.

A night adds a file per table and feed. The fresh files of a running month are written together when they are many;
when the month is over its files become one. Each merge raises the file's ``merged`` count and only files of lower
counts are taken, so a row is written again at most twice, whatever comes later. The old files stand as long as an
older state lists them (states.drop_states).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.contract import LAKE_TABLES
from warehouse.files import sha256_of, write_with
from warehouse.lake import Lake, content_hash
from warehouse.manifest import LakeError, LakeFile, Manifest
from warehouse.parquet import GROUP_ROWS, how_to_write

#: Files of a running month are merged when this many lie loose: about two weeks of one delivery a night, so that a
#: query opens tens of files and not hundreds. Decided 2026-11-23.
LOOSE_FILES = 16

#: Bytes. Files of this size gain nothing by being merged, and none larger is made: half a million versions, some
#: 600 MB of memory at most. Decided 2026-11-23.
WHOLE_BYTES = 64_000_000

#: The value of ``LakeFile.merged`` for a file of a running month, and of one that is over.
RUNNING, OVER = 1, 2


@dataclass(frozen=True)
class Merge:
    """Files of one table, feed and folder that shall become one."""

    files: tuple[LakeFile, ...]
    merged: int

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.files[0].path).parent)


@dataclass(frozen=True)
class Compacted:
    """The new state and what it saved; ``manifest`` is the old one where there was nothing to do."""

    manifest: Manifest
    files_before: int = 0
    files_after: int = 0
    bytes_written: int = 0


def plan(manifest: Manifest, now: datetime) -> list[Merge]:
    """What is worth merging at ``now`` (UTC). Empty right after a compaction: nothing is rewritten for its own sake."""
    month = now.astimezone(UTC).strftime("%Y-%m")
    groups: dict[tuple[str, str, str], list[LakeFile]] = {}
    for file in manifest.files:
        if file.table in LAKE_TABLES and file.byte_count < WHOLE_BYTES:  # not what is kept beside the history
            groups.setdefault((file.table, file.source_id, str(PurePosixPath(file.path).parent)), []).append(file)
    merges: list[Merge] = []
    for _, files in sorted(groups.items()):
        is_over = max(f.known_until for f in files)[:7] < month
        loose = [f for f in files if f.merged < (OVER if is_over else RUNNING)]
        # The first merge of a month that is over takes all there is; what comes in late waits until it is many.
        enough = 2 if is_over and len(loose) == len(files) else LOOSE_FILES
        if len(loose) >= enough:
            loose.sort(key=lambda f: (f.known_from, f.path))
            merges += [Merge(tuple(part), OVER if is_over else RUNNING) for part in _parts(loose) if len(part) > 1]
    return merges


def _parts(files: Sequence[LakeFile]) -> Iterator[list[LakeFile]]:
    """The files in runs that stay below WHOLE_BYTES together."""
    part: list[LakeFile] = []
    for file in files:
        if part and sum(f.byte_count for f in part) + file.byte_count > WHOLE_BYTES:
            yield part
            part = []
        part.append(file)
    if part:
        yield part


def compact(
    lake: Lake,
    *,
    written_at: datetime,
    run_id: str,
    code_version: str,
    progress: Callable[[str, float], None] = lambda line, share: None,
) -> Compacted:
    """Merge what ``plan`` names and commit it as one state. The writer's lock must be held.

    Raises LakeError where a file to be merged is damaged, or the merged rows are not the rows there were; nothing is
    then changed, as when the disk refuses (OSError).
    """
    before = lake.manifest()
    merges = plan(before, written_at)
    if not merges:
        return Compacted(before)
    made = []
    for number, merge in enumerate(merges, start=1):
        made.append(_merged(lake, merge, f"{before.number + 1:06d}-merged-{number}"))
        progress(f"{number} of {len(merges)} merges written", number / len(merges))
    taken = {f.path for merge in merges for f in merge.files}
    after = lake.commit(
        before,
        files=[*(f for f in before.files if f.path not in taken), *made],
        feeds=before.feeds,
        written_at=written_at,
        run_id=run_id,
        code_version=code_version,
        what=f"compact {len(taken)} files into {len(made)}",
    )
    return Compacted(after, len(taken), len(made), sum(f.byte_count for f in made))


def _merged(lake: Lake, merge: Merge, batch: str) -> LakeFile:
    """One merge, written, and its rows held against the rows of the files it is made of."""
    first = merge.files[0]
    sources = [lake.folder / f.path for f in merge.files]
    # A flipped bit must not be given a fresh hash: what is damaged is not merged.
    if faults := lake.verify(replace(lake.manifest(), files=merge.files)):
        raise LakeError("nothing was merged, the lake is damaged: " + "; ".join(faults[:5]))
    schema = LAKE_TABLES[first.table]
    relative = f"{merge.folder}/{first.source_id}-{batch}.parquet"
    target = lake.folder / relative
    write_with(target, lambda temp: _write_together(sources, schema, temp))
    if content_hash([target], schema) != content_hash(sources, schema):
        raise LakeError(f"{relative}: the merged rows are not the rows there were. Nothing was changed. Report this.")
    return replace(
        first,
        path=relative,
        sha256=sha256_of(target),
        row_count=sum(f.row_count for f in merge.files),
        byte_count=target.stat().st_size,
        batch_id=batch,
        known_from=min(f.known_from for f in merge.files),
        known_until=max(f.known_until for f in merge.files),
        merged=merge.merged,
    )


def _write_together(sources: Sequence[Path], schema: pa.Schema, target: Path) -> None:
    """The rows of ``sources`` one after the other, a row group at a time."""
    with pq.ParquetWriter(target, schema, **how_to_write(schema)) as writer:
        waiting: list[pa.RecordBatch] = []
        count = 0
        for source in sources:
            with pq.ParquetFile(source) as file:
                for batch in file.iter_batches(GROUP_ROWS, columns=schema.names):
                    waiting.append(batch)
                    count += batch.num_rows
                    if count >= GROUP_ROWS:
                        writer.write_table(pa.Table.from_batches(waiting).cast(schema))
                        waiting, count = [], 0
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting).cast(schema))
