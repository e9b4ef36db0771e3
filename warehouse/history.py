"""What the lake knew last of each report: the starting point for numbering the next versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from warehouse.connection import connect
from warehouse.contract_current import REPORT_KEY
from warehouse.current import refuse_damaged
from warehouse.lake import Lake
from warehouse.manifest import LakeFile
from warehouse.report_keys import keys_of, stand_in
from warehouse.versions import HEAD

# Which reports are known is asked of the sorted keys, which version was their last of the few files of reports that
# have one of them. What that version said is then read only from the files and row groups received since the oldest of
# them, which the manifest and Parquet's statistics tell: a night repeats the last days, so the years are never touched.
_LAST = """
CREATE TEMP TABLE last_version AS
SELECT r.report_id, r.version, r.ingested_at
FROM known AS r
SEMI JOIN asked ON asked.report_id = r.report_id
"""

_HEAD = """
SELECT {columns} FROM told AS v
SEMI JOIN last_version AS l ON l.report_id = v.report_id AND l.version = v.version
WHERE v.ingested_at >= make_timestamptz({since})
ORDER BY v.report_id
"""


def read_head(lake: Lake, feed: str, files: Sequence[LakeFile], report_ids: pa.ChunkedArray | pa.Array) -> pa.Table:
    """The last version (HEAD) of those of ``report_ids`` that the feed's ``files`` know.

    The present state of the feed must be kept in ``files`` (current.py). Raises LakeError where a file of keys or of
    reports is damaged: a report that is not found would begin anew.
    """
    mine = [file for file in files if file.source_id == feed]
    blocks = _blocks_with(lake, mine, report_ids)
    if not blocks:
        return HEAD.empty_table()
    with connect() as con:
        con.register("asked", pa.table({"report_id": report_ids}))
        # Files as views and the time as a number: to take a parameter, DuckDB loads pandas (1.5.6).
        of_reports = [str(lake.folder / file.path) for file in blocks]
        con.read_parquet(of_reports, hive_partitioning=False).create_view("known")
        con.execute(_LAST)
        row = con.execute("SELECT epoch_us(min(ingested_at)), min(ingested_at) FROM last_version").fetchone()
        if row is None or row[0] is None:
            return HEAD.empty_table()
        microseconds, since = row
        versions = [str(lake.folder / file.path) for file in mine if _has_versions(file, since)]
        columns = ", ".join(f"v.{name}" for name in HEAD.names)
        con.read_parquet(versions, hive_partitioning=False).create_view("told")
        table = con.execute(_HEAD.format(columns=columns, since=microseconds)).to_arrow_table()
    return table.cast(HEAD)


def _blocks_with(lake: Lake, files: Sequence[LakeFile], report_ids: pa.ChunkedArray | pa.Array) -> list[LakeFile]:
    """Those of the files of reports in which one of ``report_ids`` may stand: one or two ids may share a number."""
    asked = np.sort(keys_of(report_ids))
    having = set()
    for file in files:
        if len(asked) and file.table == REPORT_KEY:
            refuse_damaged(lake, file)
            if stand_in(lake.folder / file.path, asked).any():
                having.add(file.first_seen_months)
    blocks = [file for file in files if file.table == "report" and file.first_seen_months in having]
    for file in blocks:
        refuse_damaged(lake, file)
    return blocks


def _has_versions(file: LakeFile, since: datetime) -> bool:
    return file.table == "report_version" and datetime.fromisoformat(file.known_until) >= since
