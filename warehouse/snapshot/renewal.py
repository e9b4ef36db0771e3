"""Renewing a snapshot: a copy of the last one takes what was read since, where it is certain that nothing else changed.

Certain it is where the lake's chain of states leads from the last snapshot to this one by readings and mergings alone,
program, settings and zone are the same, and the versions add up. On any doubt the snapshot is made whole (`Whole` says
why): also where a report turned sensitive, since what stood in the file before would stay in its free pages. A file
renewed often enough is made whole too.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.build import SQL
from warehouse.commits import commit_of
from warehouse.contract import INSTANT
from warehouse.manifest import Manifest

HERE = Path(__file__).resolve().parent
RENEW = HERE / "renew"

#: Kept from the last snapshot and added to; all other tables are copied anew.
KEPT = ("report", "report_version", "incident")

#: A month of nights: pages let go by one night are used by the next, and what no test thought of goes no further.
#: Decided 2026-11-26.
RENEWED_MOST = 30

#: The settings that stand in the rows of KEPT, or decide which rows there are.
SETTINGS = ("area", "category", "feed", "municipality", "place")

#: An event told of so long before it happens is counted when its time has come; as in core.incident.
AHEAD = timedelta(minutes=15)

READ_AFTER = pa.schema(
    [pa.field("source_id", pa.string()), pa.field("after_at", INSTANT), pa.field("after_sha256", pa.string())]
)


class Whole(Exception):
    """The snapshot has to be made whole. The message says why."""


def edition() -> str:
    """The hash of every rule the rows of a snapshot follow from, so that a changed rule is not half in force."""
    digest = hashlib.sha256()
    for path in sorted([*SQL.rglob("*.sql"), *HERE.rglob("*.sql"), *HERE.glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def prepare(con: duckdb.DuckDBPyConnection, code_version: str, kept: Sequence[Manifest]) -> int:
    """Make the temporary tables of what changed, ``last`` and the build being attached. Raises Whole, duckdb.Error.

    ``kept`` are the lake's states that are still known, oldest first; the last one is what the build was made of.
    Returns how often the file will have been renewed. The build's schemas are the ones in use.
    """
    (row,) = con.execute(
        "SELECT p.manifest_sha256, p.code_version, p.edition, p.renewed_count, m.moment_at, m.timezone"
        " FROM last.quality.provenance AS p, last.reference.moment AS m"
    ).fetchall()
    manifest_sha256, by, rules, renewed_count, moment_at, timezone = row
    (now,) = con.execute("SELECT moment_at, timezone FROM config.moment").fetchall()
    if (by, rules) != (code_version, edition()):
        raise Whole("the program is another")
    if renewed_count >= RENEWED_MOST:
        raise Whole(f"it was renewed {renewed_count} times")
    if timezone != now[1] or moment_at > now[0]:
        raise Whole("the zone is another, or the last one is of a later moment")
    for name in SETTINGS:
        if _differs(con, f"config.{name}", f"last.reference.{name}"):
            raise Whole(f"the settings changed: {name}")
    since = _states_since(kept, manifest_sha256)
    for state, moment in ((since[0], moment_at), (since[-1], now[0])):
        if any(file.known_until and datetime.fromisoformat(file.known_until) > moment for file in state.files):
            raise Whole("the lake knows of something after the moment")
    con.register("read_after", _read_after(since))
    con.execute((RENEW / "10_fresh.sql").read_text(encoding="utf-8"))
    con.unregister("read_after")
    if con.execute("SELECT 1 FROM turned_sensitive LIMIT 1").fetchone():
        raise Whole("a report turned sensitive")
    counted = Counter(
        dict(
            con.execute(
                "SELECT source_id, count(*) FROM (SELECT source_id FROM last.core.report_version"
                " UNION ALL SELECT source_id FROM fresh_version) GROUP BY source_id"
            ).fetchall()
        )
    )
    in_lake: Counter[str] = Counter()
    for file in since[-1].files:
        if file.table == "report_version":
            in_lake[file.source_id] += file.row_count
    if +counted != +in_lake:
        raise Whole("the versions do not add up")
    con.execute("SET VARIABLE counted_until = $1::TIMESTAMPTZ", [moment_at + AHEAD])
    return int(renewed_count) + 1


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Take out of the copy, which is in use, all but the tables that are kept."""
    con.execute("DROP SCHEMA picture CASCADE; DROP SCHEMA reference CASCADE; DROP SCHEMA quality CASCADE")
    for kind, rows in (
        ("TABLE", "SELECT table_name FROM duckdb_tables()"),
        ("VIEW", "SELECT view_name FROM duckdb_views()"),
    ):
        for (name,) in con.execute(
            f"{rows} WHERE schema_name = 'core' AND database_name = current_database() AND NOT internal"
        ).fetchall():
            if name not in KEPT:
                con.execute(f"DROP {kind} core.{name}")


def renew_kept(con: duckdb.DuckDBPyConnection, rule: str) -> None:
    """Add to the kept tables what ``prepare`` found; ``rule`` is the SQL that makes core.incident of core.report."""
    con.execute((RENEW / "20_kept.sql").read_text(encoding="utf-8"))
    made = "CREATE OR REPLACE TABLE core.incident AS"
    assert made in rule
    con.execute(rule.replace(made, "INSERT INTO core.incident BY NAME").replace("core.report ", "incident_candidate "))


def _states_since(kept: Sequence[Manifest], manifest_sha256: str) -> list[Manifest]:
    """The state the last snapshot was made of and those after it. Raises Whole where they are not all known."""
    for place in range(len(kept) - 1, -1, -1):
        if hashlib.sha256(kept[place].to_bytes()).hexdigest() == manifest_sha256:
            since = list(kept[place:])
            break
    else:
        raise Whole("the lake's state it was made of is not known any more")
    for before, after in pairwise(since):
        if after.number != before.number + 1:
            raise Whole("the lake's states since then are not all known")
        if not after.what.startswith(("ingest ", "compact ")):
            raise Whole(f"the lake was changed otherwise than by reading: state {after.number}")
    return since


def _read_after(since: Sequence[Manifest]) -> pa.Table:
    """READ_AFTER: the sources read since, and how far each had been read. Raises Whole where one was read anew."""
    stood = {file.source_id for file in since[0].files}
    first: dict[str, dict[str, object]] = {}
    for before, after in pairwise(since):
        commit = commit_of(before, after)
        if commit.feed is None:
            continue
        if commit.after is None and (commit.feed in stood or commit.feed in first):
            raise Whole(f"{commit.feed} was read anew")
        place = commit.after and {
            "after_at": datetime.fromisoformat(commit.after[0]),
            "after_sha256": commit.after[1],
        }
        first.setdefault(commit.feed, {"source_id": commit.feed, **(place or {})})
    return pa.Table.from_pylist(list(first.values()), schema=READ_AFTER)


def _differs(con: duckdb.DuckDBPyConnection, ours: str, theirs: str) -> bool:
    """Whether the rows of a settings table are others; ``theirs`` may lack columns of text."""
    columns = ", ".join(f'"{row[0]}"' for row in con.execute(f"DESCRIBE {theirs}").fetchall())
    one, other = f"SELECT {columns} FROM {ours}", f"SELECT {columns} FROM {theirs}"
    found = con.execute(f"(({one}) EXCEPT ALL ({other})) UNION ALL (({other}) EXCEPT ALL ({one})) LIMIT 1").fetchone()
    return found is not None
