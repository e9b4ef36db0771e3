"""The rival: DuckDB SQL alone over the same raw files, each step a process of its own run by ``bench.py``.

It reads, collapses, normalises into the columns of the house's contract and writes, and nothing more: no field
fingerprints, rejects, landing zone, hashes of files, no as-of guarantees. Where a report says again what it said
before a change, it does not see it.
"""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from pathlib import Path

import duckdb

from tests.bench.measure import second_cost
from tests.bench.words import MONTHS

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]


def read(folder: str, out: str) -> dict[str, int]:
    """Read ``folder``'s deliveries into ``out``; later calls add what is new, by an anti-join on key and hash."""
    con = _connect()
    _load_words(con)
    for name, feed in (("guard", "guard_nordvakt"), ("police", "polisen_events"), ("request", "felanmalan")):
        files = [str(path) for path in sorted((Path(folder) / feed).iterdir())]
        con.execute(f"SET VARIABLE {name}_files = ?", [files])
    con.execute((HERE / "rival.sql").read_text(encoding="utf-8"))
    Path(out).mkdir(parents=True, exist_ok=True)
    stands = sorted(Path(out).glob("*.parquet"))
    if stands:
        con.execute("SET VARIABLE stands = ?", [[str(p) for p in stands]])
        con.execute(
            """CREATE TEMP TABLE known AS SELECT k.source_id, k.source_key, k.h, k.version, k.first_seen_at
            FROM read_parquet(getvariable('stands')) AS k SEMI JOIN version AS v USING (source_id, source_key);
            CREATE TEMP TABLE before AS SELECT source_id, source_key, max(version) AS last, min(first_seen_at) AS first
            FROM known GROUP BY ALL;
            CREATE OR REPLACE TEMP TABLE version AS
            SELECT v.* REPLACE (v.version + coalesce(b.last, 0) AS version,
                CASE WHEN b.last IS NULL THEN v.change_kind ELSE 'changed' END AS change_kind,
                coalesce(b.first, v.first_seen_at) AS first_seen_at)
            FROM version AS v ANTI JOIN known USING (source_id, source_key, h)
            LEFT JOIN before AS b USING (source_id, source_key)"""
        )
    target = Path(out) / f"{len(stands):04d}.parquet"
    con.execute(f"COPY (FROM version ORDER BY ingested_at) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    row = con.execute("SELECT count(*) FROM version").fetchone()
    return {"versions": row[0] if row else 0}


def refresh(out: str) -> dict[str, int]:
    """The counts of a picture, in a database beside the versions."""
    database = Path(out) / "picture.duckdb"
    database.unlink(missing_ok=True)
    con = _connect(str(database))
    con.execute(f"CREATE TEMP VIEW version AS FROM read_parquet('{out}/*.parquet')")
    con.execute((HERE / "rival_refresh.sql").read_text(encoding="utf-8"))
    return {"cells": con.execute("SELECT count(*) FROM cell").fetchall()[0][0]}


def warm(out: str) -> dict[str, object]:
    """The same in a process that has made them once."""
    return second_cost(lambda: refresh(out))


def queries(out: str) -> dict[str, int]:
    """The eight analyst queries, over all versions."""
    from tests.bench.queries import RIVAL

    con = _connect()
    con.execute(f"CREATE TEMP VIEW version AS FROM read_parquet('{out}/*.parquet')")
    return {name: len(con.execute(sql).fetchall()) for name, sql in RIVAL.items()}


def _connect(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(database, config={"threads": 2, "memory_limit": "2GB"})
    con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET preserve_insertion_order = false")
    return con


def _load_words(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TEMP TABLE word (source_id VARCHAR, word VARCHAR, category VARCHAR)")
    words = []
    for feed, mapping, table in (
        ("guard_nordvakt", "guard_tabular/mappings/nordvakt.toml", "category"),
        ("felanmalan", "open311/mappings/felanmalan.toml", "categories"),
    ):
        found = tomllib.loads((PROJECT / "connectors" / mapping).read_text(encoding="utf-8"))[table]
        words += [(feed, word, category) for word, category in found.items()]
    with (PROJECT / "connectors/polisen_events/categories.csv").open(encoding="utf-8", newline="") as lines:
        words += [("polisen_events", line["polisen_type"], line["category"]) for line in csv.DictReader(lines)]
    con.executemany("INSERT INTO word VALUES (?, ?, ?)", words)
    con.execute(
        "CREATE TEMP TABLE category AS SELECT code AS category, default_severity AS severity, counts_as, sv,"
        f" max_location_precision AS finest FROM '{PROJECT}/warehouse/categories.csv'"
    )
    actions = tomllib.loads((PROJECT / "connectors/guard_tabular/mappings/nordvakt.toml").read_text(encoding="utf-8"))
    con.execute("CREATE TEMP TABLE action (word VARCHAR, code VARCHAR)")
    con.executemany("INSERT INTO action VALUES (?, ?)", list(actions["action"].items()))
    con.execute("CREATE TEMP TABLE month (name VARCHAR, number INTEGER)")
    con.executemany("INSERT INTO month VALUES (?, ?)", [(name, n) for n, name in enumerate(MONTHS, start=1)])
    con.execute(
        "CREATE TEMP TABLE municipality AS SELECT municipality_code AS code, municipality_name AS name, county_code"
        f" FROM read_csv('{PROJECT}/connectors/municipalities.csv', all_varchar = true)"
    )
    con.execute(f"CREATE TEMP TABLE place AS FROM '{PROJECT}/flows/municipality/lindvik/places.csv'")


if __name__ == "__main__":
    print(json.dumps({"read": read, "refresh": refresh, "warm": warm, "queries": queries}[sys.argv[1]](*sys.argv[2:])))
