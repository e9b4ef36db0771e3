"""SQL over the picture's tables: a question, or the query behind a printed number by its id.

The database is opened read-only and locked: nothing outside it and the lake can be read, nothing anywhere written, no
setting changed. The tables of all years are views over the lake's files, and a folder DuckDB may read it may also
write; so only statements that select are run.
"""

from __future__ import annotations

import argparse
from typing import Any

import duckdb

from flows.commands import DONE, USAGE, opened
from flows.console import Console, table
from flows.opened import UsageError
from warehouse.connection import connect

#: Rows shown on a terminal; all of them are given with --json.
ROWS_SHOWN = 200


def sql(arguments: argparse.Namespace, console: Console) -> int:
    """Run one query; ``q:5.2`` means the one behind that number of the sheet, which is shown with its rows."""
    _, store = opened(arguments)
    if not store.database.exists():
        raise UsageError(f"{store.database}: there is no database yet; `lagesbild picture` makes it")
    with connect(store.database, read_only=True) as con:
        query = _query_of(con, arguments.query)
        con.execute("SET allowed_directories = $1", [[str(store.lake.folder)]])
        con.execute("SET enable_external_access = false; SET lock_configuration = true")
        try:
            _refuse_all_but_select(con, query)
            cursor = con.execute(query)
            names = [column[0] for column in cursor.description or []]
            rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.Error as error:
            console.complain(f"{type(error).__name__}: {error}")
            return USAGE
    console.answer({"sql": query, "rows": rows})
    if query != arguments.query:
        console.say(query.strip(), "")
    console.say(*table(rows[:ROWS_SHOWN], names))
    if len(rows) > ROWS_SHOWN:
        console.say(f"… {len(rows) - ROWS_SHOWN} more rows; --json gives them all")
    return DONE


def _refuse_all_but_select(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raises UsageError where ``query`` is more than one statement, or one that does more than ask."""
    statements = con.extract_statements(query)
    kinds = {statement.type for statement in statements}
    if len(statements) != 1 or not kinds <= {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}:
        raise UsageError("one question at a time, and only questions: SELECT, FROM, DESCRIBE or EXPLAIN")


def _query_of(con: duckdb.DuckDBPyConnection, asked: str) -> str:
    if not asked.startswith("q:"):
        return asked
    found = con.execute("SELECT sql FROM picture.query WHERE query_id = $1", [asked[2:]]).fetchone()
    if not found:
        known = [row[0] for row in con.execute("SELECT query_id FROM picture.query ORDER BY ALL").fetchall()]
        raise UsageError(f"{asked!a}: the sheet has no such number; it has {', '.join(known)}")
    return str(found[0])
