"""Running the layers' SQL files, in the order of their names; the weekly picture's in a transaction of their own."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.findings import Finding

SQL = Path(__file__).resolve().parent / "sql"

#: The folder of the weekly picture's tables, which stand in ``picture`` beside the daily ones.
WEEK = "40_week"


def run_folder(con: duckdb.DuckDBPyConnection, folder: str) -> None:
    """Run one layer's files in name order. Raises duckdb.Error with the file's name in front."""
    for path in sorted((SQL / folder).glob("*.sql")):
        try:
            con.execute(path.read_text(encoding="utf-8"))
        except duckdb.Error as error:
            raise type(error)(f"{folder}/{path.name}: {error}") from error


def add_week(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Add the weekly picture's tables to a finished build; nothing in them can cost the morning its sheet.

    Where they fail none of them stands, and the finding says so by the fault's kind: its text may hold payload.
    """
    con.execute("BEGIN")
    try:
        run_folder(con, WEEK)
        con.execute("COMMIT")
    except duckdb.Error as error:
        con.execute("ROLLBACK")
        meaning = "The weekly picture's tables could not be made; there is no weekly picture until they can."
        return [Finding("warn_week_missing", meaning, 1, (type(error).__name__,))]
    return []
