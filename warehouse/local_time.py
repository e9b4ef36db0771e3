"""The local clock over whole columns: UTC instants to local days and hours, without asking the zone row by row.

DuckDB asks its zone tables once per row, a third of a second a million; here the zone is asked once per day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

#: Microseconds.
HOUR, DAY = 3_600_000_000, 86_400_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_microseconds(instants: Numbers, zone: ZoneInfo) -> Numbers:
    """What the local clock showed, as microseconds from 1970-01-01 00:00 on that clock, at each of the instants
    (microseconds UTC, within the years 2 to 9998)."""
    days, where = np.unique(instants // DAY, return_inverse=True)
    begins = np.array([_offset(int(day) * DAY, zone) for day in days], dtype=np.int64)
    ends = np.array([_offset((int(day) + 1) * DAY, zone) for day in days], dtype=np.int64)
    offsets = begins[where]
    for place in np.flatnonzero(begins != ends):
        change = _change(int(days[place]) * DAY, int(begins[place]), zone)
        offsets[(where == place) & (instants >= change)] = ends[place]
    return instants + offsets


@lru_cache(maxsize=16_384)  # forty years of days: an archive's chunks ask for the same ones again
def _offset(instant: int, zone: ZoneInfo) -> int:
    """Microseconds the local clock is ahead of UTC."""
    ahead = (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead // timedelta(microseconds=1)


def _change(day: int, before: int, zone: ZoneInfo) -> int:
    """The first instant of the day that begins at ``day`` on which the clock is no longer ``before`` ahead.

    A clock changes once in a day, and on a whole second.
    """
    low, high = day // 1_000_000, day // 1_000_000 + 86_400
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle * 1_000_000, zone) == before else (low, middle)
    return high * 1_000_000
