"""When it happened: a company's date, time and interval columns as local times, for whole tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from connectors.guard_tabular.intervals import SHIFT, Written, read_interval
from connectors.guard_tabular.mapping import CompanyMapping
from connectors.guard_tabular.moments import read_date, read_moment, read_span, read_time
from connectors.guard_tabular.records import Records
from connectors.tabular import folded

Moments = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]

_DAY = np.timedelta64(1, "D")
_NEVER = np.datetime64("NaT", "us")

#: What a cell says: a value, nothing, that nobody knows, or something no format reads.
VALUE, MISSING, UNKNOWN, UNREADABLE = range(4)


@dataclass
class Occurrence:
    """Local times of each record; NaT where unknown. ``is_unreadable`` marks those whose date no format reads."""

    start: Moments
    until: Moments
    reported: Moments
    closed: Moments
    precision: npt.NDArray[Any]  # the contract's words
    is_unreadable: Flags
    flags: dict[str, Flags] = field(default_factory=dict)
    exact: dict[str, Moments] = field(default_factory=dict)  # start, until, reported, closed → UTC where offsets say so
    unread: dict[str, Flags] = field(default_factory=dict)  # field → its cells that hold something no format reads


def read_occurrence(records: Records, mapping: CompanyMapping, zone: ZoneInfo) -> Occurrence:
    """The times of all records by the mapping's columns and formats; local ones are of ``zone``."""
    reported, reported_state, _, exactly_reported = _moments(records, mapping, "reported", zone)
    closed, closed_state, _, exactly_closed = _moments(records, mapping, "closed", zone)
    if "interval" in mapping.table.columns:
        result = _free_form(records, mapping)
    elif "moment" in mapping.table.columns:
        result = _one_column(records, mapping, zone)
    elif "date" in mapping.table.columns:
        result = _day_and_clock(records, mapping)
    else:
        nothing = np.full(len(records), _NEVER)
        unknown = np.full(len(records), "unknown", dtype=object)
        result = Occurrence(nothing, nothing.copy(), reported, closed, unknown, reported_state == UNREADABLE)
    result.reported, result.closed = reported, closed
    result.exact |= {"reported": exactly_reported, "closed": exactly_closed}
    if "date" not in mapping.table.columns and "moment" not in mapping.table.columns:
        result.unread["interval"] = result.flags.get("time_unreadable", np.zeros(len(records), dtype=bool))
    result.flags["reported_unreadable"] = reported_state == UNREADABLE
    result.flags["closed_unreadable"] = closed_state == UNREADABLE
    result.unread |= {name: result.flags[f"{name}_unreadable"] for name in ("reported", "closed")}
    return result


def _free_form(records: Records, mapping: CompanyMapping) -> Occurrence:
    written = records.column("interval")
    said: list[Written] = [read_interval(text, mapping.interval) for text in written.values]
    start = np.array([one.start for one in said], dtype="datetime64[us]")[written.codes]
    until = np.array([one.end for one in said], dtype="datetime64[us]")[written.codes]
    precision = np.array([one.precision for one in said], dtype=object)[written.codes]
    flag = np.array([one.flag for one in said], dtype=object)[written.codes]
    names = ("time_missing", "time_unknown", "time_unreadable", "interval_reversed")
    flags = {name: flag == name for name in names}
    # A free-form text is not held to a format: what it does not say plainly is unknown, not refused.
    return Occurrence(start, until, start, start, precision, np.zeros(len(start), dtype=bool), flags)


def _one_column(records: Records, mapping: CompanyMapping, zone: ZoneInfo) -> Occurrence:
    start, state, has_time, exactly = _moments(records, mapping, "moment", zone)
    until, until_state, _, exactly_until = _moments(records, mapping, "moment_until", zone)
    # An end may be written as a time of day alone: on the day of the start, or the morning after a shift.
    clock, clock_state = _clocks(records, mapping, "moment_until")
    is_clock = (until_state == UNREADABLE) & (clock_state == VALUE) & has_time
    at_clock = start.astype("datetime64[D]").astype("datetime64[us]") + clock.astype("timedelta64[s]")
    crosses = (at_clock < start) & (at_clock + _DAY - start <= np.timedelta64(SHIFT))
    until = np.where(is_clock, np.where(crosses, at_clock + _DAY, at_clock), until)
    until_state = np.where(is_clock, VALUE, until_state)
    result = _combined(start, until, has_time)
    result.is_unreadable = state == UNREADABLE
    result.flags |= {
        "time_missing": (state == MISSING) | ((state == VALUE) & ~has_time),
        "time_unknown": state == UNKNOWN,
        "interval_unreadable": until_state == UNREADABLE,
    }
    result.unread = {"moment_until": until_state == UNREADABLE}
    result.exact = {"start": exactly, "until": exactly_until}
    return result


def _day_and_clock(records: Records, mapping: CompanyMapping) -> Occurrence:
    day, state = _days(records, mapping, "date")
    last_day, last_day_state = _days(records, mapping, "date_until")
    clock, clock_state = _clocks(records, mapping, "time")
    last_clock, last_state = _clocks(records, mapping, "time_until")
    spans = _spans(records, mapping, np.flatnonzero((clock_state == UNREADABLE) & (last_state == MISSING)))
    clock, last_clock = np.where(spans[0] >= 0, spans[0], clock), np.where(spans[0] >= 0, spans[1], last_clock)
    clock_state, last_state = (np.where(spans[0] >= 0, VALUE, state) for state in (clock_state, last_state))
    has_time = clock_state == VALUE
    start = day.astype("datetime64[us]") + np.where(has_time, _nightly(clock, mapping), 0).astype("timedelta64[s]")
    has_last_day = last_day_state == VALUE
    until_day = np.where(has_last_day, last_day, day).astype("datetime64[us]")
    # An end without a date of its own is dated as the start is: by its shift.
    seconds = np.where(has_last_day, last_clock, _nightly(last_clock, mapping)).astype("timedelta64[s]")
    until = np.where((last_state == VALUE) & has_time, until_day + seconds, _NEVER)
    crosses = ~has_last_day & (until < start) & (until + _DAY - start <= np.timedelta64(SHIFT))
    until = np.where(crosses, until + _DAY, until)
    result = _combined(start, until, has_time)
    result.is_unreadable = state == UNREADABLE
    result.flags |= {
        "time_missing": (state == MISSING) | (clock_state == MISSING),
        "time_unknown": (state == UNKNOWN) | (clock_state == UNKNOWN),
        "time_unreadable": (state == VALUE) & (clock_state == UNREADABLE),
        "interval_unreadable": (last_state == UNREADABLE) | (last_day_state == UNREADABLE),
    }
    states = {"time": clock_state, "time_until": last_state, "date_until": last_day_state}
    result.unread = {name: each == UNREADABLE for name, each in states.items()}
    return result


def _combined(start: Moments, until: Moments, has_time: Flags) -> Occurrence:
    """Start, end and whether a time of day was given, as the contract's interval and precision."""
    is_reversed = until < start
    until = np.where(is_reversed | (until == start) | ~has_time, _NEVER, until)
    precision = np.select(
        [np.isnat(start), ~has_time, np.isnat(until)], ["unknown", "day", "minute"], default="interval"
    ).astype(object)
    return Occurrence(
        start, until, start, start, precision, np.zeros(len(start), dtype=bool), {"interval_reversed": is_reversed}
    )


def _nightly(seconds: npt.NDArray[np.int64], mapping: CompanyMapping) -> npt.NDArray[np.int64]:
    """Seconds after the shift's date: the small hours of a night shift belong to the morning after it."""
    limit = mapping.night_shift_until
    return seconds if limit is None else np.where(seconds < limit, seconds + 86_400, seconds)


def _moments(
    records: Records, mapping: CompanyMapping, name: str, zone: ZoneInfo
) -> tuple[Moments, npt.NDArray[np.int64], Flags, Moments]:
    """(local times, what each cell says, whether it gives a time of day, UTC where it gives an offset)."""
    written = records.column(name)
    found = [read_moment(text, mapping.moment_formats) for text in written.values]
    told = [one[0] if one else None for one in found]
    aware = [one if one and one.tzinfo else None for one in told]
    local = [
        there.astimezone(zone).replace(tzinfo=None) if there else one for one, there in zip(told, aware, strict=True)
    ]
    instants = [there.astimezone(UTC).replace(tzinfo=None) if there else None for there in aware]
    moments = np.array(local, dtype="datetime64[us]")[written.codes]
    has_time = np.array([bool(one and one[1]) for one in found], dtype=bool)[written.codes]
    exact = np.array(instants, dtype="datetime64[us]")[written.codes]
    return moments, _states(records, mapping, name, ~np.isnat(moments)), has_time, exact


def _days(records: Records, mapping: CompanyMapping, name: str) -> tuple[Moments, npt.NDArray[np.int64]]:
    days = records.each(name, lambda text: read_date(text, mapping.date_formats), "datetime64[D]")
    return days, _states(records, mapping, name, ~np.isnat(days))


def _clocks(
    records: Records, mapping: CompanyMapping, name: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    def read(text: str) -> int:
        seconds = read_time(text, mapping.time_formats)
        return -1 if seconds is None else seconds

    seconds = records.each(name, read, np.int64)
    return seconds, _states(records, mapping, name, seconds >= 0)


def _spans(
    records: Records, mapping: CompanyMapping, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(start, end) in seconds after midnight where the time's cell of these rows holds two times; -1 elsewhere."""
    start, end = (np.full(len(records), -1, dtype=np.int64) for _ in range(2))
    written = records.column("time").rows(rows)
    for code in np.unique(written.codes).tolist():
        if span := read_span(written.values[code], mapping.time_formats):
            start[rows[written.codes == code]], end[rows[written.codes == code]] = span
    return start, end


def _states(records: Records, mapping: CompanyMapping, name: str, is_value: Flags) -> npt.NDArray[np.int64]:
    def read(text: str) -> int:
        if not text:
            return MISSING
        return UNKNOWN if folded(text) in mapping.interval.unknown_words else UNREADABLE

    return np.where(is_value, VALUE, records.each(name, read, np.int64))
