"""What the lake knew last of each report: the starting point for numbering the next versions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from warehouse.connection import connect
from warehouse.versions import HEAD


def read_head(version_files: Sequence[Path], report_ids: pa.ChunkedArray | pa.Array) -> pa.Table:
    """The last version (HEAD) of those of ``report_ids`` that stand in the given files of report versions."""
    if not version_files or len(report_ids) == 0:
        return HEAD.empty_table()
    columns = ", ".join(f"v.{name}" for name in HEAD.names)
    with connect() as con:
        con.register("asked", pa.table({"report_id": report_ids}))
        table = con.execute(
            f"""
            SELECT {columns} FROM read_parquet($1, hive_partitioning => false) AS v
            SEMI JOIN asked ON asked.report_id = v.report_id
            QUALIFY row_number() OVER (PARTITION BY v.report_id ORDER BY v.version DESC) = 1
            ORDER BY v.report_id
            """,
            [[str(path) for path in version_files]],
        ).to_arrow_table()
    return table.cast(HEAD)
