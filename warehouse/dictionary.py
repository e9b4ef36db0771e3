"""The dictionary: every column's unit and meaning from ``columns.csv``, every table's grain from its SQL.

``python -m warehouse.dictionary`` writes ``DICTIONARY.md``; with ``--check`` it only says whether it is stale.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
COLUMNS = HERE / "columns.csv"
DICTIONARY = HERE / "DICTIONARY.md"

#: The layers whose columns are commented and described; landed and stage hold the same names.
LAYERS = ("config", "core", "picture")


@dataclass(frozen=True)
class Column:
    """One line of ``columns.csv``: a name, its one type, unit and meaning wherever it stands."""

    name: str
    type: str
    unit: str
    meaning_sv: str
    meaning: str


def read_columns(path: Path = COLUMNS) -> dict[str, Column]:
    """The columns by name. Raises ValueError naming every line that is double or lacks its meaning."""
    with path.open(encoding="utf-8", newline="") as lines:
        columns = [Column(**row) for row in csv.DictReader(lines)]
    names = [column.name for column in columns]
    faults = [f"{name} stands more than once" for name in sorted({n for n in names if names.count(n) > 1})]
    faults += [f"{column.name} lacks type or meaning" for column in columns if not (column.type and column.meaning)]
    if names != sorted(names):
        faults.append("the names are not in alphabetical order")
    if faults:
        raise ValueError(f"{path.name}: " + "; ".join(faults))
    return {column.name: column for column in columns}


def table_columns(con: duckdb.DuckDBPyConnection, layers: Sequence[str] = LAYERS) -> list[tuple[str, str, str, str]]:
    """(schema, table, column, type) of the described layers, tables in name order, columns as they stand."""
    marks = ", ".join("?" for _ in layers)
    return con.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()"
        f" WHERE schema_name IN ({marks}) AND NOT internal AND database_name = current_database()"
        " ORDER BY schema_name, table_name, column_index",
        list(layers),
    ).fetchall()


def comment_statements(
    con: duckdb.DuckDBPyConnection, columns: Mapping[str, Column], layers: Sequence[str] = LAYERS
) -> list[str]:
    """COMMENT ON COLUMN for every described column. Raises ValueError naming the columns nobody described."""
    present = table_columns(con, layers)
    if unknown := sorted({f"{s}.{t}.{c}" for s, t, c, _ in present if c not in columns}):
        raise ValueError(f"columns.csv does not know: {', '.join(unknown)}")
    return [
        f"COMMENT ON COLUMN {schema}.{table}.{name} IS '{_described(columns[name]).replace(chr(39), chr(39) * 2)}'"
        for schema, table, name, _ in present
    ]


def _described(column: Column) -> str:
    return f"{column.meaning} [{column.unit}]" if column.unit else column.meaning


def render(con: duckdb.DuckDBPyConnection, columns: Mapping[str, Column], layers: Sequence[str]) -> str:
    """The dictionary as Markdown, from a snapshot: the layers' tables, the macros, then every column once."""
    grain = dict(
        con.execute(
            "SELECT schema_name || '.' || table_name, comment FROM duckdb_tables()"
            " WHERE NOT internal AND database_name = current_database()"
            " UNION ALL SELECT schema_name || '.' || view_name, comment FROM duckdb_views()"
            " WHERE NOT internal AND database_name = current_database()"
        ).fetchall()
    )
    keys = dict(
        con.execute(
            "SELECT schema_name || '.' || table_name, list_aggregate(constraint_column_names, 'string_agg', ', ')"
            " FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
            " AND database_name = current_database()"
        ).fetchall()
    )
    lines = [
        "# Dictionary",
        "",
        "Generated from `columns.csv` and the tables' own comments by `python -m warehouse.dictionary`;",
        "a test fails when it is stale. Change the sources, not this file.",
        "",
        "It describes `lagesbild.duckdb`, the analysts' snapshot. What is `reference` there is `config` in the build.",
        "Times are UTC instants; a report counts in `core.incident` alone; NULL is unknown, never nought.",
        "`core.report` holds everything told, also other municipalities' notices, rounds and summaries.",
        "What a code means: `reference.category`, `reference.action`, `reference.feed`, `reference.area`.",
        "Open it with `lagesbild sql`, or read-only in any tool with DuckDB 1.4 to 2.0.",
    ]
    tables: dict[str, list[str]] = {}
    for schema, table, name, _ in table_columns(con, layers):
        tables.setdefault(f"{schema}.{table}", []).append(name)
    for layer in layers:
        lines += ["", f"## Tables of `{layer}`", "", "| table | one row | key | columns |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {name} | {_cell(grain[name] or '')} | {keys.get(name, '')} | {', '.join(held)} |"
            for name, held in tables.items()
            if name.startswith(layer + ".")
        ]
    lines += ["", "## Macros", "", "| macro | gives |", "| --- | --- |"]
    lines += [
        f"| {schema}.{name}({', '.join(parameters)}) | {_cell(comment)} |"
        for schema, name, parameters, comment in con.execute(
            "SELECT schema_name, function_name, parameters, comment FROM duckdb_functions() WHERE comment IS NOT NULL"
            " AND database_name = current_database() AND NOT internal ORDER BY schema_name, function_name"
        ).fetchall()
    ]
    lines += ["", "## Columns", "", "| column | type | unit | meaning |", "| --- | --- | --- | --- |"]
    present = {name for held in tables.values() for name in held}
    lines += [
        f"| {c.name} | {c.type} | {_cell(c.unit)} | {_cell(c.meaning)} |" for c in columns.values() if c.name in present
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write DICTIONARY.md, or with ``--check`` return 1 where it is stale."""
    parser = argparse.ArgumentParser(prog="python -m warehouse.dictionary", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when the file is stale")
    is_check = parser.parse_args(arguments).check
    from warehouse.snapshot import SCHEMAS, analysts_columns, empty_snapshot  # which reads the columns from here

    with empty_snapshot() as con:
        text = render(con, analysts_columns(), SCHEMAS)
    if is_check:
        stands = DICTIONARY.read_text(encoding="utf-8") if DICTIONARY.exists() else ""
        if stands != text:
            print(f"{DICTIONARY.name} is stale: run python -m warehouse.dictionary", file=sys.stderr)
            return 1
        return 0
    DICTIONARY.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
