"""Numbers, times and texts as a reader expects them: 1 234,5 · 06.30 · vecka 42 · fre 16 okt; English by choice.

Text from the data is made visible here: what cannot be seen, or turns the reading order around, is shown as
its code point.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

UNKNOWN = "–"
NO_BREAK_SPACE = "\u00a0"

_WEEKDAYS = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_WEEKDAYS_LONG = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "sv": ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
# fmt: off
_MONTHS_LONG = {
    "sv": ("januari", "februari", "mars", "april", "maj", "juni",
           "juli", "augusti", "september", "oktober", "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"),
}
# fmt: on

#: Unicode categories that print nothing of their own or steer what is around them: control, format (bidi
#: overrides, zero width), surrogate, private use, unassigned, line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

#: Texts of these alone need no second look: what is printed of Latin letters, and our own spaces, dashes and quotes.
_PLAIN = re.compile("[ -~\u00a0-\u00ac\u00ae-\u017f\u2009\u202f\u2010-\u2027\u2030-\u205e\u2212]*")

#: More marks than this on one letter is not a written language but a way to draw over the lines around it.
_MARKS_PER_LETTER = 2


def visible(text: str) -> str:
    """Return ``text`` so that every character in it can be seen and none reorders its neighbours.

    Control, format and unassigned characters, and the third and later combining mark on a letter, become
    ``\\u202e``-style escapes. Line breaks and tabs become spaces. ``://`` becomes ``[:]//``, so that a mail or
    PDF reader does not turn an address in the data into a link.
    """
    if _PLAIN.fullmatch(text):
        return text.replace("://", "[:]//")
    shown = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character in "\n\r\t":
            shown.append(" ")
        elif category in _INVISIBLE or marks > _MARKS_PER_LETTER:
            code = ord(character)
            shown.append(f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")
        else:
            shown.append(character)
    return "".join(shown).replace("://", "[:]//")


def cut(text: str, length: int) -> str:
    """Return ``text`` in at most ``length`` characters, with an ellipsis where something was cut."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


@dataclass(frozen=True)
class Formats:
    """How one language writes numbers, days and times, in one zone."""

    language: str
    zone: ZoneInfo

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Return a number with thousands apart and ``decimals`` digits; unknown is a dash, never 0."""
        if value is None:
            return UNKNOWN
        text = f"{value:,.{decimals}f}"
        if self.language == "sv":
            text = text.replace(",", NO_BREAK_SPACE).replace(".", ",")
        return text.replace("-", "−")

    def expected(self, value: float | None) -> str:
        """Return an expected count: one decimal below 20, where a half is worth seeing, else none."""
        return self.number(value, 1 if value is not None and value < 20 else 0)

    def interval(self, low: float | None, high: float | None) -> str:
        """Return ``a–b``, one number where the ends are equal, a dash where either is unknown."""
        if low is None or high is None:
            return UNKNOWN
        return self.number(low) if low == high else f"{self.number(low)}–{self.number(high)}"

    def local(self, instant: str | None) -> datetime | None:
        """Return the local time of an ISO UTC instant. This way round a local time is never ambiguous."""
        if instant is None:
            return None
        return datetime.fromisoformat(instant).astimezone(self.zone)

    def time(self, local: datetime | None) -> str:
        """Return the clock time: 06.30 in Swedish, 06:30 in English."""
        return UNKNOWN if local is None else self.clock(f"{local:%H:%M}")

    def clock(self, hours_minutes: str) -> str:
        """Return an ``HH:MM`` text in the language's own way."""
        return hours_minutes.replace(":", ".") if self.language == "sv" else hours_minutes

    def day(self, day: date | str | None) -> str:
        """Return a short day: 'fre 16 okt', 'Fri 16 Oct'."""
        day = date.fromisoformat(day) if isinstance(day, str) else day
        if day is None:
            return UNKNOWN
        weekday, month = _WEEKDAYS[self.language][day.weekday()], _MONTHS[self.language][day.month - 1]
        return f"{weekday}{NO_BREAK_SPACE}{day.day}{NO_BREAK_SPACE}{month}"

    def long_day(self, day: date | str) -> str:
        """Return a day in full: 'fredag 16 oktober 2026'."""
        day = date.fromisoformat(day) if isinstance(day, str) else day
        weekday = _WEEKDAYS_LONG[self.language][day.weekday()]
        return f"{weekday} {day.day} {_MONTHS_LONG[self.language][day.month - 1]} {day.year}"

    def weekday(self, number: int) -> str:
        """Return the short name of weekday 1 (Monday) to 7."""
        return _WEEKDAYS[self.language][number - 1]

    def moment(self, instant: str | None, today: date) -> str:
        """Return the clock time, with the day before it unless it is ``today``."""
        local = self.local(instant)
        if local is None:
            return UNKNOWN
        return self.time(local) if local.date() == today else f"{self.day(local.date())} {self.time(local)}"

    def duration(self, hours: float | None) -> str:
        """Return a silence: '7 h' below two days, else '5 dygn' / '5 days'."""
        if hours is None:
            return UNKNOWN
        if hours < 48:
            return f"{self.number(hours)}{NO_BREAK_SPACE}h"
        return f"{self.number(hours / 24)}{NO_BREAK_SPACE}{'dygn' if self.language == 'sv' else 'days'}"

    def pick(self, row: Mapping[str, Any], column: str) -> Any:
        """Return the row's column in this language: ``title`` reads title_sv or title_en."""
        return row[f"{column}_{self.language}"]
