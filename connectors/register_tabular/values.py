"""A cell's text into a value, by what its field reads. Each answers None where the text cannot be that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from connectors.tabular import folded

#: Characters of a text that leave: what a line of the sheet can hold and a meeting will read. Decided 2026-11-26.
TEXT_CAP = 160
#: No register of ours is about other years; Excel's empty dates are of 1900. Decided 2026-11-26.
FIRST_YEAR, LAST_YEAR = 2000, 2099
#: Largest count: visitors of the largest event there is.
COUNT_CAP = 1_000_000

_DAYS = {"mån": 1, "tis": 2, "ons": 3, "tors": 4, "tor": 4, "fre": 5, "lör": 6, "sön": 7}
_ALL_DAYS = {"alla", "varje dag", "dagligen", "alla dagar"}
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d)(?:[:.]00)?)?")
_COUNT = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]?\d{3})*|\d+")


def read_day(text: str, formats: Sequence[str]) -> str | None:
    """A local day as YYYY-MM-DD."""
    for form in formats:
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, no instant
        except ValueError:
            continue
        return day.isoformat() if FIRST_YEAR <= day.year <= LAST_YEAR else None
    return None


def read_clock(text: str) -> str | None:
    """A local clock time as HH:MM; 24:00 is the day's end, and 18 and 18.30 are times."""
    match = _CLOCK.fullmatch(text.lower().removeprefix("kl").lstrip(". ").strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    return f"{hour:02d}:{minute:02d}" if (hour < 24 and minute < 60) or (hour, minute) == (24, 0) else None


def read_count(text: str) -> int | None:
    """A whole number, with or without a space between thousands."""
    plain = re.sub(r"[,.]0+$", "", text)
    if not _COUNT.fullmatch(plain):
        return None
    value = int(re.sub(r"\D", "", plain))
    return value if value <= COUNT_CAP else None


def read_weekdays(text: str) -> str | None:
    """Weekdays as comma-joined numbers, Monday 1: "fre–sön" is 5,6,7; "mån, ons" is 1,3."""
    plain = folded(text)
    if plain in _ALL_DAYS:
        return "1,2,3,4,5,6,7"
    days: set[int] = set()
    for part in re.split(r"\s*(?:,|;|\soch\s|/)\s*", plain):
        ends = [_weekday(word) for word in re.split(r"\s*[-–]\s*", part)]
        if not 1 <= len(ends) <= 2 or None in ends:
            return None
        first, last = int(ends[0] or 0), int(ends[-1] or 0)
        days |= set(range(first, last + 1)) if first <= last else {*range(first, 8), *range(1, last + 1)}
    return ",".join(str(day) for day in sorted(days))


def _weekday(word: str) -> int | None:
    word = re.sub(r"dag(ar)?$", "", word.strip().rstrip("."))
    return _DAYS.get({"lörd": "lör"}.get(word, word))
