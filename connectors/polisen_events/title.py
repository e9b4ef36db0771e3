"""The title: ``21 augusti 11.30, Trafikolycka, singel, Hallsberg`` → when, what, where.

The title is written by hand. Its time has no year and is sometimes a day off, so a time is believed only when
it agrees with the moment of publication; else it is unknown, with the reason as a flag.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.times import SWEDISH_MONTHS, UtcTime, to_utc

#: A title this little after publication is a rounded time or a slow clock; from ten minutes on, part of it is
#: wrong (of 178 titles 12–24 h late that were followed, 41 were corrected by exactly a day, none otherwise).
LEAD = timedelta(minutes=10)

#: A title older than this is more likely a mistyped day than a late notice. It is also as far ahead as an
#: announced time is believed.
LAG = timedelta(days=14)

#: Nearer than this, and the same day of another year is farther away.
HALF_YEAR = timedelta(days=180)

#: How much later the second of two equal wall-clock times is, when summer time ends.
DOUBLED = timedelta(hours=1)

#: A colon until November 2023, a full stop since; the day lost its leading zero in July 2026.
_WHEN = re.compile(r"([0-9]{1,2}) ([^\W\d_]+) ([0-9]{1,2})[.:]([0-9]{2}) ?(?:,|$)")
_PUBLISHED = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))"
)


class Title(NamedTuple):
    """``when`` is (month, day, hour, minute) as written, None where the title does not begin with a time."""

    when: tuple[int, int, int, int] | None
    type: str
    place: str


class Occurrence(NamedTuple):
    """When it happened (UTC), or None and the flag that says why not. A flag beside a time is a warning."""

    instant: datetime | None
    is_ambiguous: bool
    flag: str | None


def tidy(text: str) -> str:
    """``text`` composed (NFC), without control and format characters, with single plain spaces."""
    if text.isprintable():  # no control or format character, and no space but the plain one
        return " ".join(unicodedata.normalize("NFC", text).split())
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if c.isspace() else c for c in composed if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(spaced.split())


def read_title(name: str) -> Title:
    """The parts of a title. The type may hold commas, so the place stands after the last one."""
    text = tidy(name)
    match = _WHEN.match(text)
    when = None
    if match and match[2].lower() in SWEDISH_MONTHS:
        when = (SWEDISH_MONTHS[match[2].lower()], int(match[1]), int(match[3]), int(match[4]))
    rest = text[match.end() :] if match else text
    type_, comma, place = rest.rpartition(",")
    if not comma:
        type_, place = rest, ""
    return Title(when, type_.strip(), place.strip())


def read_published(text: str) -> datetime | None:
    """The publication time with its own offset, None where the text is not one. The hour may have one
    digit."""
    match = _PUBLISHED.fullmatch(tidy(text))
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
        zone = timezone(-offset if match[7] == "-" else offset)
        published = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        published.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return published


def occurrence(
    title: Title, published: datetime, zone: ZoneInfo, *, is_summary: bool, is_announcement: bool
) -> Occurrence:
    """When the event happened, in the year that brings it nearest to ``published``.

    A summary tells of many events and has no time of its own. An announcement (``is_announcement``) may lie
    ahead. Flags: summary, title_unreadable, title_after_publication, title_long_before_publication,
    title_day_doubtful, dst_ambiguous (two instants are possible); beside a time: announced_ahead, dst_gap.
    """
    if is_summary:
        return Occurrence(None, False, "summary")
    found = None if title.when is None else _nearest(title.when, published, zone)
    if found is None:
        return Occurrence(None, False, "title_unreadable")
    local, time = found
    lead = time.instant - published
    if lead > (LAG if is_announcement else LEAD):
        return Occurrence(None, False, "title_after_publication")
    if -lead > LAG:
        return Occurrence(None, False, "title_long_before_publication")
    if _is_midnight_slip(local, published.astimezone(zone).replace(tzinfo=None)):
        return Occurrence(None, False, "title_day_doubtful")
    if time.is_ambiguous and time.instant + DOUBLED - published <= LEAD:
        return Occurrence(None, True, "dst_ambiguous")
    flag = "dst_gap" if time.in_gap else "announced_ahead" if lead > LEAD else None
    return Occurrence(time.instant, False, flag)


def _nearest(when: tuple[int, int, int, int], published: datetime, zone: ZoneInfo) -> tuple[datetime, UtcTime] | None:
    here = _in_year(when, published.year, zone)
    if here is not None and abs(here[1].instant - published) < HALF_YEAR:
        return here  # a year before or after lies farther away
    candidates = [here, *(_in_year(when, year, zone) for year in (published.year - 1, published.year + 1))]
    found = [candidate for candidate in candidates if candidate is not None]
    return min(found, key=lambda pair: (abs(pair[1].instant - published), pair[0]), default=None)


def _in_year(when: tuple[int, int, int, int], year: int, zone: ZoneInfo) -> tuple[datetime, UtcTime] | None:
    """The title's time in that year; None where there is no such day that year, or no such day at all."""
    try:
        local = datetime(year, *when)  # noqa: DTZ001 - a local time, made an instant on the next line
        return local, to_utc(local, zone)
    except ValueError:
        return None


def _is_midnight_slip(local: datetime, published: datetime) -> bool:
    """Written in the first hour of a day about the first hour of the day before: the writer may have been a
    day off.

    One such title is known (480687); of 24 h errors in general 32 titles were corrected forward by a day.
    """
    return local.hour == 0 and published.hour == 0 and published.date() - local.date() == timedelta(days=1)
