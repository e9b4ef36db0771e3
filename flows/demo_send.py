"""When the made-up senders send, what span each delivery tells of, and the invented free text in them.

The free text and the staff columns are full of invented personal data on purpose: they are what must never
leave the landing zone. Identity numbers are of the series the Tax Agency keeps for tests (birth numbers
980-999), telephone numbers of the series the Post and Telecom Authority keeps for fiction, addresses end in
``.example``, and the people are called Test.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from flows.demo_life import Calendar


@dataclass(frozen=True)
class Sent:
    """One delivery: when it was received (local clock time), the sender's name for it, and its bytes."""

    received: dt.datetime
    name: str
    body: bytes


@dataclass(frozen=True)
class Span:
    """What a delivery tells of: days ``first`` to the day before ``until``; ``is_rolling`` where spans overlap."""

    received: dt.datetime
    first: dt.date
    until: dt.date
    is_rolling: bool


def months(calendar: Calendar, until: dt.date, at: dt.time) -> Iterator[Span]:
    """One span a month, received on the first of the next; the last one ends and is received on ``until``."""
    first = calendar.first_day
    while first < until:
        year, month = divmod(first.year * 12 + first.month, 12)
        last = min(dt.date(year, month + 1, 1), until)
        yield Span(dt.datetime.combine(last, at), first, last, False)
        first = last


def weeks(start: dt.date, until: dt.date, at: dt.time) -> Iterator[Span]:
    """One span a week from ``start``; the last one ends and is received on ``until``."""
    first = start
    while first < until:
        last = min(first + dt.timedelta(days=7), until)
        yield Span(dt.datetime.combine(last, at), first, last, False)
        first = last


def nights(start: dt.date, last: dt.date, at: dt.time, days: int) -> Iterator[Span]:
    """One span a night, received each day from ``start`` to ``last``, telling of the ``days`` days before."""
    day = start
    while day <= last:
        yield Span(dt.datetime.combine(day, at), day - dt.timedelta(days=days), day, True)
        day += dt.timedelta(days=1)


def identity_number(serial: int) -> str:
    """An identity number of the Tax Agency's test series (birth numbers 980-999), with its right check digit."""
    born = dt.date(1960, 1, 1) + dt.timedelta(days=serial * 197 % 16000)
    digits = f"{born:%y%m%d}{980 + serial % 20}"
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(digits)]
    check = -sum(d // 10 + d % 10 for d in doubled) % 10
    return f"{born:%Y%m%d}-{digits[6:]}{check}"


def telephone(serial: int) -> str:
    """A telephone number of the series kept for fiction, 070-174 06 05 to 070-174 06 99."""
    return f"070-174 06 {5 + serial % 95:02d}"


def person(serial: int) -> str:
    """A person nobody is."""
    first = ("Test", "Testa", "Prov", "Exempel")[serial % 4]
    return f"{first} {('Testsson', 'Provdotter', 'Exempelsson')[serial % 3]}"


def free_text(serial: int, place: str) -> str:
    """A guard's or resident's own words, one in three with invented personal data in them."""
    plain = (
        f"Larm inkom om händelse vid {place}. Lugnt vid ankomst.",
        "Patrull anropades av förbipasserande. Gruppen skingrades efter samtal.",
        "Upptäcktes under rond. Foto taget, felanmälan gjord.",
        "Återkommande problem enligt personal på platsen.",
        "Personerna lämnade platsen efter tillsägelse; inga skador.",
        "Området genomsökt. Ingen anträffades.",
    )
    personal = (
        f"Anmälare {person(serial)}, tel {telephone(serial)}, vill bli kontaktad.",
        f"Identifierad som {person(serial)}, {identity_number(serial)}. Avvisad från platsen.",
        f"Vit skåpbil ABC {100 + serial % 900} lämnade platsen; vittne mejlar vittne{serial % 50}@post.example.",
    )
    if serial % 3 == 0:
        return personal[serial // 3 % len(personal)]
    return plain[serial % len(plain)]
