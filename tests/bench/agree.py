"""Do the three contenders say the same of the same deliveries? A rival that does less, or other, is no measure.

    python -m tests.bench.agree HOUSE DUCKDB PANDAS        (the folders that a bench leaves: house-SIZE, DuckDB-SIZE, …)

The rivals must agree in every column but the row hash, which is each one's own. With the house they must agree in how
many versions there are, of which category and version number, new or not, and where a time or an area is lacking. What
the house knows beyond that is left out by name: a notice missed in its window, a case cancelled, the area of a point.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

#: A row per feed, kind of change, category and version number: how many versions, and what is lacking. The house
#: finds guards' areas by their points too, and tells cancelled and returned from changed.
SAID = """SELECT source_id, CASE change_kind WHEN 'new' THEN 'new' ELSE 'changed' END AS change_kind, category, version,
    count(*) AS versions, count(*) FILTER (occurred_from IS NULL) AS timeless,
    count(*) FILTER (source_id <> 'guard_nordvakt' AND area_id IS NULL) AS unplaced
FROM {table} WHERE observation <> 'withdrawn' GROUP BY ALL"""


def disagreements(house: Path | None, rivals: Sequence[Path]) -> list[str]:
    """What the contenders' report versions differ in, a sentence each; none where they agree.

    ``house`` is a data folder, ``rivals`` hold Parquet files; the first of them is what the others are held against.
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    for number, folder in enumerate(rivals):
        con.execute(f"CREATE VIEW rival_{number} AS FROM read_parquet('{folder}/*.parquet')")
    found = []
    columns = ", ".join(name for name in con.table("rival_0").columns if name != "h")
    for number, folder in enumerate(rivals[1:], start=1):
        found += _apart(con, f"SELECT {columns} FROM rival_0", f"SELECT {columns} FROM rival_{number}", folder.name)
    if house is not None:
        manifest = json.loads((house / "lake" / "manifest.json").read_text(encoding="utf-8"))
        files = [f["path"] for f in manifest["files"] if f["table"] == "report_version"]
        con.read_parquet([str(house / "lake" / path) for path in files], hive_partitioning=False).create_view("house")
        found += _apart(con, SAID.format(table="rival_0"), SAID.format(table="house"), house.name)
    return found


def _apart(con: duckdb.DuckDBPyConnection, one: str, other: str, name: str) -> list[str]:
    """How many rows only one of two queries has, and the first of them."""
    found = []
    for have, lack, what in ((one, other, "lacks"), (other, one, "has alone")):
        rows = con.execute(f"({have}) EXCEPT ALL ({lack}) ORDER BY ALL").fetchall()
        if rows:
            found.append(f"{name} {what} {len(rows)} rows, the first: {rows[0]}")
    return found


if __name__ == "__main__":
    told = disagreements(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
    print("\n".join(told) or "they agree")
    sys.exit(bool(told))
