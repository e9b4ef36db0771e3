"""Nordvakt, the made-up town's public order guards: what they export, with the faults such exports have.

Semicolon files in cp1252, a month at a time, and for the last three weeks each morning the last three nights,
dated by the shift's start. Corrections come under the same report number in a later file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from flows.demo_life import DAY, Calendar, Life
from flows.demo_send import Sent, Span, free_text, months, nights

if TYPE_CHECKING:
    from connectors.places import NamedPlace

NORDVAKT_HEADER = (
    "Rapportnr", "Datum", "Tid från", "Tid till", "Objekt", "Händelsetyp", "Beskrivning", "Åtgärd",
    "Polis tillkallad", "K-nr", "Tjänstenr", "N", "E", "Skada kr",
)  # fmt: skip

#: Nordvakt's night shift ends here; what happens before is dated by the day before.
SHIFT_END = 7 * 60
#: Found between two rounds rather than seen: written with the interval between them.
FOUND_LATER = frozenset({"Skadegörelse", "Klotter", "Trasigt lås", "Inbrott"})
#: What stands before the company's own numbers, which no gazetteer knows.
NO_OBJECT = "Objekt"
#: Words that a correction may not touch, so that the planted surge is counted as it was planted.
UNCORRECTED = frozenset({"Skadegörelse", "Klotter"})


def nordvakt(calendar: Calendar, life: Life, gazetteer: Sequence[NamedPlace]) -> Iterator[Sent]:
    """Nordvakt's deliveries, oldest first."""
    shift_day = (life.minute - SHIFT_END) // DAY
    first, second = _nordvakt_rows(calendar, life, gazetteer, 0), _nordvakt_rows(calendar, life, gazetteer, 1)
    start = calendar.days_ago(21)
    spans = [
        *months(calendar, start, dt.time(7, 30)),
        *nights(start + dt.timedelta(days=1), calendar.moment.date(), dt.time(5, 41), 3),
    ]
    for number, span in enumerate(spans):
        low, high = ((day - calendar.first_day).days for day in (span.first, span.until))
        # Written up to three quarters of an hour before it is sent; the dawn's reports come the next morning.
        written_until = calendar.minute_of(span.received.date(), span.received.hour * 60 + span.received.minute - 45)
        wanted = np.flatnonzero((shift_day >= low) & (shift_day < high) & (life.minute < written_until))
        # The last night of a rolling file is told for the first time; the nights before it were corrected since.
        rows = [(first if span.is_rolling and shift_day[n] == high - 1 else second)[n] for n in wanted]
        rows += _nordvakt_faults(span, rows, number)
        yield Sent(span.received, f"nordvakt_{span.received:%Y-%m-%d}.csv", _semicolons(rows))


def _nordvakt_rows(
    calendar: Calendar, life: Life, gazetteer: Sequence[NamedPlace], edition: int
) -> list[tuple[str, ...]]:
    """Every report as a row, in its first edition or as it stands after corrections."""
    northing, easting = _sweref(gazetteer)
    starts = calendar.times(life.minute)
    rows: list[tuple[str, ...]] = []
    for n, start in enumerate(starts):
        rate, place, chance = life.rates[life.word[n]], gazetteer[life.place[n]], life.chance[n]
        shift = (start - dt.timedelta(minutes=SHIFT_END)).date()
        end = start + dt.timedelta(minutes=5 + int(chance[0] * 35))
        if rate.word in FOUND_LATER and chance[1] < 0.4:
            start -= dt.timedelta(minutes=min(90 + int(chance[2] * 120), start.hour * 60 + start.minute))
            shift = (start - dt.timedelta(minutes=SHIFT_END)).date()
        word, action = rate.word, rate.actions[int(chance[0] * len(rate.actions))]
        police = chance[1] < rate.police
        if edition and word not in UNCORRECTED and rate.rhythm != "round" and not life.is_planted[n]:
            if n % 40 == 7:
                action, police = "Polis tillkallad", True
            elif n % 90 == 11 and word == "Ordningsstörning":
                word = "Bråk"
            elif n % 160 == 33:
                action = "Makulerad"
        object_name = written(place, n, is_planted=bool(life.is_planted[n]))
        point = chance[3] < 0.6 and place.latitude is not None and not object_name.startswith(NO_OBJECT)
        rows.append(
            (
                f"NV-{n + 100000}",
                shift.isoformat(),
                f"{start:%H.%M}",
                f"{end:%H.%M}" if chance[2] < 0.8 or rate.word in FOUND_LATER else "",
                object_name,
                word,
                "" if rate.rhythm == "round" else free_text(n, place.name),
                action,
                "Ja" if police else "Nej",
                f"5000-K{n * 7919 % 1000000:06d}-{start:%y}" if police and chance[3] < 0.7 else "",
                f"OV-{1000 + n * 31 % 60}",
                _decimal_comma(northing[life.place[n]] + chance[0] * 30 - 15) if point else "",
                _decimal_comma(easting[life.place[n]] + chance[2] * 30 - 15) if point else "",
                str(500 * (1 + int(chance[0] * 20))) if rate.word == "Skadegörelse" else "",
            )
        )
    return rows


def _nordvakt_faults(span: Span, rows: Sequence[tuple[str, ...]], number: int) -> list[tuple[str, ...]]:
    """What stands in the file besides: a row told twice, a day that is none, a line without a kind."""
    if not rows:
        return []
    extra = [rows[len(rows) // 2]]
    if number % 3 == 0 or span.is_rolling:
        extra.append(changed(rows[-1], {0: f"NV-9{number:05d}", 1: "2026-13-45"}))
    if number % 4 == 1:
        extra.append(changed(rows[0], {0: f"NV-8{number:05d}", 5: ""}))
    return extra


def written(place: NamedPlace, n: int, *, is_planted: bool) -> str:
    """The place as somebody wrote it: mostly its name, at times an alias, in capitals, misspelt or nothing known."""
    if is_planted:
        return place.name
    if n % 25 == 4 and place.aliases:
        return place.aliases[0]
    if n % 33 == 8:
        return place.name.upper()
    if n % 47 == 9 and len(place.name) > 9:
        return place.name[:4] + place.name[5:]
    if n % 40 == 17:
        return f"{NO_OBJECT} {100 + n % 400}"
    return place.name


def changed(row: tuple[Any, ...], changes: dict[int, Any]) -> tuple[Any, ...]:
    return tuple(changes.get(n, value) for n, value in enumerate(row))


def _sweref(gazetteer: Sequence[NamedPlace]) -> tuple[Sequence[float], Sequence[float]]:
    """Northings and eastings of the places in SWEREF 99 TM, metres."""
    to_sweref = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3006", always_xy=True)
    easting, northing = to_sweref.transform(
        [p.longitude or 0.0 for p in gazetteer], [p.latitude or 0.0 for p in gazetteer]
    )
    return northing, easting


def _decimal_comma(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _semicolons(rows: Sequence[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(NORDVAKT_HEADER)
    writer.writerows(rows)
    return text.getvalue().encode("cp1252")
