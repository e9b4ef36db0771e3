"""What the lake knew last of each report: the starting point for numbering the next versions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from warehouse.connection import connect
from warehouse.versions import HEAD

# Keys are looked for in all of the feed's history, in three narrow columns. What those versions said is then read
# only from the files and row groups received since the oldest of them, which Parquet's statistics tell: a night
# repeats the last days, so the wide columns of years are never touched.
_LAST = """
CREATE TEMP TABLE last_version AS
SELECT v.report_id, max(v.version) AS version, arg_max(v.ingested_at, v.version) AS ingested_at
FROM read_parquet($files, hive_partitioning => false) AS v
SEMI JOIN asked ON asked.report_id = v.report_id
GROUP BY v.report_id
"""

_HEAD = """
SELECT {columns} FROM read_parquet($files, hive_partitioning => false) AS v
SEMI JOIN last_version AS l ON l.report_id = v.report_id AND l.version = v.version
WHERE v.ingested_at >= $since
ORDER BY v.report_id
"""


def read_head(version_files: Sequence[Path], report_ids: pa.ChunkedArray | pa.Array) -> pa.Table:
    """The last version (HEAD) of those of ``report_ids`` that stand in the given files of report versions."""
    if not version_files or len(report_ids) == 0:
        return HEAD.empty_table()
    files = [str(path) for path in version_files]
    with connect() as con:
        con.register("asked", pa.table({"report_id": report_ids}))
        con.execute(_LAST, {"files": files})
        row = con.execute("SELECT min(ingested_at) FROM last_version").fetchone()
        if row is None or row[0] is None:
            return HEAD.empty_table()
        columns = ", ".join(f"v.{name}" for name in HEAD.names)
        table = con.execute(_HEAD.format(columns=columns), {"files": files, "since": row[0]}).to_arrow_table()
    return table.cast(HEAD)
