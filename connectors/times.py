"""The only place where local time becomes UTC.

Two hours a year are not what they seem. In October one wall-clock hour happens twice: such a time is read
as its FIRST instant and marked ambiguous, because a source without offset cannot say which it meant. In
March one hour does not exist: such a time is read with the offset that held before the change (02.30 in
Stockholm becomes 01:30Z, the instant shown as 03.30) and marked ``in_gap``. Both are flags, never guesses
made in silence. The rule is PEP 495's ``fold=0`` in both cases.

Nothing here reads the machine's own zone: the zone is always an argument.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

#: Month names as Swedish texts write them, in lower case.
SWEDISH_MONTHS: dict[str, int] = {
    "januari": 1,
    "februari": 2,
    "mars": 3,
    "april": 4,
    "maj": 5,
    "juni": 6,
    "juli": 7,
    "augusti": 8,
    "september": 9,
    "oktober": 10,
    "november": 11,
    "december": 12,
}

#: Their short forms, as Excel and people write them; a full stop may follow.
SHORT_MONTHS: dict[str, int] = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "mars": 3,
    "apr": 4,
    "maj": 5,
    "jun": 6,
    "juni": 6,
    "jul": 7,
    "juli": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "okt": 10,
    "nov": 11,
    "dec": 12,
}

#: Weekdays, whole or short. A date says the day already: the word is read over.
SWEDISH_WEEKDAY = r"(?:mån|tis|ons|tors?|fre|lör|sön)(?:dag)?"

#: How closely a year is probed for changes of offset. No zone has changed offset twice within six hours.
PROBE_STEP = timedelta(hours=6)

#: Years that can be converted: one whole year inside what datetime can hold, so no offset leaves its range.
FIRST_YEAR, LAST_YEAR = 2, 9998

Instants = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]


class UtcTime(NamedTuple):
    """One local time as an instant: ``instant`` is aware and UTC."""

    instant: datetime
    is_ambiguous: bool
    in_gap: bool


def to_utc(local: datetime, zone: ZoneInfo) -> UtcTime:
    """The instant of a naive local time in ``zone``.

    Raises ValueError when ``local`` already carries an offset (then it needs no zone, use ``astimezone``) or
    lies outside the years 2–9998.
    """
    if local.tzinfo is not None:
        raise ValueError("the time carries an offset of its own; a zone may not be laid over it")
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise ValueError(f"year {local.year} is outside {FIRST_YEAR}–{LAST_YEAR}")
    first = _offset(local.replace(tzinfo=zone, fold=0))
    second = _offset(local.replace(tzinfo=zone, fold=1))
    instant = (local.replace(fold=0) - first).replace(tzinfo=UTC)
    return UtcTime(instant, is_ambiguous=first > second, in_gap=first < second)


def instant_of(text: str) -> datetime | None:
    """The instant (UTC) of a time written in ISO 8601 with its offset; None for one without, and for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def columns_to_utc(local: npt.NDArray[Any], zone: ZoneInfo) -> tuple[Instants, Flags, Flags]:
    """``to_utc`` for a whole column: (utc, is_ambiguous, in_gap), each of the length of ``local``.

    ``local`` is ``datetime64`` of any unit, naive; the answer is ``datetime64[us]`` in UTC. NaT stays NaT
    with both flags False, and so does a year outside 2–9998 (a column has no room for an error per row).
    Equal to ``to_utc`` on every row; the cost follows the number of rows and of distinct years.
    """
    if not np.issubdtype(local.dtype, np.datetime64):
        raise ValueError(f"a column of local times must be datetime64, not {local.dtype}")
    years = local.astype("datetime64[Y]").astype(np.int64) + 1970
    usable = ~np.isnat(local) & (years >= FIRST_YEAR) & (years <= LAST_YEAR)
    utc = np.full(local.shape, np.datetime64("NaT"), dtype="datetime64[us]")
    is_ambiguous = np.zeros(local.shape, dtype=bool)
    in_gap = np.zeros(local.shape, dtype=bool)
    for year in np.unique(years[usable]).tolist():
        rows = np.flatnonzero(usable & (years == year))
        wall = local[rows].astype("datetime64[us]").astype(np.int64)
        base, changes = _changes(zone, year)
        offsets = np.full(wall.shape, base, dtype=np.int64)
        if changes:
            starts, ends, after, falls_back = (np.array(column) for column in zip(*changes, strict=True))
            # The old offset holds until the end of the odd hour, for a doubled and for a missing hour alike.
            passed = np.searchsorted(ends, wall, side="right")
            offsets = np.concatenate([[base], after])[passed]
            following = np.minimum(passed, len(ends) - 1)
            inside = (passed < len(ends)) & (wall >= starts[following])
            is_ambiguous[rows] = inside & falls_back[following]
            in_gap[rows] = inside & ~falls_back[following]
        utc[rows] = (wall - offsets).astype("datetime64[us]")
    return utc, is_ambiguous, in_gap


@lru_cache(maxsize=1024)
def _changes(zone: ZoneInfo, year: int) -> tuple[int, tuple[tuple[int, int, int, bool], ...]]:
    """The offset (µs) at the year's start, and each change: odd hour from, until (local µs), offset, back?

    Probes the year with a day to spare on both sides, so that a local time near New Year finds its change.
    """
    moment = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=2)
    until = datetime(year + 1, 1, 1, tzinfo=UTC) + timedelta(days=2)
    base = before = _offset(moment.astimezone(zone))
    changes = []
    while moment < until:
        following = moment + PROBE_STEP
        after = _offset(following.astimezone(zone))
        if after != before:
            change = _microseconds(_change_between(zone, moment, following, before))
            walls = sorted((change + before // _MICROSECOND, change + after // _MICROSECOND))
            changes.append((walls[0], walls[1], after // _MICROSECOND, after < before))
        moment, before = following, after
    return base // _MICROSECOND, tuple(changes)


def _change_between(zone: ZoneInfo, low: datetime, high: datetime, before: timedelta) -> datetime:
    """The first whole second (UTC) in (low, high] at which the offset is no longer ``before``."""
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if _offset(middle.astimezone(zone)) == before:
            low = middle
        else:
            high = middle
    return high


_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None  # every caller passes an aware time
    return offset
