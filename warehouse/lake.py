"""The lake: append-only Parquet files and the manifest that says which of them count.

One immutable file per table and batch under ``<table>/known_month=YYYY-MM/``; a batch is what one commit adds. A batch
of many months (an archive of years) is one file under ``<table>/years/``, sorted by when its rows became known. A
commit writes and fsyncs its files, then swaps in a new manifest by the same steps: readers see all of it or
nothing. Readers take the manifest's list of files, never a listing of the folder, and the list holds each file's
SHA-256, because Parquet does not check itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.connection import connect
from warehouse.contract import CONTRACT_VERSION, LAKE_TABLES, refuse_breaches
from warehouse.files import sha256_of, write_bytes, write_with
from warehouse.manifest import (
    FORMAT,
    MINIMUM_READER,
    ContractOutdated,
    FeedState,
    LakeError,
    LakeFile,
    Manifest,
)
from warehouse.parquet import GROUP_ROWS, how_to_write

#: What the files that a manifest lists are called: tables, and the keys beside the newest versions (report_keys.py).
DATA_FILES = ("*.parquet", "*.keys")

#: A batch of more months than this is one sorted file: a file a month costs more than what stands in it.
MONTHS_APART = 2

#: The value of ``LakeFile.merged`` for a file of years: there is nothing to merge it with.
YEARS = 2


class Lake:
    """The lake in ``folder``. Writing is for the holder of the run lock only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pointer = folder / "manifest.json"
        self._committed = (b"", Manifest())  # the last state this one wrote: its bytes, and what they say

    def manifest(self) -> Manifest:
        """The state that counts now; an empty one where nothing was ever committed.

        Raises LakeError where it cannot be read, or has the columns of another program.
        """
        if not self.pointer.exists():
            return Manifest()
        present = Manifest.from_bytes(self.pointer.read_bytes(), self.pointer)
        if present.contract_version > CONTRACT_VERSION:
            raise LakeError(
                f"{self.pointer}: a newer program gave the lake's tables the columns of contract version"
                f" {present.contract_version}; this program's are of version {CONTRACT_VERSION}. Nothing was changed."
                " Upgrade lagesbild."
            )
        if present.contract_version != CONTRACT_VERSION:
            raise ContractOutdated(
                f"{self.pointer}: the lake's tables have the columns of contract version {present.contract_version},"
                f" this program's are of version {CONTRACT_VERSION}. Landed deliveries are untouched:"
                " run `lagesbild rebuild`."
            )
        return present

    def state_path(self, number: int) -> Path:
        """Where the manifest of a state is kept; the present one stands in ``pointer`` as well."""
        return self.folder / "manifests" / f"{number:08d}.json"

    def files(self, table: str, manifest: Manifest | None = None, source_id: str | None = None) -> list[Path]:
        """The table's files in the given (or present) state, for one feed or all."""
        manifest = manifest or self.manifest()
        return [
            self.folder / f.path
            for f in manifest.files
            if f.table == table and (source_id is None or f.source_id == source_id)
        ]

    def write_batch(self, source_id: str, batch_id: str, tables: Mapping[str, pa.Table]) -> list[LakeFile]:
        """Write one batch's files, durably. They count only when a commit lists them; empty tables give no file.

        Raises ValueError where a table breaks the contract, OSError where the disk refuses.
        """
        written = []
        for name, table in tables.items():
            if table.num_rows == 0:
                continue
            table = refuse_breaches(table, LAKE_TABLES[name])
            months = _months(table)
            if len(months) > MONTHS_APART:
                relative = f"{name}/years/{source_id}-{batch_id}.parquet"
                ordered = _by_time(table)
                written.append(replace(self._write_file(relative, name, ordered, source_id, batch_id), merged=YEARS))
                continue
            for month in months:
                relative = f"{name}/known_month={month}/{source_id}-{batch_id}.parquet"
                part = _of_month(table, month) if len(months) > 1 else table
                written.append(self._write_file(relative, name, part, source_id, batch_id))
        return written

    def _write_file(self, relative: str, name: str, part: pa.Table, source_id: str, batch_id: str) -> LakeFile:
        target = self.folder / relative
        how = how_to_write(LAKE_TABLES[name])
        write_with(target, lambda temp: pq.write_table(part, temp, row_group_size=GROUP_ROWS, **how))
        known = part.column("ingested_at")
        first, last = pc.min_max(known).as_py().values()
        return LakeFile(
            name,
            relative,
            sha256_of(target),
            part.num_rows,
            target.stat().st_size,
            source_id,
            batch_id,
            first.isoformat(),
            last.isoformat(),
        )

    def commit(
        self,
        before: Manifest,
        *,
        files: Iterable[LakeFile],
        feeds: Mapping[str, FeedState],
        written_at: datetime,
        run_id: str,
        code_version: str,
        what: str,
    ) -> Manifest:
        """Make ``files`` the state that counts. ``before`` must still be the present state.

        Raises LakeError when somebody else committed in between, or when a newer program writes this lake; then
        nothing was changed.
        """
        stands = self.pointer.read_bytes() if self.pointer.exists() else b""
        known, now = self._committed
        if stands != known:  # an archive commits a chunk at a time: what was just written need not be read again
            now = Manifest.head(stands, self.pointer) if stands else Manifest()
        if now.number != before.number:
            raise LakeError(
                f"{self.pointer}: state {now.number} stands, this commit was made on {before.number}. Nothing was"
                " changed. Two runs wrote at once: run again."
            )
        if now.format > FORMAT:
            raise LakeError(
                f"{self.pointer}: the lake is written in format {now.format}; this program writes format {FORMAT} and"
                " would lose what it does not know. It may read. Nothing was changed. Upgrade lagesbild."
            )
        after = replace(
            before,
            number=before.number + 1,
            parent_sha256=hashlib.sha256(stands).hexdigest() if stands else "",
            format=FORMAT,
            minimum_reader=MINIMUM_READER,
            contract_version=CONTRACT_VERSION,
            written_at=written_at.isoformat(),
            run_id=run_id,
            code_version=code_version,
            what=what,
            files=tuple(sorted(files, key=lambda f: (f.table, f.path))),
            feeds=dict(feeds),
        )
        content = after.to_bytes()
        write_bytes(self.state_path(after.number), content)
        write_bytes(self.pointer, content)
        self._committed = content, after
        return after

    def verify(self, manifest: Manifest | None = None, read: Collection[Path] | None = None) -> list[str]:
        """What is wrong with the files that count: missing, cut or changed. Empty when every hash holds.

        ``read`` are the files whose bytes are held against their hash, where not all; the others must have their size.
        """
        faults = []
        for file in (manifest or self.manifest()).files:
            path = self.folder / file.path
            try:
                is_whole = path.stat().st_size == file.byte_count
            except FileNotFoundError:
                faults.append(f"{file.path}: missing; `lagesbild rebuild` makes it again from landed deliveries")
                continue
            if not is_whole or ((read is None or path in read) and sha256_of(path) != file.sha256):
                faults.append(f"{file.path}: bytes changed since written; `lagesbild rebuild` makes it again")
        return faults

    def stray_files(self, manifest: Manifest | None = None) -> list[Path]:
        """Data files the given (or present) state does not list: left by a killed run, or of an older state."""
        return self.unlisted((manifest or self.manifest()).files)

    def unlisted(self, files: Iterable[LakeFile]) -> list[Path]:
        """The data files of the lake that are none of ``files``."""
        listed = {f.path for f in files}
        stand = (path for kind in DATA_FILES for path in self.folder.rglob(kind))
        return sorted(path for path in stand if path.relative_to(self.folder).as_posix() not in listed)

    def remove_unlisted(self) -> int:
        """Remove the files the present state does not list; returns how many. Older states end with them."""
        stray = self.stray_files()
        for path in stray:
            path.unlink()
        return len(stray)

    def content_hash(self, table: str, manifest: Manifest | None = None) -> str:
        """A hash of the table's rows that does not depend on how they are spread over files or ordered.

        Sum and exclusive-or of the first 15 hex digits of each row's MD5 (a sum alone would not see two errors
        that cancel out), with the row count.
        """
        return content_hash(self.files(table, manifest), LAKE_TABLES[table])


def content_hash(files: list[Path], schema: pa.Schema) -> str:
    """See ``Lake.content_hash``; for any list of files in one schema."""
    if not files:
        return "0-0-0"
    columns = ", ".join(f'"{name}"' for name in schema.names)
    with connect() as con:
        row = con.execute(
            f"""
            WITH hashed AS (
                SELECT ('0x' || md5(CAST(row({columns}) AS VARCHAR))[1:15])::UBIGINT AS h FROM read_parquet($1)
            )
            SELECT count(*), sum(h::HUGEINT), bit_xor(h) FROM hashed
            """,
            [[str(path) for path in files]],
        ).fetchone()
    assert row is not None
    return f"{row[0]}-{row[1]:x}-{row[2]:x}"


def batch_id(deliveries: Iterable[tuple[str, datetime]]) -> str:
    """The name of a batch: a hash over its deliveries (hash, time of receipt), so a repeat makes the same file."""
    text = "\n".join(f"{sha} {at.isoformat()}" for sha, at in deliveries)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _months(table: pa.Table) -> list[str]:
    """The UTC months (YYYY-MM) in which the table's rows became known."""
    instants = pc.unique(table.column("ingested_at").combine_chunks())
    return sorted(set(pc.strftime(instants, format="%Y-%m").to_pylist()))


def _of_month(table: pa.Table, month: str) -> pa.Table:
    """The rows that became known in a month, as they came."""
    return table.filter(pc.equal(pc.strftime(table.column("ingested_at"), format="%Y-%m"), month))


def _by_time(table: pa.Table) -> pa.Table:
    """The rows by when they became known, and then as they came; most often they are so already."""
    known = table.column("ingested_at").combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    if (known[1:] >= known[:-1]).all():
        return table
    return table.take(pa.array(known.argsort(kind="stable")))
