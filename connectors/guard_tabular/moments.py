"""Written dates and times by the formats a mapping names. Nothing is guessed from the text itself.

A format is ``iso``, ``excel_serial`` or a pattern of ``DIRECTIVES`` (``%d.%m.%Y %H.%M``). Patterns are read as
people write them: digits need no leading nought, white space is optional, ``PM`` may be ``p.m.``. All times
here are local and without zone; ``times.columns_to_utc`` comes later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from connectors.times import FIRST_YEAR, LAST_YEAR, SHORT_MONTHS, SWEDISH_MONTHS, SWEDISH_WEEKDAY

#: Directives a format may hold, with strptime's meaning; names are Swedish, and a weekday's (``%A``) may be short.
DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "B": rf"(?P<B>{'|'.join(SWEDISH_MONTHS)})",
    "b": rf"(?P<b>{'|'.join(sorted(SHORT_MONTHS, key=len, reverse=True))})\b\.?",
    "A": rf"{SWEDISH_WEEKDAY}\b\.?",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "z": r"(?P<z>Z|[+-]\d{2}(?::?\d{2})?)",
    "p": r"(?P<p>[AaPp])\.?\s?[Mm]\b\.?",
}

#: Day 0 of spreadsheet serials as Excel counts them after its invented 29 February 1900.
EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - local time without zone

#: Serials taken for a date: 1954-10-03 to 2119-01-10. Outside it a number is some other number.
EXCEL_FIRST, EXCEL_LAST = 20_000, 80_000

#: No place on earth is farther from UTC.
LARGEST_OFFSET = timedelta(hours=14)

#: Words between two times of one cell that make them an interval.
SPAN_WORDS = ("till", "to", "–", "—", "-")

#: Two-digit years below this are in the 2000s, as POSIX has it.
_CENTURY_TURN = 69

_ISO_DATE = r"(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
_ISO_TIME = r"(?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?"
_SERIAL = re.compile(r"\d+(?:[.,]\d+)?")


def format_faults(written: str) -> str | None:
    """What is wrong with a mapping's format, or None: an unknown directive, or neither day nor hour in it."""
    if written in ("iso", "excel_serial"):
        return None
    directives = re.findall(r"%(.?)", written)
    unknown = sorted({f"%{letter}" for letter in directives if letter not in DIRECTIVES})
    if unknown:
        return f"{written!r}: unknown directive {', '.join(unknown)}; known are %{', %'.join(DIRECTIVES)}"
    if len(set(directives)) != len(directives):
        return f"{written!r}: a directive stands twice"
    has_date = {"d"} <= set(directives) and set(directives) & {"m", "b", "B"} and set(directives) & {"Y", "y"}
    has_time = set(directives) & {"H", "I"} and "M" in directives
    if not has_date and not has_time:
        return f"{written!r}: neither a whole date nor a whole time"
    if "z" in directives and not (has_date and has_time):
        return f"{written!r}: %z (an offset from UTC) says nothing without a whole date and time"
    if "I" in directives and "p" not in directives:
        return f"{written!r}: %I (12-hour clock) without %p cannot be told from its other half of the day"
    return None


@lru_cache(maxsize=256)
def pattern(written: str) -> re.Pattern[str]:
    """The regular expression of one format; ``iso`` and ``excel_serial`` have theirs."""
    if written == "iso":
        return re.compile(
            rf"(?:{_ISO_DATE}(?:[T ]{_ISO_TIME}\s?{DIRECTIVES['z']}?)?)|(?:{_ISO_TIME.replace('?P<', '?P<t')})"
        )
    if written == "excel_serial":
        return _SERIAL
    parts = re.split(r"%(.)|(\s+)|([:/])", written)
    expression = ""
    for index in range(0, len(parts), 4):
        directive, space, mark = (parts[index + 1 : index + 4] + [None] * 3)[:3]
        expression += re.escape(parts[index] or "")
        expression += DIRECTIVES[directive] if directive else r"\s*" if space else rf"\s?{mark}\s?" if mark else ""
    return re.compile(expression, re.IGNORECASE)


def read_date(text: str, formats: Sequence[str]) -> date | None:
    """The date a text says in one of the formats, or None. A time of day in it must be midnight."""
    moment = read_moment(text, formats)
    if moment is None or (moment[1] and moment[0].time() != datetime.min.time()):
        return None
    return moment[0].date()


def read_time(text: str, formats: Sequence[str]) -> int | None:
    """Seconds after midnight a text says in one of the formats, or None. 24:00 is the day's end: 86,400."""
    for written in formats:
        match = pattern(written).fullmatch(text)
        if match is None:
            continue
        if written == "excel_serial":
            serial = float(match[0].replace(",", "."))
            if 0 <= serial < 1:
                return min(round(serial * 86_400), 86_399)  # rounded up, the day's end would be its beginning
        elif written == "iso":
            if match["Y"] is None:
                return _seconds({name[1:]: value for name, value in match.groupdict().items() if name[0] == "t"})
        else:
            return _seconds(match.groupdict())
    return None


def read_span(text: str, formats: Sequence[str]) -> tuple[int, int] | None:
    """(start, end) in seconds after midnight of two times in one cell, "22.00–23.30" or "22.00 till 23.30"; else None.

    Only where each half is a whole time: "23-01" may be hours or a date.
    """
    for match in re.finditer(rf"\s*(?:{'|'.join(SPAN_WORDS)})\s*", text, re.IGNORECASE):
        ends = [read_time(half, formats) for half in (text[: match.start()], text[match.end() :])]
        if ends[0] is not None and ends[1] is not None:
            return ends[0], ends[1]
    return None


def read_moment(text: str, formats: Sequence[str]) -> tuple[datetime, bool] | None:
    """(local time, whether a time of day was given) a text says in one of the formats, or None.

    Where the text gives an offset from UTC the time is aware: an instant, not a local time.
    """
    for written in formats:
        match = pattern(written).fullmatch(text)
        if match is None:
            continue
        if written == "excel_serial":
            serial = float(match[0].replace(",", "."))
            if EXCEL_FIRST <= serial < EXCEL_LAST:
                # Serials are binary fractions of a day: the second is as fine as they were meant.
                return EXCEL_DAY_ZERO + timedelta(seconds=round(serial * 86_400)), not serial.is_integer()
        elif found := _moment(match.groupdict()):
            return found
    return None


def _moment(parts: dict[str, str | None]) -> tuple[datetime, bool] | None:
    day = moment_date(parts)
    if day is None:
        return None
    has_time = parts.get("H") is not None or parts.get("I") is not None
    seconds = _seconds(parts) if has_time else 0
    if seconds is None:
        return None
    zone = _zone(parts.get("z"))
    if zone is not None and not (FIRST_YEAR <= day.year <= LAST_YEAR and abs(zone.utcoffset(None)) <= LARGEST_OFFSET):
        return None
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(seconds=seconds), has_time


def _zone(offset: str | None) -> timezone | None:
    """The zone of an offset such as ``+01:00``, ``+0100``, ``+01`` or ``Z``."""
    if offset is None:
        return None
    digits = offset[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2] or 0), minutes=int(digits[2:] or 0))
    return timezone(-size if offset[0] == "-" else size)


def moment_date(parts: dict[str, str | None]) -> date | None:
    """The date of a matched format's groups, or None where they name no day of any calendar."""
    year, short, month = parts.get("Y"), parts.get("y"), parts.get("m")
    name, short_name, day = parts.get("B"), parts.get("b"), parts.get("d")
    if day is None or (year is None and short is None):
        return None
    if name:
        number = SWEDISH_MONTHS[name.lower()]
    else:
        number = SHORT_MONTHS[short_name.lower()] if short_name else int(month or 0)
    full = int(year) if year else int(short or 0) + (2000 if int(short or 0) < _CENTURY_TURN else 1900)
    try:
        return date(full, number, int(day))
    except ValueError:
        return None


def _seconds(parts: dict[str, str | None]) -> int | None:
    hour, twelve, half = parts.get("H"), parts.get("I"), parts.get("p")
    minute, second = int(parts.get("M") or 0), int(parts.get("S") or 0)
    if twelve is not None:
        if not 1 <= int(twelve) <= 12:
            return None
        whole = int(twelve) % 12 + (12 if (half or "").lower() == "p" else 0)
    elif hour is not None:
        whole = int(hour)
    else:
        return None
    if whole == 24 and not minute and not second:
        return 86_400  # the day's end: 22.00–24.00 has no other reading
    return whole * 3600 + minute * 60 + second if whole < 24 and minute < 60 and second < 60 else None
