"""A made-up town's nights: each read into the lake as the house reads them, built, and its snapshot renewed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.warehouse.kept import SENSITIVE, inputs_of, lively_town
from tests.warehouse.rows import ZONE, Town
from warehouse.build import build
from warehouse.contract import LAKE_TABLES
from warehouse.current import edition_of, heard_also, renewed
from warehouse.lake import Lake
from warehouse.manifest import FeedState, Manifest
from warehouse.snapshot import LAKE_STATE, PROVENANCE, make_snapshot
from warehouse.states import states
from warehouse.waiting import Waiting


def steady_town(seed: int, count: int = 300) -> Town:
    """A lively town in which no report turns sensitive: what was one is one from its first version on."""
    town = lively_town(seed, count)
    first = {
        row["report_id"]: row["category"] == SENSITIVE for row in town.lake["report_version"] if row["version"] == 1
    }
    for row in town.lake["report_version"]:
        if not first[row["report_id"]] and row["category"] == SENSITIVE:
            row |= {"category": "vald.ran", "is_person_sensitive": False, "severity_default": 4}
    return town


@dataclass
class House:
    """A lake, its town, and the snapshot that stands: ``folder/lagesbild.duckdb``."""

    folder: Path
    town: Town
    read_until: datetime | None = None
    code_version: str = "1"
    states: int = 0
    first: bytes = b""  # the snapshot's bytes as a test found them
    lake: Lake = field(init=False)
    built: Path = field(init=False)

    def __post_init__(self) -> None:
        self.lake = Lake(self.folder / "lake")

    @property
    def snapshot(self) -> Path:
        return self.folder / "lagesbild.duckdb"

    def read(self, until: datetime, what: str = "ingest {}") -> None:
        """A commit for each source that told something after the last reading."""
        sources = sorted({str(row["source_id"]) for rows in self.town.lake.values() for row in rows})
        for source in sources:
            tables = {
                name: pa.Table.from_pylist([row for row in rows if self._is_new(row, source, until)], LAKE_TABLES[name])
                for name, rows in self.town.lake.items()
            }
            if any(table.num_rows for table in tables.values()):
                self.commit(source, tables, what.format(source))
        self.read_until = until

    def commit(self, source: str, tables: Mapping[str, pa.Table], what: str) -> Manifest:
        before = self.lake.manifest()
        batch = f"{before.number + 1:06d}-night"
        files = renewed(self.lake, source, list(before.files), Waiting(ZONE).with_also(tables["report_version"]), batch)
        files += self.lake.write_batch(source, batch, tables)
        stood = before.feeds.get(source, FeedState(current=edition_of(ZONE)))
        told = [row for name in ("delivery", "report_version") for row in tables[name].to_pylist()]
        places = [(row["ingested_at"].isoformat(), row["delivery_sha256"]) for row in told]
        state = replace(heard_also(stood, tables["delivery"]), newest=max([*filter(None, [stood.newest]), *places]))
        return self.lake.commit(
            before, files=files, feeds={**before.feeds, source: state}, written_at=self.town.moment, run_id="r",
            code_version="1", what=what,
        )  # fmt: skip

    def morning(self, moment: datetime) -> str:
        """Build at ``moment`` and make the snapshot; returns why it was made whole, "" where it was renewed."""
        self.town.previous_moment_at, self.town.moment = moment - timedelta(hours=24), moment
        self.built = build(inputs_of(self.lake, self.lake.manifest(), self.town), self.folder / "town.duckdb").path
        return self.renew()

    def renew(self) -> str:
        """The snapshot again, of the build that stands."""
        return self.make(self.snapshot, list(states(self.lake)))

    def make(self, target: Path, kept: list[Manifest]) -> str:
        sha256 = hashlib.sha256(self.lake.manifest().to_bytes()).hexdigest()
        made = {"run_id": "r", "lake_state_number": 1, "manifest_sha256": sha256, "code_version": self.code_version}
        provenance = pa.Table.from_pylist([made], schema=PROVENANCE)
        return make_snapshot(self.built, target, provenance, LAKE_STATE.empty_table(), kept)

    def differs(self) -> list[str]:
        """What of the snapshot is not as in one made whole of the same build: tables, keys, comments, macros."""
        whole = self.folder / "whole.duckdb"
        self.make(whole, [])
        with duckdb.connect() as con:
            con.execute(f"ATTACH '{self.snapshot}' AS ours (READ_ONLY); ATTACH '{whole}' AS whole (READ_ONLY)")
            names, others = (_things(con, name) for name in ("ours", "whole"))
            found = [str(thing) for thing in names ^ others]
            for table in sorted({thing[1] for thing in names if thing[0] == "table"}):
                dropped = " EXCLUDE (renewed_count)" if table == "quality.provenance" else ""
                one, other = (f"(SELECT *{dropped} FROM {name}.{table})" for name in ("ours", "whole"))
                if con.execute(f"({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})").fetchall():
                    found.append(table)
            return found

    def _is_new(self, row: Mapping[str, Any], source: str, until: datetime) -> bool:
        at = row["ingested_at"]
        return row["source_id"] == source and at <= until and (self.read_until is None or at > self.read_until)


def _things(con: duckdb.DuckDBPyConnection, name: str) -> set[tuple[Any, ...]]:
    asked = (
        "SELECT 'table', schema_name || '.' || table_name, comment FROM duckdb_tables() WHERE database_name = $1",
        "SELECT 'view', schema_name || '.' || view_name, comment FROM duckdb_views()"
        " WHERE database_name = $1 AND NOT internal",
        "SELECT 'column', schema_name || '.' || table_name, column_name, column_index, data_type, comment"
        " FROM duckdb_columns() WHERE database_name = $1 AND NOT internal",
        "SELECT 'macro', schema_name || '.' || function_name, macro_definition, comment FROM duckdb_functions()"
        " WHERE database_name = $1 AND NOT internal",
        "SELECT constraint_type, schema_name || '.' || table_name, constraint_text FROM duckdb_constraints()"
        " WHERE database_name = $1",
    )  # fmt: skip
    return {row for query in asked for row in con.execute(query, [name]).fetchall()}
