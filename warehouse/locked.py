"""One question to a snapshot, in a process of its own that can neither write, nor read elsewhere, nor grow.

DuckDB's own limits are set and locked first. Some expressions answer to none of them (``repeat('x', 2000000000)`` took
39 seconds to hear an interrupt), so the process has a limit of memory too, and whoever started it ends it in time.

``python -m warehouse.locked`` reads {"database", "query", "memory_mb"} as JSON from standard input and writes the
answer as an Arrow stream, with the SQL and the provenance in the schema's metadata; a refusal is one line on standard
error and code 2.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa

from warehouse.connection import connect

#: MB DuckDB may use; the process may have this and PROCESS_EXTRA_MB of address space besides. Decided 2026-11-26.
MEMORY_MB = 1024
PROCESS_EXTRA_MB = 3072

#: Asked of every answer: who may read it and what it was made from.
PROVENANCE = """SELECT picture_number, moment_at::VARCHAR, tlp, run_id, lake_state_number, manifest_sha256, code_version
FROM quality.provenance"""
NAMES = ("picture", "moment", "tlp", "run", "lake_state", "manifest_sha256", "code_version")

ASKS = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})


#: Functions a SELECT may call that change the session, or take an address in the process for data: with them a question
#: turned logging on (the engine aborted) or read where nothing is. Found by going through duckdb_functions() of 1.5.6.
#: Named within a text (``query('…')``) they are refused too; spelt together they meet the engine's own lock.
#: Decided 2026-11-26.
_OF_THE_ENGINE = re.compile(
    r"\b((enable|disable)_\w+|verify_\w+|(force_)?checkpoint|arrow_scan\w*|pandas_scan|seq_scan|python_map_function"
    r"|json_execute_serialized_sql|import_database|copy_database|add_parquet_key|write_log|truncate_duckdb_logs"
    r"|test_vector_types)\b",
    re.IGNORECASE,
)


class Refused(Exception):
    """The question cannot be asked so; the message is one plain line."""


def open_locked(database: Path, memory_mb: int = MEMORY_MB) -> duckdb.DuckDBPyConnection:
    """The snapshot, read-only: no file, extension or network, no setting changed, nothing spilt to disk."""
    con = connect(database, read_only=True, memory_limit=f"{memory_mb}MB")
    con.execute(
        "SET temp_directory = ''; SET python_enable_replacements = false; SET allow_community_extensions = false"
    )
    con.execute("SET enable_external_access = false; SET lock_configuration = true")
    return con


def ask(con: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """The answer to one question, SQL or ``q:5.2``. Raises Refused, duckdb.Error."""
    sql = _query_of(con, query) if query.startswith("q:") else query
    statements = con.extract_statements(sql)
    if len(statements) != 1 or not {statement.type for statement in statements} <= ASKS:
        raise Refused("one question at a time, and only questions: SELECT, FROM, DESCRIBE, SUMMARIZE or EXPLAIN")
    if found := _OF_THE_ENGINE.search(sql):
        raise Refused(f"{found.group()}: asks something of the engine itself, not of the tables")
    if "\0" in sql:
        raise Refused("a NUL character stands in the question, and what is after it would not be asked")
    provenance = dict(zip(NAMES, con.execute(PROVENANCE).fetchone() or (), strict=True))
    if query.startswith("q:"):
        provenance["held_back"] = _held_back(con, query)
    told = {"sql": sql, "provenance": json.dumps(provenance)}
    return con.execute(sql).to_arrow_table().replace_schema_metadata(told)


def _query_of(con: duckdb.DuckDBPyConnection, asked: str) -> str:
    # The weekly picture's numbers begin with a v; a day whose weekly tables failed has none.
    has_week = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'week_query'").fetchall()[0][0]
    table = "(FROM picture.query UNION ALL FROM picture.week_query)" if has_week else "picture.query"
    found = con.execute(f"SELECT sql FROM {table} WHERE query_id = $1", [asked[2:].strip()]).fetchone()
    if not found:
        known = [row[0] for row in con.execute(f"SELECT query_id FROM {table} ORDER BY ALL").fetchall()]
        raise Refused(f"{asked!a}: the sheet has no such number; it has {', '.join(known)}")
    return str(found[0])


def _held_back(con: duckdb.DuckDBPyConnection, asked: str) -> int:
    """How many sensitive reports the number counts and its answer lacks."""
    held = "SELECT coalesce(max(held_back_count), 0) FROM picture.held_back WHERE query_id = $1"
    return int(con.execute(held, [asked[2:].strip()]).fetchall()[0][0])


def answer_to(given: Mapping[str, Any], out: BinaryIO) -> str | None:
    """Write the answer to ``given`` to ``out``; where it is refused or too large nothing, and why as one line."""
    try:
        with open_locked(Path(given["database"]), given["memory_mb"]) as con:
            answer = ask(con, given["query"])
            with pa.ipc.new_stream(out, answer.schema) as stream:
                stream.write_table(answer)
    except Refused as error:
        return str(error)
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
        return f"stopped: the question needs more than {given['memory_mb']} MB; ask for less at once"
    except duckdb.Error as error:
        return f"{type(error).__name__}: {error}"
    return None


def main() -> int:
    given = json.load(sys.stdin)
    most = (given["memory_mb"] + PROCESS_EXTRA_MB) << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    if refusal := answer_to(given, sys.stdout.buffer):
        print(refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
