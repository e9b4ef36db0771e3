"""The analysts' snapshot: one self-contained file beside the picture's, without texts and without the lake.

It is copied out of a finished build, so that nothing an analyst does can touch the picture, an open session keeps its
file when a newer one takes the name, and no path outside the file need be allowed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.build import SQL, empty_database, remove_database, swap_in
from warehouse.connection import BLOCK_SIZE, connect
from warehouse.dictionary import Column, comment_statements, read_columns
from warehouse.files import TEMP_PREFIX
from warehouse.manifest import Manifest
from warehouse.snapshot.held_back import make_held_back
from warehouse.snapshot.renewal import KEPT, Whole, clear, edition, prepare, renew_kept
from warehouse.snapshot.tables import (
    INCIDENT_GRAIN,
    LAKE_STATE,
    LEFT_OUT,
    LONG,
    PROVENANCE,
    QUALITY,
    QUALITY_GRAIN,
    QUOTED_TITLES,
    SCHEMAS,
    TEXTS,
)

__all__ = [
    "LAKE_STATE",
    "PROVENANCE",
    "SCHEMAS",
    "analysts_columns",
    "empty_snapshot",
    "make_snapshot",
]

HERE = Path(__file__).resolve().parent

#: What is copied instead of a table: sensitive reports at municipality and week, deliveries with their reader.
INSTEAD = HERE / "instead"

#: Files of this storage are opened by every DuckDB release since 1.2, so by the current and the previous one.
#: Decided 2026-11-26; opened with 1.4.4, 1.5.6 and 2.0.1.
STORAGE_VERSION = "v1.2.0"

#: Beyond this what is made of all years goes to disk, beside the snapshot: a small machine makes the sheet meanwhile.
#: Measured in tests/bench/README.md. Decided 2026-11-26.
MEMORY_LIMIT = "1GB"


def make_snapshot(
    database: Path,
    target: Path,
    provenance: pa.Table,
    lake_states: pa.Table,
    kept: Sequence[Manifest] = (),
    work: Path | None = None,
) -> str:
    """Make ``target`` from the finished build ``database`` and swap it in. Raises duckdb.Error, OSError, ValueError.

    ``provenance`` is one row (PROVENANCE), ``lake_states`` the commits (LAKE_STATE), ``kept`` the lake's states that
    are still known, oldest first, up to the one the build was made of: with them the last snapshot is renewed where
    that gives the same (renewal.py). Returns why it was made whole; "" where it was renewed. Whatever is raised, the
    snapshot that stood there stands. One caller at a time; what is unfinished lies in the folder ``work``, on the same
    disk, by default beside the snapshot.
    """
    unfinished = (work or target.parent) / (TEMP_PREFIX + target.name)
    spill = unfinished.with_name(TEMP_PREFIX + "spill")
    remove_database(unfinished)
    try:
        try:
            with _over(database, spill, lake_states) as con:
                _renew(con, target, unfinished, provenance, kept)
            why = ""
        except (Whole, duckdb.Error) as error:
            why = str(error) if isinstance(error, Whole) else f"the last one cannot be renewed ({type(error).__name__})"
            remove_database(unfinished)
            with _over(database, spill, lake_states) as con:
                options = f"STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE {BLOCK_SIZE}"
                con.execute(f"ATTACH {_quoted(unfinished)} AS snapshot ({options})")
                _fill(con, "made", provenance)
                con.execute("USE memory; CHECKPOINT snapshot; DETACH snapshot")
        swap_in(unfinished, target)
    except BaseException:
        remove_database(unfinished)
        raise
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    return why


@contextmanager
def _over(database: Path, spill: Path, lake_states: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection over the finished build, which is the one in use, with the views that stand for its tables."""
    with connect(memory_limit=MEMORY_LIMIT) as con:
        con.execute(f"SET temp_directory = {_quoted(spill)}; SET preserve_insertion_order = false")
        con.execute(f"ATTACH {_quoted(database)} AS made (READ_ONLY); USE made")
        _stand_in(con, lake_states)
        yield con


def _stand_in(con: duckdb.DuckDBPyConnection, lake_states: pa.Table) -> None:
    con.register("lake_commit", lake_states)
    for path in sorted(INSTEAD.glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))


def _renew(
    con: duckdb.DuckDBPyConnection, target: Path, unfinished: Path, provenance: pa.Table, kept: Sequence[Manifest]
) -> None:
    """Fill ``unfinished``, a copy of ``target``, with what changed. Raises Whole, duckdb.Error, OSError."""
    if not target.exists() or not kept:
        raise Whole("there is none yet" if kept else "the lake's states are not known")
    con.execute(f"ATTACH {_quoted(target)} AS last (READ_ONLY)")
    renewed_count = prepare(con, provenance.column("code_version")[0].as_py(), kept)
    con.execute("DETACH last")
    shutil.copyfile(target, unfinished)
    con.execute(f"ATTACH {_quoted(unfinished)} AS snapshot; USE snapshot")
    clear(con)
    con.execute("USE made")
    _fill(con, "made", provenance, renewed_count)
    con.execute("USE memory; CHECKPOINT snapshot; DETACH snapshot")


@contextmanager
def empty_snapshot() -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot of a municipality nothing is known about: what the dictionary is written from."""
    with empty_database() as con:
        con.execute("ATTACH ':memory:' AS snapshot")
        _stand_in(con, LAKE_STATE.empty_table())
        _fill(con, "memory", pa.Table.from_pylist([{}], schema=PROVENANCE))
        yield con


def _fill(con: duckdb.DuckDBPyConnection, made: str, provenance: pa.Table, renewed_count: int = 0) -> None:
    """Make every table, ``made`` being in use; where the file is renewed, all but those of KEPT, which are added to."""
    con.execute(f"USE {made}; BEGIN")
    for schema in SCHEMAS:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS snapshot.{schema}")
    for source, schema in (("core", "core"), ("config", "reference"), ("picture", "picture")):
        for name, comment in _tables(con, made, source):
            if not (renewed_count and source == "core" and name in KEPT):
                _copy(con, f"{source}.{name}", f"{schema}.{name}", comment)
    for name, origin in QUALITY.items():
        _copy(con, origin, f"quality.{name}", QUALITY_GRAIN[name])
    for name, given, query in (
        (
            "provenance",
            provenance,
            f"SELECT h.picture_number, h.moment_at, h.tlp, g.*, '{edition()}' AS edition,"
            f" {renewed_count}::INTEGER AS renewed_count FROM given AS g, picture.head AS h",
        ),
        ("lake_state", None, f"SELECT {', '.join(LAKE_STATE.names[:5])} FROM lake_commit"),
    ):
        if given is not None:
            con.register("given", given)
        con.execute(f"CREATE TABLE snapshot.quality.{name} AS {query}")
        con.execute(f"COMMENT ON TABLE snapshot.quality.{name} IS {_text(QUALITY_GRAIN[name])}")
    con.unregister("given")
    con.unregister("lake_commit")
    con.execute("USE snapshot")
    # The rule of what counts is the build's own file, over all years instead of the calendar's.
    rule = (
        (SQL / "20_core" / "40_incident.sql").read_text(encoding="utf-8").replace("core.recent_report", "core.report")
    )
    rule = rule.replace("ALTER TABLE core.incident ADD PRIMARY KEY (report_id);", "").replace("d.period", "r.period")
    if renewed_count:
        renew_kept(con, _renamed(rule))
    else:
        con.execute(_renamed(rule))
    con.execute(f"COMMENT ON TABLE core.incident IS {_text(INCIDENT_GRAIN)}")
    renamed = "regexp_replace(regexp_replace(sql, '\\bconfig\\.', 'reference.', 'g'), '\\blanded\\.', 'quality.', 'g')"
    for name, _ in _tables(con, "snapshot", "picture"):
        if name in ("query", "week_query"):
            con.execute(f"UPDATE picture.{name} SET sql = {renamed}")
    make_held_back(con, made)
    con.execute(QUOTED_TITLES)
    for path in sorted(HERE.glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))
    _fix_moment(con)
    for statement in comment_statements(con, analysts_columns(), SCHEMAS):
        con.execute(statement)
    con.execute("COMMIT")


def _fix_moment(con: duckdb.DuckDBPyConnection) -> None:
    """Give the macros of day and zone as constants: a snapshot has one moment, and never another.

    Asked of a table each time they stood between a filter and its column, so that nothing was left out of a scan: one
    question of the cookbook took 13 CPU s at 10^7 reports.
    """
    for day, zone in con.execute("SELECT core.this_day(), timezone FROM reference.moment").fetchall():
        constants = {
            "this_day()": f"DATE '{day}'",
            "local_time(instant)": f"instant AT TIME ZONE {_text(zone)}",
            "start_of(day)": f"day::DATE::TIMESTAMP AT TIME ZONE {_text(zone)}",
        }
        for head, body in constants.items():
            name = head.partition("(")[0]
            (comment,) = con.execute(
                "SELECT comment FROM duckdb_functions() WHERE database_name = current_database()"
                " AND schema_name = 'core' AND function_name = $1",
                [name],
            ).fetchall()[0]
            con.execute(f"CREATE OR REPLACE MACRO core.{head} AS {body}")
            con.execute(f"COMMENT ON MACRO core.{name} IS {_text(comment)}")


def _tables(con: duckdb.DuckDBPyConnection, made: str, schema: str) -> list[tuple[str, str]]:
    """(name, comment) of the tables and views of one schema of the build."""
    return con.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2 UNION ALL"
        " SELECT view_name, comment FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 ORDER BY 1",
        [made, schema],
    ).fetchall()


def _copy(con: duckdb.DuckDBPyConnection, origin: str, name: str, comment: str) -> None:
    schema, table = origin.split(".")
    if schema == "core" and table in LEFT_OUT:
        return
    source = f"instead_{table}" if (INSTEAD / f"{origin}.sql").exists() else origin
    columns = [row[0] for row in con.execute(f"DESCRIBE {source}").fetchall()]
    kept = ", ".join(f'"{column}"' for column in columns if not {column, f"{table}.{column}"} & TEXTS)
    where = " WHERE ingested_at <= (SELECT moment_at FROM config.moment)" if schema == "landed" else ""
    con.execute(f"CREATE TABLE snapshot.{name} AS SELECT {kept} FROM {source}{where}")
    con.execute(f"COMMENT ON TABLE snapshot.{name} IS {_text(comment)}")
    key = con.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        " AND database_name = current_database() AND schema_name = $1 AND table_name = $2",
        [schema, table],
    ).fetchone()
    if key and table not in LONG:
        con.execute(f"ALTER TABLE snapshot.{name} ADD PRIMARY KEY ({', '.join(key[0])})")


def analysts_columns() -> dict[str, Column]:
    """``columns.csv`` in the snapshot's own names: reference.place where the build says config.place."""
    return {name: replace(column, meaning=_renamed(column.meaning)) for name, column in read_columns().items()}


def _renamed(text: str) -> str:
    return re.sub(r"\blanded\.", "quality.", re.sub(r"\bconfig\.", "reference.", text))


def _quoted(path: Path) -> str:
    return _text(str(path))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
