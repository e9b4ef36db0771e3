"""When it happened: the title's time, as far as the moment of publication bears it out.

The title is written by hand. Its time has no year and is sometimes a day off, so a time is believed only when
it agrees with the moment of publication; else it is unknown, with the reason as a flag.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from connectors.times import columns_to_utc

#: A title this little after publication is a rounded time or a slow clock; from ten minutes on, part of it is
#: wrong (of 178 titles 12–24 h late that were followed, 41 were corrected by exactly a day, none otherwise).
LEAD = np.timedelta64(10, "m")

#: A title older than this is more likely a mistyped day than a late notice. It is also as far ahead as an
#: announced time is believed.
LAG = np.timedelta64(14, "D")

#: Nearer than this, and the same day of another year is farther away.
HALF_YEAR = np.timedelta64(180, "D")

#: Days within which a time can be taken for the one of a day later, with room for any zone's offset.
NEAR = np.timedelta64(3, "D")

#: How much later the second of two equal wall-clock times is, when summer time ends.
DOUBLED = np.timedelta64(1, "h")

#: What may be said of a title's time; the first is nothing.
FLAGS = (
    None,
    "summary",
    "title_unreadable",
    "title_after_publication",
    "title_long_before_publication",
    "title_day_doubtful",
    "dst_ambiguous",
    "dst_gap",
    "announced_ahead",
)
_NONE, _SUMMARY, _UNREADABLE, _AFTER, _LONG_BEFORE, _DOUBTFUL, _AMBIGUOUS, _GAP, _AHEAD = range(len(FLAGS))

Numbers = npt.NDArray[np.int64]
Moments = npt.NDArray[np.datetime64]
Truths = npt.NDArray[np.bool_]

_NOWHEN = np.datetime64("NaT", "us")


@dataclass(frozen=True)
class Occurrences:
    """When each event happened (UTC, µs), NaT where unknown, and by number the flag (FLAGS) that says why not. A flag
    beside a time is a warning."""

    instant: Moments
    is_ambiguous: Truths
    flag: Numbers


@dataclass(frozen=True)
class _Times:
    """A title's time in one year each: local, UTC, and the two odd hours."""

    local: Moments
    instant: Moments
    is_ambiguous: Truths
    in_gap: Truths


def occurrences(
    when: Numbers, published: Moments, year: Numbers, zone: ZoneInfo, *, is_summary: Truths, is_announcement: Truths
) -> Occurrences:
    """When the events happened, each in the year that brings it nearest to its publication.

    ``when`` has a row (month, day, hour, minute) for each title, month 0 where there is none; ``published`` is in UTC
    (µs), ``year`` its year in its own offset. A summary tells of many events and has no time of its own. An
    announcement may lie ahead. Flags: summary, title_unreadable, title_after_publication,
    title_long_before_publication, title_day_doubtful, dst_ambiguous (two instants are possible); beside a time:
    announced_ahead, dst_gap.
    """
    times = _nearest(when, published, year, zone)
    lead = times.instant - published
    flag = np.select(
        [
            is_summary,
            np.isnat(times.instant),
            lead > np.where(is_announcement, LAG, LEAD),
            -lead > LAG,
            _is_midnight_slip(times.local, published, zone),
            times.is_ambiguous & (lead + DOUBLED <= LEAD),
            times.in_gap,
            lead > LEAD,
        ],
        [_SUMMARY, _UNREADABLE, _AFTER, _LONG_BEFORE, _DOUBTFUL, _AMBIGUOUS, _GAP, _AHEAD],
        default=_NONE,
    )
    is_known = (flag == _NONE) | (flag >= _GAP)
    return Occurrences(np.where(is_known, times.instant, _NOWHEN), flag == _AMBIGUOUS, flag)


def _nearest(when: Numbers, published: Moments, year: Numbers, zone: ZoneInfo) -> _Times:
    here = _in_year(when, year, zone)
    far = np.flatnonzero(~(np.abs(here.instant - published) < HALF_YEAR) & (when[:, 0] > 0))
    if not len(far):
        return here  # a year before or after lies farther away
    for step in (-1, 1):
        other = _in_year(when[far], year[far] + step, zone)
        distance = np.abs(here.instant[far] - published[far])
        others = np.abs(other.instant - published[far])
        is_tied = (others == distance) & (other.local < here.local[far])
        better = ~np.isnat(others) & (np.isnat(distance) | (others < distance) | is_tied)
        for name in ("local", "instant", "is_ambiguous", "in_gap"):
            getattr(here, name)[far[better]] = getattr(other, name)[better]
    return here


def _in_year(when: Numbers, year: Numbers, zone: ZoneInfo) -> _Times:
    """The titles' times in these years; NaT where there is no such day that year, or no such day at all."""
    month, day, hour, minute = when.T
    months = np.where((month >= 1) & (month <= 12), (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    is_day = (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    clock = (hour * 60 + minute).astype("timedelta64[m]")
    local = np.where(is_day & (hour < 24) & (minute < 60), days.astype("datetime64[us]") + clock, _NOWHEN)
    instant, is_ambiguous, in_gap = columns_to_utc(local, zone)
    return _Times(local, instant, is_ambiguous, in_gap)


def _is_midnight_slip(local: Any, published: Any, zone: ZoneInfo) -> Truths:
    """Written in the first hour of a day about the first hour of the day before: the writer may have been a
    day off.

    One such title is known (480687); of 24 h errors in general 32 titles were corrected forward by a day.
    """
    answer = np.zeros(len(local), dtype=bool)
    day = local.astype("datetime64[D]")
    is_first_hour = local < day + np.timedelta64(1, "h")
    is_near = (published < local + NEAR) & (local < published + NEAR)
    for row in np.flatnonzero(is_first_hour & is_near).tolist():
        here = published[row].item().replace(tzinfo=UTC).astimezone(zone)
        answer[row] = here.hour == 0 and here.date() - day[row].item() == timedelta(days=1)
    return answer
