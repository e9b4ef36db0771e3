"""What the chunks of an archive say now, held until its files are written once for all of them.

A file of what reports say now holds a year, and an archive's chunks end anywhere in one: written chunk by chunk, a
year's file was made two or three times. What waits is bounded, is no part of any commit until its files are, and is
worked out anew from the deliveries after a kill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse.codes import codes_of
from warehouse.contract_current import REPORT
from warehouse.current_tables import TAKEN, Numbers, microseconds_of, reports_of
from warehouse.report_keys import Keys, keys_of, rows_with

#: So many reports may wait: about 100 MB. An archive of ten million is written in some twenty parts (2026-11-27).
MOST = 500_000

#: The column beside those of REPORT that holds the number of the report's id (report_keys.py).
KEY = "key"

#: Which version of a report was its last, and when it became known.
LAST = pa.schema([REPORT.field(name) for name in ("report_id", "version", "ingested_at")])


@dataclass(frozen=True)
class Waiting:
    """Reports of one feed as the newest of their versions say, not written yet; local days are of ``zone``."""

    zone: ZoneInfo
    parts: tuple[pa.Table, ...] = ()  # REPORT and KEY; each in order of first sight, no report twice in one

    @property
    def is_full(self) -> bool:
        return sum(part.num_rows for part in self.parts) >= MOST

    def emptied(self) -> Waiting:
        return Waiting(self.zone)

    def with_also(self, versions: pa.Table, newest: Numbers | None = None) -> Waiting:
        """The same and the feed's next versions (REPORT_VERSION, whatever its columns of text are encoded as).

        ``newest`` are the rows of them that are their report's newest, where somebody knows that already.
        """
        if not versions.num_rows:
            return self
        rows = newest_of(versions) if newest is None else newest
        part = keyed(reports_of(in_order(versions.select(TAKEN), rows), self.zone))
        return Waiting(self.zone, (*self.parts, part))

    def last(self, asked: Keys) -> pa.Table:
        """The last versions (LAST) of the waiting reports whose ids have one of the sorted numbers ``asked``."""
        found = [LAST.empty_table()]
        for part in self.parts:
            rows = rows_with(np.asarray(part.column(KEY)), asked)
            found.append(part.select(LAST.names).take(pa.array(rows)).cast(LAST))
        every = pa.concat_tables(found)
        return every.take(pa.array(newest_of(every)))

    def taken(self) -> list[pa.Table]:
        """All that waits (REPORT and KEY), each report once, in tables that are each in order of first sight."""
        beaten, start, taken = self._beaten(), 0, []
        for part in self.parts:
            mine = beaten[slice(*np.searchsorted(beaten, (start, start + part.num_rows)))] - start
            start += part.num_rows
            taken.append(part.take(pa.array(np.delete(np.arange(part.num_rows), mine))) if len(mine) else part)
        return taken

    def _beaten(self) -> Numbers:
        """The rows, of all parts one after the other, of whose report another part has a newer version."""
        if len(self.parts) < 2:
            return np.zeros(0, dtype=np.int64)
        keys = np.concatenate([np.asarray(part.column(KEY)) for part in self.parts])
        in_line = np.sort(keys)
        twins = rows_with(keys, in_line[1:][in_line[1:] == in_line[:-1]])
        told = pa.concat_tables([part.select(LAST.names).cast(LAST) for part in self.parts]).take(pa.array(twins))
        return np.delete(twins, newest_of(told))


def keyed(reports: pa.Table) -> pa.Table:
    """The reports with the number of each one's id beside it."""
    return reports.append_column(KEY, pa.array(keys_of(reports.column("report_id"))))


def newest_of(versions: pa.Table) -> Numbers:
    """The rows of ``versions`` that are the newest of their report, as they came."""
    report, count = codes_of(versions.column("report_id"))
    order = np.argsort(np.asarray(versions.column("version")), kind="stable")
    last = np.empty(count, dtype=np.int64)
    last[report[order]] = order  # of several for one report the last, which is the highest, is kept
    return np.sort(last[1:])  # none is NULL, which is 0


def in_order(reports: pa.Table, rows: Numbers | None = None) -> pa.Table:
    """The reports in those ``rows`` (all, unless given) by when they were first seen, and then as they came."""
    seen = microseconds_of(reports.column("first_seen_at"))
    rows = np.arange(len(seen)) if rows is None else rows
    rows = rows[np.argsort(seen[rows], kind="stable")]
    if len(rows) == len(seen) and (rows[1:] > rows[:-1]).all():
        return reports
    return reports.take(pa.array(rows))


def months_of(reports: pa.Table) -> Numbers:
    """The month each was first seen in, counted from year 0."""
    seen = microseconds_of(reports.column("first_seen_at")).astype("datetime64[us]")
    return seen.astype("datetime64[M]").astype(np.int64) + 1970 * 12


def within(parts: Sequence[pa.Table], months: Sequence[npt.NDArray], first: int, last: int) -> pa.Table:
    """The reports of the parts, each in order of first sight, that were first seen from one month to another."""
    ends = [np.searchsorted(each, (first, last + 1)).tolist() for each in months]
    some = [part.slice(start, end - start) for part, (start, end) in zip(parts, ends, strict=True) if end > start]
    return some[0] if len(some) == 1 else in_order(pa.concat_tables(some).combine_chunks())
