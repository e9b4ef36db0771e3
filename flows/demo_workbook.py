"""Tryggve, the made-up town's security officers: workbooks with true date and time cells.

A month at a time, then a week, then each morning the two days before it and the night so far.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xlsxwriter  # type: ignore[import-untyped]

from flows.demo_guard import changed, written
from flows.demo_life import Calendar, Life
from flows.demo_send import Sent, free_text, months, nights, weeks

if TYPE_CHECKING:
    from connectors.places import NamedPlace

TRYGGVE_HEADER = (
    "Ärendenr", "Händelsedatum", "Klockslag", "Plats", "Kategori", "Insats", "Polis", "Lat", "Long", "Antal",
    "Notering", "Väktare",
)  # fmt: skip


def tryggve(calendar: Calendar, life: Life, gazetteer: Sequence[NamedPlace]) -> Iterator[Sent]:
    """Tryggve's deliveries, oldest first."""
    rows = _tryggve_rows(calendar, life, gazetteer)
    weekly, nightly = calendar.days_ago(46), calendar.days_ago(16)
    spans = [
        *months(calendar, weekly, dt.time(6, 10)),
        *weeks(weekly, nightly, dt.time(6, 10)),
        *nights(nightly + dt.timedelta(days=1), calendar.moment.date(), dt.time(5, 25), 2),
    ]
    for number, span in enumerate(spans):
        low = calendar.minute_of(span.first)
        # A nightly workbook is made at five and holds the night so far; the others end at midnight.
        high = calendar.minute_of(span.until, 5 * 60 if span.is_rolling else 0)
        wanted = [rows[n] for n in np.flatnonzero((life.minute >= low) & (life.minute < high))]
        if wanted and number % 2 == 0:
            wanted.append(changed(wanted[-1], {0: f"T-9{number:05d}", 1: "32 oktober", 2: None}))
        yield Sent(span.received, f"Tryggve {span.received:%Y-%m-%d}.xlsx", _workbook(wanted))


def _tryggve_rows(calendar: Calendar, life: Life, gazetteer: Sequence[NamedPlace]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n, start in enumerate(calendar.times(life.minute)):
        rate, place, chance = life.rates[life.word[n]], gazetteer[life.place[n]], life.chance[n]
        point = chance[3] < 0.7 and place.latitude is not None
        rows.append(
            (
                f"T-{n + 20000}",
                start.date(),
                start.time(),
                written(place, n + 3, is_planted=bool(life.is_planted[n])),
                rate.word,
                rate.actions[int(chance[0] * len(rate.actions))],
                "Ja" if chance[1] < rate.police else "Nej",
                round((place.latitude or 0.0) + (chance[0] - 0.5) * 2e-4, 6) if point else None,
                round((place.longitude or 0.0) + (chance[2] - 0.5) * 4e-4, 6) if point else None,
                1 + int(chance[2] * 6) if rate.word in ("Högljudd samling", "Störning") else None,
                free_text(n + 1, place.name),
                f"V{300 + n * 17 % 40}",
            )
        )
    return rows


def _workbook(rows: Sequence[tuple[Any, ...]]) -> bytes:
    """One sheet with true date and time cells; the same rows give the same bytes."""
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True})
    # The only moment in the file that is not ours: without it, each workbook would differ by its hour of making.
    book.set_properties({"created": dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)})
    sheet = book.add_worksheet("Händelser")
    day, clock = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "hh:mm"})
    sheet.write_row(0, 0, TRYGGVE_HEADER)
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(r, c, value)
            elif isinstance(value, dt.date):
                sheet.write_datetime(r, c, dt.datetime.combine(value, dt.time()), day)
            elif isinstance(value, dt.time):
                sheet.write_datetime(r, c, value, clock)
            else:
                sheet.write_number(r, c, value)
    book.close()
    return body.getvalue()
