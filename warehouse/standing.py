"""What of a feed stands in the lake whatever is read again: that which erased bytes once said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contract import LAKE_TABLES
from warehouse.current import is_current, refuse_damaged
from warehouse.lake import Lake
from warehouse.manifest import LakeFile


def standing_until(lake: Lake, files: Sequence[LakeFile], feed: str, until: datetime, batch: str) -> list[LakeFile]:
    """Of the state's ``files`` those of other feeds, and the feed's history up to and with what was known ``until``.

    A file that reaches further is written again without the rest. What follows from the history (``current.py``) is
    left out, to be made again. Raises LakeError where a file is damaged: its rows can be made from nothing any more.
    """
    kept = []
    for number, file in enumerate(files):
        if file.source_id != feed:
            kept.append(file)
        elif file.table in LAKE_TABLES and not is_current(file) and datetime.fromisoformat(file.known_from) <= until:
            refuse_damaged(lake, file)
            if datetime.fromisoformat(file.known_until) <= until:
                kept.append(file)
                continue
            rows = pq.read_table(lake.folder / file.path, schema=LAKE_TABLES[file.table], partitioning=None)
            rows = rows.filter(pc.less_equal(rows.column("ingested_at"), until))
            made = lake.write_batch(feed, f"{batch}-{number:04d}", {file.table: rows})
            kept += [replace(one, merged=max(one.merged, file.merged)) for one in made]
    return kept
