"""Insatser as a calendar (RFC 5545), so that those who are to be out can have them beside their other appointments.

Made of the snapshot's columns, so no text that anybody wrote is in it. Times are by the local clock, with the rule of
the zone in the file: a patrol at 20.00 is at 20.00 also after the clocks have changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flows.opened import UsageError

#: Municipalities of Sweden have one clock; its rule since 1996 (directive 2000/84/EC).
ZONE = ZoneInfo("Europe/Stockholm")
VTIMEZONE = """BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE"""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STATUS = {"planerad": "TENTATIVE", "ej_genomford": "CANCELLED", "avbruten": "CANCELLED"}
DAY = timedelta(days=1)

#: RFC 5545, 3.1: octets of a line, its end not counted.
LINE_OCTETS = 75


def calendar(rows: list[dict[str, Any]], made_from: dict[str, Any], line: str) -> bytes:
    """``rows`` of core.insats as the bytes of an .ics file; ``line`` says in each event what it was made from.

    A row without any day is no appointment; its id stands in X-LAGESBILD-WITHOUT-DAY. Raises UsageError where the
    columns that make an appointment are not there.
    """
    if not rows or not {"entry_id", "start_day", "stop_day"} <= rows[0].keys():
        raise UsageError(
            "ics: the answer needs insatser, with the columns entry_id, start_day and stop_day:"
            ' "FROM core.insats" has all that are used'
        )
    without = [str(row["entry_id"]) for row in rows if _first_day(row) is None]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//lagesbild//{_text(made_from['code_version'])}//SV",
        "CALSCALE:GREGORIAN",
        f"NAME:Insatser {_text(made_from['picture'])}",
        f"X-WR-CALNAME:Insatser {_text(made_from['picture'])}",
        *(f"X-LAGESBILD-{name.upper().replace('_', '-')}:{_text(value)}" for name, value in made_from.items()),
        *([f"X-LAGESBILD-WITHOUT-DAY:{','.join(map(_text, without))}"] if without else []),
        *VTIMEZONE.splitlines(),
        *(part for row in rows for part in _event(row, made_from, line)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(one) for one in lines)


def _event(row: dict[str, Any], made_from: dict[str, Any], line: str) -> Iterator[str]:
    first = _first_day(row)
    if first is None:
        return
    moment = datetime.fromisoformat(made_from["moment"]).astimezone(UTC)
    where = row.get("place_name") or row.get("area_name")
    names = [row.get("category_sv"), where, row.get("owner_name")]
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(row['entry_id'])}@lagesbild"
    yield f"DTSTAMP:{moment:%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{max((row.get('version') or 1) - 1, 0)}"
    yield from _when(row, first)
    yield f"SUMMARY:{_text(' · '.join(['Insats', *(str(name) for name in names if name)]))}"
    if where:
        yield f"LOCATION:{_text(where)}"
    if row.get("category_sv"):
        yield f"CATEGORIES:{_text(row['category_sv'])}"
    yield f"STATUS:{STATUS.get(row.get('insats_status') or '', 'CONFIRMED')}"
    yield f"CLASS:{'PUBLIC' if made_from['tlp'] == 'TLP:CLEAR' else 'CONFIDENTIAL'}"
    yield "TRANSP:TRANSPARENT"  # it books nobody
    told = [f"Nummer: {row['entry_id']}", _dose(row), "" if row.get("stop_day") else "Sista dag: okänd", line]
    yield f"DESCRIPTION:{_text(chr(10).join(part for part in told if part))}"
    yield "END:VEVENT"


def _when(row: dict[str, Any], first: date) -> Iterator[str]:
    """Its first occurrence, and the rule of the rest: every day, or its weekdays, to the last day.

    Where the register names no last day only the first is drawn: how long it goes on is not known.
    """
    last = max(row.get("stop_day") or first, first)
    days = {int(number) for number in str(row.get("weekdays") or "").split(",") if number}
    while days and first.isoweekday() not in days and first < last:
        first += DAY
    begins, ends = _clock(row.get("clock_from")), _clock(row.get("clock_until"))
    if begins is None and not days:  # whole days in a row are one appointment
        yield f"DTSTART;VALUE=DATE:{first:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{last + DAY:%Y%m%d}"
        return
    if begins is None:
        yield f"DTSTART;VALUE=DATE:{first:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{first + DAY:%Y%m%d}"
        until = f"{last:%Y%m%d}"
    else:
        yield f"DTSTART;TZID={ZONE.key}:{first:%Y%m%d}T{begins:%H%M%S}"
        if ends is not None:
            yield f"DTEND;TZID={ZONE.key}:{first + DAY * (ends <= begins):%Y%m%d}T{ends:%H%M%S}"
        until = f"{datetime.combine(last, begins, ZONE).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if first < last:
        rule = f"FREQ=WEEKLY;BYDAY={','.join(WEEKDAYS[n - 1] for n in sorted(days))}" if days else "FREQ=DAILY"
        yield f"RRULE:{rule};UNTIL={until}"


def _first_day(row: dict[str, Any]) -> date | None:
    return row.get("start_day") or row.get("decided_day") or row.get("stop_day")


def _clock(text: str | None) -> time | None:
    """HH:MM; 24:00 is the midnight that ends the day."""
    return time.fromisoformat("00:00" if text == "24:00" else text) if text else None


def _dose(row: dict[str, Any]) -> str:
    if row.get("planned_dose") is None:
        return ""
    return f"Planerat: {row['planned_dose']} {row.get('dose_unit') or ''}".strip()


def _text(value: object) -> str:
    """A TEXT value (RFC 5545, 3.3.11): no control characters, its own marks escaped."""
    text = re.sub(r"\r\n?", "\n", str(value))
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text)
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets, never cut within a letter (RFC 5545, 3.1)."""
    pieces, piece = [], b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > LINE_OCTETS:
            pieces.append(piece)
            piece = b" "  # the space that marks a continuation counts
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
