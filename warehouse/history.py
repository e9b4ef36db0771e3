"""What the lake knew last of each report: the starting point for numbering the next versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contract_current import REPORT_KEY
from warehouse.current import refuse_damaged, whole_bytes
from warehouse.current_tables import Numbers, microseconds_of
from warehouse.lake import Lake
from warehouse.manifest import LakeFile
from warehouse.report_keys import Keys, has_one_of, keys_in, keys_of
from warehouse.versions import HEAD
from warehouse.waiting import LAST, Waiting, newest_of


def read_head(
    lake: Lake,
    feed: str,
    files: Sequence[LakeFile],
    report_ids: pa.ChunkedArray | pa.Array,
    waiting: Waiting | None = None,
) -> pa.Table:
    """The last version (HEAD) of those of ``report_ids`` that the feed's ``files`` know, in the order of report_id.

    Which reports are known is asked of the sorted keys, which version was their last of the few files of reports that
    have one of them. What that version said is then read only from the files and row groups that reach over the very
    moments those versions came, as the manifest and Parquet's statistics tell: a night repeats the last days, so the
    years are never touched.

    The present state of the feed must be kept in ``files`` (current.py), but for what is ``waiting`` of versions that
    stand there already. Raises LakeError where a file of keys or of reports is damaged: a report that is not found
    would begin anew.
    """
    mine = [file for file in files if file.source_id == feed]
    asked, known = report_ids.cast(pa.string()), [LAST.empty_table()]
    if any(file.table == REPORT_KEY for file in mine) or (waiting and waiting.parts):
        keys = np.sort(keys_of(report_ids))
        known += [part for file in _blocks_with(lake, mine, keys) for part in _last(lake, file, asked)]
        known += [waiting.last(keys)] if waiting else []
    every = pa.concat_tables(known)
    if not every.num_rows:
        return HEAD.empty_table()
    last = every.take(pa.array(newest_of(every))).combine_chunks()
    moments = np.unique(microseconds_of(last.column("ingested_at")))
    found = [
        part
        for file in mine
        if file.table == "report_version"
        and _reaches(moments, _microseconds(file.known_from), _microseconds(file.known_until))
        for part in _told(lake, file, last, moments)
    ]
    return pa.concat_tables([HEAD.empty_table(), *found]).sort_by("report_id")


def _last(lake: Lake, file: LakeFile, asked: pa.ChunkedArray | pa.Array) -> Iterator[pa.Table]:
    """The last versions (LAST) of those of the reports asked for that stand in a file of reports."""
    with pq.ParquetFile(lake.folder / file.path) as reports:
        for group in range(reports.num_row_groups):
            part = reports.read_row_group(group, columns=LAST.names, use_threads=False)
            yield part.filter(pc.is_in(part.column("report_id"), value_set=asked)).cast(LAST)


def _told(lake: Lake, file: LakeFile, last: pa.Table, moments: Numbers) -> Iterator[pa.Table]:
    """What the versions in ``last`` say (HEAD), of those that stand in a file of versions."""
    with pq.ParquetFile(lake.folder / file.path) as versions:
        for group in range(versions.num_row_groups):
            if not _reaches(moments, *_span(versions.metadata.row_group(group))):
                continue
            part = versions.read_row_group(group, columns=["report_id", "version"], use_threads=False)
            place = pc.index_in(part.column("report_id"), value_set=last.column("report_id").combine_chunks())
            is_last = pc.equal(last.column("version").take(place), part.column("version"))  # null where nobody asked
            if pc.any(is_last).as_py():
                columns = (  # one after the other: a whole row group of a back-fill is 40 MB, a night has 180
                    versions.read_row_group(group, columns=[name], use_threads=False).filter(is_last).column(0)
                    for name in HEAD.names
                )
                yield pa.table(list(columns), HEAD.names).cast(HEAD)


def _span(group: pq.RowGroupMetaData) -> tuple[int, int]:
    """When the first and the last row of a row group became known, in microseconds; all time where it does not say."""
    names = [group.column(place).path_in_schema for place in range(group.num_columns)]
    said = group.column(names.index("ingested_at")).statistics
    if said is None or not said.has_min_max:
        return np.iinfo(np.int64).min, np.iinfo(np.int64).max
    return said.min_raw, said.max_raw


def _reaches(moments: Numbers, first: int, last: int) -> bool:
    """Whether one of the sorted ``moments`` lies from ``first`` to ``last``."""
    return bool(np.searchsorted(moments, first, "left") < np.searchsorted(moments, last, "right"))


def _microseconds(moment: str) -> int:
    return int(np.datetime64(datetime.fromisoformat(moment).replace(tzinfo=None), "us").astype(np.int64))


def _blocks_with(lake: Lake, files: Sequence[LakeFile], asked: Keys) -> list[LakeFile]:
    """Those of the files of reports in which an id of one of the sorted numbers may stand: two ids may share one."""
    having = set()
    for file in (file for file in files if file.table == REPORT_KEY):
        # Read once for its hash and the search: mapping some hundred files cost more than searching them.
        if has_one_of(keys_in(whole_bytes(lake, file)), asked):
            having.add(file.first_seen_months)
    blocks = [file for file in files if file.table == "report" and file.first_seen_months in having]
    for file in blocks:
        refuse_damaged(lake, file)
    return blocks
