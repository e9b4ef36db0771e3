"""Which of the sheet's numbers have fewer rows in the snapshot than were counted, and how many fewer.

A sensitive report is told of by its week alone, so it has no place in an answer about hours or days. The count on the
sheet has it; whoever asks for the rows is told how many are held back.
"""

from __future__ import annotations

import duckdb

#: Rows of sensitive reports stand in these answers: those made of other tables have none, or show all by the week.
_ASKS_OF = "%core.incident %"

HELD_BACK_GRAIN = "One row per query id whose answer lacks sensitive reports that its number counts."


def make_held_back(con: duckdb.DuckDBPyConnection, made: str) -> None:
    """Make picture.held_back by asking each query of the build and of the snapshot, which is the one in use after."""
    con.execute(f"USE {made}; CREATE OR REPLACE TEMP TABLE counted (query_id VARCHAR, report_id VARCHAR)")
    asked: dict[str, str] = {}
    for table in ("query", "week_query"):
        if con.execute(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'picture'"
            " AND table_name = $1",
            [table],
        ).fetchone():
            asked |= dict(
                con.execute(f"SELECT query_id, sql FROM picture.{table} WHERE sql LIKE $1", [_ASKS_OF]).fetchall()
            )
    for query_id, sql in asked.items():
        con.execute(f"INSERT INTO counted SELECT $1, report_id FROM ({sql}) WHERE is_person_sensitive", [query_id])
    con.execute("USE snapshot")
    for (query_id,) in con.execute("SELECT DISTINCT query_id FROM counted").fetchall():
        shown = f"SELECT report_id FROM ({asked[query_id].replace('config.', 'reference.')})"
        con.execute(f"DELETE FROM counted WHERE query_id = $1 AND report_id IN ({shown})", [query_id])
    con.execute(
        "CREATE TABLE picture.held_back AS SELECT query_id, count(*)::INTEGER AS held_back_count FROM counted"
        " GROUP BY query_id ORDER BY query_id; ALTER TABLE picture.held_back ADD PRIMARY KEY (query_id)"
    )
    con.execute(f"COMMENT ON TABLE picture.held_back IS '{HELD_BACK_GRAIN}'; DROP TABLE temp.counted")
