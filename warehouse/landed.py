"""The layer ``landed``: the lake's tables as a build reads them, before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.connection import connect
from warehouse.contract import LAKE_TABLES, REGISTERS
from warehouse.contract_current import CURRENT_TABLES
from warehouse.present import SOURCE_SPAN
from warehouse.scope import CONFINED, find_register_scope, find_scope

if TYPE_CHECKING:
    import duckdb

    from warehouse.build import BuildInputs

#: The tables of the lake's history that a morning asks only the newest rows of: landed.recent_… are views over the
#: files that have them.
RECENT = ("report_version", "note", "delivery", "notice")


def load_landed(con: duckdb.DuckDBPyConnection, inputs: BuildInputs, attempts: pa.Schema) -> None:
    """Views over the manifest's files, never over a glob; a table without files is empty, not missing.

    ``attempts`` are the columns of the journal's tries. Raises duckdb.Error where a file cannot be opened.
    """
    if inputs.scope and inputs.lake_files.get("report_version"):
        find_scope(con, inputs.scope, _of_files(LAKE_TABLES["report_version"], inputs.lake_files["report_version"]))
    for name, schema in LAKE_TABLES.items():
        files, where = inputs.lake_files.get(name, ()), ""
        if inputs.scope and files and name in CONFINED:
            where = " WHERE report_id IN (SELECT report_id FROM landed.scope)"
        if inputs.scope and files and name in REGISTERS:
            find_register_scope(con, inputs.scope, name, _of_files(schema, files))
            where = f" WHERE entry_id IN (SELECT entry_id FROM landed.scope_{name})"
        _load_files(con, name, schema, files, where)
    for name in RECENT:
        if inputs.present:
            _load_files(con, f"recent_{name}", LAKE_TABLES[name], inputs.present.recent[name])
        else:
            con.execute(f"CREATE OR REPLACE VIEW landed.recent_{name} AS FROM landed.{name}")
    if inputs.present:
        for name, schema in CURRENT_TABLES.items():
            _load_files(con, name, schema, inputs.present.tables[name])
        for name in ("report", "report_day"):
            _load_files(con, f"recent_{name}", CURRENT_TABLES[name], inputs.present.recent[name])
        load_arrow(con, "landed.source_span", inputs.present.source_span.cast(SOURCE_SPAN))
    load_arrow(con, "landed.attempt", inputs.attempts.select(attempts.names).cast(attempts))


def _load_files(
    con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, files: Sequence[Path], where: str = ""
) -> None:
    con.execute(f"CREATE OR REPLACE VIEW landed.{name} AS {_of_files(schema, files)}{where}")


def _of_files(schema: pa.Schema, files: Sequence[Path]) -> str:
    """The query over a table's files; without any, no row. No partition column is read from the path: the file holds
    all there is.
    """
    if not files:
        return f"SELECT {', '.join(f'NULL::{type_} AS {name}' for name, type_ in _types(schema).items())} LIMIT 0"
    quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    return f"SELECT {', '.join(schema.names)} FROM read_parquet([{quoted}], hive_partitioning = false)"


@lru_cache
def _types(schema: pa.Schema) -> dict[str, str]:
    """Column → type, as DuckDB calls it."""
    with connect() as con:
        told = con.from_arrow(schema.empty_table())
    return dict(zip(told.columns, map(str, told.types), strict=True))


def load_arrow(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Make a table of an Arrow table."""
    con.register("given", table)
    con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")
    con.unregister("given")
