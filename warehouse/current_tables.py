"""The tables kept of the present moment, worked out from versions a whole column at a time.

The same rules stand in SQL for moments of the past (sql/10_rule/20_report_of.sql and those after it); a test holds the
two together.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.contract_current import REPORT, REPORT_DAY, REPORT_TOTAL
from warehouse.local_time import DAY, HOUR, local_microseconds

Numbers = npt.NDArray[np.int64]

#: An event told of longer before it happens than this is ahead of its time. As in core.incident.
AHEAD = 15 * 60 * 1_000_000

#: Reports of these kinds with status open are matters somebody should see to.
MATTERS = ("municipal_request", "safety_walk")

#: The columns of REPORT that are worked out here, not taken over.
_LOCAL = ("local_day", "local_hour", "local_weekday")
TAKEN = [name for name in REPORT.names if name not in _LOCAL]

#: Stands for "no instant" among microseconds.
NEVER = np.iinfo(np.int64).min


def days_of(reports: pa.Table) -> pa.Table:
    """REPORT_DAY: how much of what stands on each local day, of some reports (REPORT)."""
    keys = [name for name in REPORT_DAY.names if name != "report_count"]
    table = pa.table({name: text_of(reports, name) for name in keys})
    standing = pc.and_(
        pc.not_equal(text_of(reports, "change_kind"), "withdrawn"), pc.is_valid(table.column("local_day"))
    )
    sums = table.filter(standing).group_by(keys, use_threads=False).aggregate([([], "count_all")])
    order = pc.sort_indices(sums.column("local_day"))
    return sums.rename_columns([*keys, "report_count"]).take(order).cast(REPORT_DAY)


def totals_of(reports: pa.Table, months: str) -> pa.Table:
    """REPORT_TOTAL: the sums over some reports (REPORT), marked as of the block ``months``."""
    ingested = microseconds_of(reports.column("ingested_at"))
    event_at = event_at_of(reports)
    event = microseconds_of(event_at)
    is_ahead = pa.array((event != NEVER) & (event > ingested + AHEAD))
    is_open = pc.and_(
        pc.fill_null(pc.equal(text_of(reports, "status"), "open"), False),
        pc.is_in(text_of(reports, "observation_type"), value_set=pa.array(MATTERS)),
    )
    is_standing = pc.not_equal(text_of(reports, "change_kind"), "withdrawn")
    keys = {
        "source_id": text_of(reports, "source_id"),
        "category": text_of(reports, "category"),
        "area_id": text_of(reports, "area_id"),
        "open_place_id": pc.if_else(pc.and_(is_open, is_standing), text_of(reports, "place_id"), None),
        "tlp": text_of(reports, "tlp"),
        "is_standing": is_standing,
        "ahead_event_at": pc.if_else(is_ahead, event_at, None),
    }
    table = pa.table(keys | {"event_at": event_at, "ingested_at": reports.column("ingested_at")})
    sums = table.group_by(list(keys), use_threads=False).aggregate(
        [([], "count_all"), ("event_at", "min"), ("event_at", "max"), ("ingested_at", "max")]
    )
    columns = {name: sums.column(name) for name in keys} | {
        "first_seen_months": pa.array([months] * sums.num_rows, pa.string()),
        "report_count": sums.column("count_all"),
        "first_event_at": sums.column("event_at_min"),
        "last_event_at": sums.column("event_at_max"),
        "last_ingested_at": sums.column("ingested_at_max"),
    }
    return pa.table({name: columns[name] for name in REPORT_TOTAL.names}).cast(REPORT_TOTAL)


def reports_of(versions: pa.Table, zone: ZoneInfo) -> pa.Table:
    """REPORT: the given versions (REPORT_VERSION) with their local day, and the hour where it is worth something.

    The hour of an interval is that of its middle, where it is no longer than one watch.
    """
    taken = versions.select(TAKEN)
    event, occurred, until = (
        microseconds_of(column)
        for column in (event_at_of(taken), taken.column("occurred_from"), taken.column("occurred_until"))
    )
    precision = text_of(taken, "occurred_precision")
    is_exact = np.asarray(pc.is_in(precision, value_set=pa.array(["minute", "hour"])), dtype=bool)
    is_interval = np.asarray(pc.equal(precision, "interval"), dtype=bool)
    is_short = is_interval & (until != NEVER) & (until >= occurred) & (until - occurred <= 3 * HOUR)
    has_hour = (occurred != NEVER) & (is_exact | is_short)
    hour_at = np.where(is_short & has_hour, occurred + (until - occurred) // 2, occurred)
    has_event = event != NEVER
    day, clock = np.zeros(len(event), dtype=np.int64), np.zeros(len(event), dtype=np.int64)
    day[has_event] = local_microseconds(event[has_event], zone) // DAY
    clock[has_hour] = local_microseconds(hour_at[has_hour], zone)
    weekday = (clock // DAY + 3) % 7 + 1  # 1970-01-01 was a Thursday
    columns = {name: taken.column(name) for name in TAKEN} | {
        "local_day": pa.array(day.astype(np.int32), mask=~has_event).cast(pa.date32()),
        "local_hour": pa.array((clock % DAY // HOUR).astype(np.int32), mask=~has_hour),
        "local_weekday": pa.array(weekday.astype(np.int32), mask=~has_hour),
    }
    fields = [field.with_type(columns[field.name].type) for field in REPORT]  # text that repeats stays encoded
    return pa.Table.from_arrays([columns[name] for name in REPORT.names], schema=pa.schema(fields))


def microseconds_of(column: pa.ChunkedArray) -> Numbers:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), NEVER))


def event_at_of(reports: pa.Table) -> pa.ChunkedArray:
    """When it happened or, where the source does not say, was reported or published."""
    return pc.coalesce(*(reports.column(name) for name in ("occurred_from", "reported_at", "published_at")))


def text_of(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of text, plain."""
    column = table.column(name)
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
