"""One written text that may hold a day, a time, or an interval of either: "6/9/10 to 6/11/10 3:00 PM to 7:00 AM".

People write such texts freely, so the dates and times in it are found by the mapping's formats, and what is
left over decides how much of them is believed: nothing but joining words, and the text is read as it stands;
words for "unknown" or anything else, and only its days are; remains of a broken date, and nothing is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from connectors.guard_tabular.moments import moment_date, pattern, read_moment, read_time

#: An interval written without its second date ends on the next day when that makes it at most this long: a
#: work shift. A longer one is taken for a slip of the pen.
SHIFT = timedelta(hours=12)

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Written:
    """What a text says of when: local times, the contract's occurred_precision, and a dq flag or ''."""

    start: datetime | None = None
    end: datetime | None = None
    precision: str = "unknown"
    flag: str = ""


@dataclass(frozen=True)
class IntervalRules:
    """A mapping's words and formats for an interval column. Words are in lower case."""

    date_formats: tuple[str, ...]
    time_formats: tuple[str, ...]
    joining_words: frozenset[str]
    unknown_words: frozenset[str]


def read_interval(text: str, rules: IntervalRules) -> Written:
    """What ``text`` says of when.

    Several days without times are ``day`` with an end: the midnight after the last of them. A flag is
    ``time_missing`` (empty), ``time_unknown`` (says so), ``time_unreadable`` (not understood in full) or
    ``interval_reversed`` (ends before it starts; the start stands).
    """
    text = text.strip()
    if not text or text.lower() in rules.unknown_words:
        return Written(flag="time_unknown" if text else "time_missing")
    if "excel_serial" in rules.date_formats and (found := read_moment(text, ("excel_serial",))):
        return Written(found[0], None, "minute" if found[1] else "day", "" if found[1] else "time_missing")
    rest, dates = _take(text, rules.date_formats, is_date=True)
    rest, times = _take(rest, rules.time_formats, is_date=False)
    left = [word for word in re.split(r"[\s().,;`'\"–-]+|(?<!\d)/|/(?!\d)", rest.lower()) if word]
    others = [word for word in left if word not in rules.joining_words]
    is_broken = any(re.search(r"\d", word) and "/" in word for word in others)
    says_unknown = bool(others) and set(others) <= rules.unknown_words
    flag = "time_unknown" if says_unknown else "time_unreadable"
    if is_broken or len(dates) > 2 or (times and not dates):
        return Written(flag="time_unreadable")
    if not dates:
        return Written(flag=flag)
    if others or len(times) not in (0, len(dates), 2):
        return _days(dates, flag if others else "time_unreadable")
    if not times:
        return _days(dates, "time_missing")
    return interval(dates, times)


def interval(dates: list[date], times: list[timedelta]) -> Written:
    """One or two dates with one time or two (since midnight), as an interval or a moment."""
    start = datetime.combine(dates[0], time()) + times[0]
    if len(times) == 1:
        return Written(start, None, "minute")
    end = datetime.combine(dates[-1], time()) + times[1]
    if end < start and len(dates) == 1 and end + DAY - start <= SHIFT:
        end += DAY
    if end < start:
        return Written(start, None, "minute", "interval_reversed")
    return Written(start, end, "interval") if end > start else Written(start, None, "minute")


def _days(dates: list[date], flag: str) -> Written:
    start = datetime.combine(dates[0], time())
    if len(dates) == 1 or dates[1] == dates[0]:
        return Written(start, None, "day", flag)
    if dates[1] < dates[0]:
        return Written(start, None, "day", "interval_reversed")
    return Written(start, datetime.combine(dates[1], time()) + DAY, "day", flag)


def _take(text: str, formats: tuple[str, ...], *, is_date: bool) -> tuple[str, list]:
    """The text with each date (or time) in one of the formats cut out, and what they were, in order."""
    found: list = []

    def cut(match: re.Match[str]) -> str:
        value = moment_date(match.groupdict()) if is_date else _clock(match[0], formats)
        if value is None:
            return match[0]
        found.append((match.start(), value))
        return " " * len(match[0])  # as long as before, so that places in the text stay comparable

    for written in formats:
        if written == "excel_serial":
            continue
        text = _within(written).sub(cut, text)
    return text, [value for _, value in sorted(found, key=lambda pair: pair[0])]


@lru_cache(maxsize=256)
def _within(written: str) -> re.Pattern[str]:
    """A format inside a text: not a part of a longer number, date or time."""
    return re.compile(rf"(?<!\d)(?<!\d[/:.])(?:{pattern(written).pattern})(?![/:]?\d)", re.IGNORECASE)


def _clock(text: str, formats: tuple[str, ...]) -> timedelta | None:
    seconds = read_time(text, formats)
    return None if seconds is None else timedelta(seconds=seconds)
