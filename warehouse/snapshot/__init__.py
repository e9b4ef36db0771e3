"""The analysts' snapshot: one self-contained file beside the picture's, without texts and without the lake.

It is copied out of a finished build, so that nothing an analyst does can touch the picture, an open session keeps its
file when a newer one takes the name, and no path outside the file need be allowed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.build import SQL, empty_database, remove_database, swap_in
from warehouse.connection import BLOCK_SIZE, connect
from warehouse.contract import INSTANT, REGISTERS
from warehouse.dictionary import Column, comment_statements, read_columns
from warehouse.files import TEMP_PREFIX

HERE = Path(__file__).resolve().parent

#: What is copied instead of a table: sensitive reports at municipality and week, deliveries with their reader.
INSTEAD = HERE / "instead"

#: Files of this storage are opened by every DuckDB release since 1.2, so by the current and the previous one.
#: Decided 2026-11-26; opened with 1.4.4, 1.5.6 and 2.0.1.
STORAGE_VERSION = "v1.2.0"

#: Beyond this the sort of all years goes to disk, beside the snapshot: a small machine makes the sheet meanwhile.
#: Measured in tests/bench/README.md. Decided 2026-11-26.
MEMORY_LIMIT = "1GB"

#: The schemas an analyst sees, and what of the build each is made of.
SCHEMAS = ("core", "picture", "reference", "quality")

#: Columns with somebody's own words in them, in whatever table, and titles that quote them: they stay in the build.
#: ``detail`` holds the fingerprint of an unknown word, and a short word is found from its own by trial.
TEXTS = frozenset(
    {
        "note_public", "detail", "problem", "goal", "indicator", "outcome", "finding", "measure", "question",
        "question_sv", "question_en", "reason_text", "title", "task_sv", "task_en", "why_sv", "why_en",
        "ahead.title_sv", "ahead.title_en", "week_ahead.title_sv", "week_ahead.title_en",
    }
)  # fmt: skip

#: Made anew below over all years, or a copy of part of core.report.
LEFT_OUT = ("recent_report", "incident")

#: Tables of the whole history: no index, it would cost more than all the rest.
LONG = ("report", "report_version", "presence")

#: Stage and landing tables that tell how the feeds are, under the names analysts see.
QUALITY = {
    "delivery": "stage.delivery",
    "attempt": "stage.attempt",
    "reject": "landed.reject",
    "notice": "landed.notice",
    "presence": "landed.presence",
}
QUALITY |= {register: f"landed.{register}" for register in REGISTERS}
QUALITY_GRAIN = {
    **{register: f"One row per version of an entry of the register {register}." for register in REGISTERS},
    "delivery": "One row per delivery read by the moment, and the run and program that read it last.",
    "attempt": "One row per try to hear a source by the moment.",
    "reject": "One row per refused record, or delivery refused whole.",
    "notice": "One row per thing noticed in a delivery that stopped no record.",
    "presence": "One row when a report leaves or returns to its source's window.",
    "provenance": "One row per snapshot: from what and by what it was made, and who may read it.",
    "lake_state": "One row per commit to the lake, also of states long let go: the run and program that made it.",
}

#: The build's own stands for the calendar's weeks, the snapshot's for all years.
INCIDENT_GRAIN = "One row per incident of all years that counts: one report of one comparable source."

#: The sheet's numbers of registers are titled with the register's own words.
_QUOTED_TITLES = """UPDATE picture.query SET title_sv = 'Avsnitt ' || section, title_en = 'Section ' || section
WHERE section IN (3, 7, 8, 9, 10, 11)"""

PROVENANCE = pa.schema(
    [
        pa.field("run_id", pa.string()),
        pa.field("lake_state_number", pa.int32()),
        pa.field("manifest_sha256", pa.string()),
        pa.field("code_version", pa.string()),
        pa.field("picture_hash", pa.string()),
    ]
)
#: Every commit to the lake still known of (warehouse/commits.py), and which deliveries of which source it read: those
#: after one place in their order up to another.
LAKE_STATE = pa.schema(
    [
        pa.field("lake_state_number", pa.int32()),
        pa.field("written_at", INSTANT),
        pa.field("run_id", pa.string()),
        pa.field("code_version", pa.string()),
        pa.field("what", pa.string()),
        pa.field("source_id", pa.string()),
        pa.field("after_at", INSTANT),
        pa.field("after_sha256", pa.string()),
        pa.field("until_at", INSTANT),
        pa.field("until_sha256", pa.string()),
    ]
)


def make_snapshot(database: Path, target: Path, provenance: pa.Table, lake_states: pa.Table) -> None:
    """Make ``target`` from the finished build ``database`` and swap it in. Raises duckdb.Error, OSError, ValueError.

    ``provenance`` is one row (PROVENANCE), ``lake_states`` the commits (LAKE_STATE). Whatever is raised, the
    snapshot that stood there stands. The caller holds the writer's lock.
    """
    unfinished = target.with_name(TEMP_PREFIX + target.name)
    spill = target.with_name(TEMP_PREFIX + "spill")
    remove_database(unfinished)
    try:
        with connect(memory_limit=MEMORY_LIMIT) as con:
            con.execute(f"SET temp_directory = {_quoted(spill)}; SET preserve_insertion_order = false")
            con.execute(f"ATTACH {_quoted(database)} AS made (READ_ONLY)")
            con.execute(
                f"ATTACH {_quoted(unfinished)} AS snapshot"
                f" (STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE {BLOCK_SIZE})"
            )
            _fill(con, "made", provenance, lake_states)
            con.execute("USE memory; CHECKPOINT snapshot; DETACH snapshot; DETACH made")
        swap_in(unfinished, target)
    except BaseException:
        remove_database(unfinished)
        raise
    finally:
        shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def empty_snapshot() -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot of a municipality nothing is known about: what the dictionary is written from."""
    with empty_database() as con:
        con.execute("ATTACH ':memory:' AS snapshot")
        nothing = pa.Table.from_pylist([{}], schema=PROVENANCE)
        _fill(con, "memory", nothing, LAKE_STATE.empty_table())
        yield con


def _fill(con: duckdb.DuckDBPyConnection, made: str, provenance: pa.Table, lake_states: pa.Table) -> None:
    con.execute(f"USE {made}")
    con.register("lake_commit", lake_states)
    for path in sorted(INSTEAD.glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))
    con.execute("BEGIN")
    for schema in SCHEMAS:
        con.execute(f"CREATE SCHEMA snapshot.{schema}")
    for source, schema in (("core", "core"), ("config", "reference"), ("picture", "picture")):
        for name, comment in _tables(con, made, source):
            _copy(con, f"{source}.{name}", f"{schema}.{name}", comment)
    for name, origin in QUALITY.items():
        _copy(con, origin, f"quality.{name}", QUALITY_GRAIN[name])
    for name, given, query in (
        (
            "provenance",
            provenance,
            "SELECT h.picture_number, h.moment_at, h.tlp, g.* FROM given AS g, picture.head AS h",
        ),
        ("lake_state", lake_states, f"SELECT {', '.join(LAKE_STATE.names[:5])} FROM given"),
    ):
        con.register("given", given)
        con.execute(f"CREATE TABLE snapshot.quality.{name} AS {query}")
        con.unregister("given")
        con.execute(f"COMMENT ON TABLE snapshot.quality.{name} IS {_text(QUALITY_GRAIN[name])}")
    con.unregister("lake_commit")
    con.execute("USE snapshot")
    # The rule of what counts is the build's own file, over all years instead of the calendar's.
    rule = (
        (SQL / "20_core" / "40_incident.sql").read_text(encoding="utf-8").replace("core.recent_report", "core.report")
    )
    rule = rule.replace("ALTER TABLE core.incident ADD PRIMARY KEY (report_id);", "").replace("d.period", "r.period")
    con.execute(_renamed(rule))
    con.execute(f"COMMENT ON TABLE core.incident IS {_text(INCIDENT_GRAIN)}")
    renamed = "regexp_replace(regexp_replace(sql, '\\bconfig\\.', 'reference.', 'g'), '\\blanded\\.', 'quality.', 'g')"
    for name, _ in _tables(con, "snapshot", "picture"):
        if name in ("query", "week_query"):
            con.execute(f"UPDATE picture.{name} SET sql = {renamed}")
    con.execute(_QUOTED_TITLES)
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
    order = " ORDER BY event_at, report_id" if table == "report" else ""
    con.execute(f"CREATE TABLE snapshot.{name} AS SELECT {kept} FROM {source}{where}{order}")
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
