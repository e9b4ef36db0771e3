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

from warehouse.codes import Codes, Numbers, codes_of, groups_of, says_one_of
from warehouse.contract import INSTANT
from warehouse.contract_current import REPORT, REPORT_DAY, REPORT_TOTAL
from warehouse.local_time import DAY, HOUR, local_microseconds

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
    is_counted = is_standing_of(reports) & np.asarray(pc.is_valid(reports.column("local_day")))
    standing = reports.select(keys)
    if not is_counted.all():
        standing = standing.filter(pa.array(is_counted))
    if not standing.num_rows:
        return REPORT_DAY.empty_table()
    first, group = groups_of(codes_of(standing.column(name)) for name in keys)
    days = standing.take(pa.array(first)).append_column("report_count", pa.array(np.bincount(group)))
    return days.take(pc.sort_indices(days.column("local_day"))).cast(REPORT_DAY)


def totals_of(reports: pa.Table, months: str) -> pa.Table:
    """REPORT_TOTAL: the sums over some reports (REPORT), marked as of the block ``months``."""
    ingested = microseconds_of(reports.column("ingested_at"))
    event = microseconds_of(event_at_of(reports))
    is_ahead = (event != NEVER) & (event > ingested + AHEAD)
    is_standing = is_standing_of(reports)
    is_open = says_one_of(reports.column("status"), ["open"]) & is_standing
    is_open &= says_one_of(reports.column("observation_type"), MATTERS)
    place, ahead = codes_of(reports.column("place_id")), codes_of(pa.array(event, mask=~is_ahead))
    by_name = [codes_of(reports.column(name)) for name in ("source_id", "category", "area_id", "tlp")]
    by_truth = [Codes(is_standing.astype(np.int64), 2), Codes(np.where(is_open, place.code, 0), place.end), ahead]
    first, group = groups_of([*by_name, *by_truth])
    rows = reports.select(["source_id", "category", "area_id", "place_id", "tlp"]).take(pa.array(first))
    columns = {name: rows.column(name) for name in ("source_id", "category", "area_id", "tlp")} | {
        "first_seen_months": pa.array([months] * len(first), pa.string()),
        "open_place_id": pc.if_else(pa.array(is_open[first]), text_of(rows, "place_id"), None),
        "is_standing": pa.array(is_standing[first]),
        "ahead_event_at": instants(np.where(is_ahead, event, NEVER)[first]),
        "report_count": pa.array(np.bincount(group)),
        "first_event_at": instants(_least(np.where(event == NEVER, -NEVER - 1, event), group, len(first))),
        "last_event_at": instants(_most(event, group, len(first))),
        "last_ingested_at": instants(_most(ingested, group, len(first))),
    }
    return pa.table({name: columns[name] for name in REPORT_TOTAL.names}).cast(REPORT_TOTAL)


def is_standing_of(reports: pa.Table) -> npt.NDArray[np.bool_]:
    """Which reports are not withdrawn."""
    return ~says_one_of(reports.column("change_kind"), ["withdrawn"])


def instants(microseconds: Numbers) -> pa.Array:
    """Instants; none where nothing was ever the least or the most."""
    return pa.array(microseconds, mask=np.isin(microseconds, (NEVER, -NEVER - 1))).cast(INSTANT)


def _least(values: Numbers, group: Numbers, count: int) -> Numbers:
    found = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(found, group, values)
    return found


def _most(values: Numbers, group: Numbers, count: int) -> Numbers:
    found = np.full(count, NEVER)
    np.maximum.at(found, group, values)
    return found


def reports_of(versions: pa.Table, zone: ZoneInfo) -> pa.Table:
    """REPORT: the given versions (REPORT_VERSION) with their local day, and the hour where it is worth something.

    The hour of an interval is that of its middle, where it is no longer than one watch.
    """
    taken = versions.select(TAKEN)
    event, occurred, until = (
        microseconds_of(column)
        for column in (event_at_of(taken), taken.column("occurred_from"), taken.column("occurred_until"))
    )
    precision = taken.column("occurred_precision")
    is_exact, is_interval = says_one_of(precision, ["minute", "hour"]), says_one_of(precision, ["interval"])
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
