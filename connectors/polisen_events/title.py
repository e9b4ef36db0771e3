"""The title: ``21 augusti 11.30, Trafikolycka, singel, Hallsberg`` → when, what, where."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from connectors.times import SWEDISH_MONTHS

#: A colon until November 2023, a full stop since; the day lost its leading zero in July 2026.
_WHEN = re.compile(r"([0-9]{1,2}) ([^\W\d_]+) ([0-9]{1,2})[.:]([0-9]{2}) ?(?:,|$)")
_PUBLISHED = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))"
)

#: As the source writes it, in years of which none is at the edge of what a time can be.
_PLAIN_PUBLISHED = re.compile(
    r"([12][0-9]{3}-[0-9]{2}-[0-9]{2}) ([0-9]{1,2}:[0-9]{2}:[0-9]{2}) ([+-][0-9]{2}:[0-9]{2})"
)


class Title(NamedTuple):
    """``when`` is (month, day, hour, minute) as written, None where the title does not begin with a time."""

    when: tuple[int, int, int, int] | None
    type: str
    place: str


def tidy(text: str) -> str:
    """``text`` composed (NFC), without control and format characters, with single plain spaces."""
    if text.isprintable():  # no control or format character, and no space but the plain one
        composed = text if text.isascii() else unicodedata.normalize("NFC", text)
        is_single = "  " not in composed and composed[:1] != " " and composed[-1:] != " "
        return composed if is_single else " ".join(composed.split())
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if c.isspace() else c for c in composed if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(spaced.split())


def read_title(name: str) -> Title:
    """The parts of a title. The type may hold commas, so the place stands after the last one."""
    text = tidy(name)
    match = _WHEN.match(text)
    when = None
    if match:
        day, word, hour, minute = match.groups()
        if (month := SWEDISH_MONTHS.get(word.lower())) is not None:
            when = (month, int(day), int(hour), int(minute))
    rest = text[match.end() :] if match else text
    type_, comma, place = rest.rpartition(",")
    if not comma:
        type_, place = rest, ""
    return Title(when, type_.strip(), place.strip())


def read_published(text: str) -> datetime | None:
    """The publication time with its own offset, None where the text is not one. The hour may have one
    digit."""
    if (plain := _PLAIN_PUBLISHED.fullmatch(text)) is not None:
        try:
            return datetime.fromisoformat(f"{plain[1]}T{plain[2].zfill(8)}{plain[3]}")
        except ValueError:
            return None
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
