"""The made-up town's two case systems: the municipality's fault reports and the housing company's cases.

Felanmälan answers as an Open311 server does: a month at a time, and each morning of the last three weeks what
was told or changed in a week. Bostads AB Lindhem sends tab-separated files on weekdays, and fell silent nine
days before the demo's moment: the dead feed that the picture must open with.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from connectors.times import to_utc
from flows.demo_life import DAY, Calendar, Ints, Life
from flows.demo_send import Sent, Span, free_text, months, nights, person, telephone

if TYPE_CHECKING:
    from connectors.places import Area, NamedPlace

LINDHEM_HEADER = ("ID", "Anmäld", "Område", "Rubrik", "Status", "Åtgärdad", "Fritext")
#: Days before the moment when Lindhem was last heard from.
LINDHEM_SILENT_DAYS = 9


def felanmalan(
    calendar: Calendar, life: Life, gazetteer: Sequence[NamedPlace], names: dict[str, str], zone: ZoneInfo
) -> Iterator[Sent]:
    """The fault reports' deliveries, oldest first. ``names`` are the services' names by their code."""
    closed = _closed_minutes(life, mean_days=6.0)
    start = calendar.days_ago(21)
    told = [_iso(time, zone) for time in calendar.times(life.minute)]
    done = [_iso(time, zone) for time in calendar.times(closed)]
    spans = [
        *months(calendar, start, dt.time(4, 55)),
        *nights(start + dt.timedelta(days=1), calendar.moment.date(), dt.time(5, 12), 7),
    ]
    for span in spans:
        now = calendar.minute_of(span.received.date(), span.received.hour * 60 + span.received.minute)
        low = calendar.minute_of(span.first)
        high = now if span.is_rolling else calendar.minute_of(span.until)
        is_told = (life.minute >= low) & (life.minute < high)
        is_changed = span.is_rolling & (closed >= low) & (closed < now)
        requests = [
            _request(life, gazetteer, names, n, told[n], done[n] if closed[n] < now else None)
            for n in np.flatnonzero(is_told | is_changed).tolist()
        ]
        if span.is_rolling and requests:
            requests.append(requests[0])  # the server pages by time and tells the seam's request twice
        body = json.dumps(requests, ensure_ascii=False, indent=1).encode()
        yield Sent(span.received, f"requests_{span.received:%Y-%m-%d}.json", body)


def _request(
    life: Life, gazetteer: Sequence[NamedPlace], names: dict[str, str], n: int, told: str, done: str | None
) -> dict[str, Any]:
    rate, place, chance = life.rates[life.word[n]], gazetteer[life.place[n]], life.chance[n]
    request: dict[str, Any] = {
        "service_request_id": f"LF-{n + 40000}",
        "status": "closed" if done else "open",
        "service_code": rate.word,
        "service_name": names.get(rate.word, "Felparkerad elsparkcykel"),
        "description": free_text(n + 2, place.name),
        "requested_datetime": told,
        "updated_datetime": done or told,
        "address": f"{place.name} {1 + n % 60}" if place.place_type == "gata" and n % 2 else place.name,
    }
    if (chance[3] < 0.7 or life.is_planted[n]) and place.latitude is not None and place.longitude is not None:
        request["lat"] = round(place.latitude + (chance[0] - 0.5) * 4e-4, 6)
        request["long"] = round(place.longitude + (chance[2] - 0.5) * 8e-4, 6)
    if n % 53 == 20:
        request["lat"], request["long"] = 0.0, 0.0  # the app had no position and said so in its own way
    if n % 3 == 0:
        request["requestor_name"], request["requestor_phone"] = person(n), telephone(n)
    if n % 5 == 0:
        request["media_url"] = f"https://felanmalan.lindvik.example/foto/{n + 40000}.jpg"
    return request


def lindhem(calendar: Calendar, life: Life, gazetteer: Sequence[NamedPlace], areas: Sequence[Area]) -> Iterator[Sent]:
    """The housing company's deliveries, oldest first; none in the last nine days."""
    names = {area.area_id: area.name for area in areas}
    closed = _closed_minutes(life, mean_days=9.0)
    told, done = calendar.times(life.minute), calendar.times(closed)
    start, last = calendar.days_ago(46), calendar.days_ago(LINDHEM_SILENT_DAYS)
    spans: list[Span] = [
        *months(calendar, start, dt.time(5, 30)),
        *nights(start + dt.timedelta(days=1), last, dt.time(5, 30), 14),
    ]
    for span in spans:
        if span.is_rolling and span.received.weekday() >= 5:
            continue
        now = calendar.minute_of(span.received.date(), 5 * 60)
        low, high = (calendar.minute_of(day) for day in (span.first, span.until))
        rows = []
        for n in np.flatnonzero((life.minute >= low) & (life.minute < high)).tolist():
            rate, place = life.rates[life.word[n]], gazetteer[life.place[n]]
            status = "Makulerad" if n % 150 == 40 else "Avslutad" if closed[n] < now else "Pågår" if n % 3 else "Ny"
            rows.append(
                (
                    f"LH{n + 7000}",
                    f"{told[n]:%d.%m.%Y %H.%M}",
                    names.get(place.area_id or "", ""),
                    rate.word,
                    status,
                    f"{done[n]:%d.%m.%Y}" if status == "Avslutad" else "",
                    free_text(n, place.name).replace("\t", " "),
                )
            )
        lines = "".join("\t".join(row) + "\r\n" for row in [LINDHEM_HEADER, *rows])
        yield Sent(span.received, f"lindhem_{span.received:%Y%m%d}.txt", lines.encode("utf-8-sig"))


def _closed_minutes(life: Life, mean_days: float) -> Ints:
    """When each case is closed: an exponential wait, a day at the least, in office hours."""
    wait = 1 + np.floor(-np.log1p(-life.chance[:, 1]) * mean_days).astype(np.int64)
    office = 8 * 60 + (life.chance[:, 2] * 8 * 60).astype(np.int64)
    return np.asarray((life.minute // DAY + wait) * DAY + office)


def _iso(local: dt.datetime, zone: ZoneInfo) -> str:
    """The local time with its offset, as a server of that town writes it."""
    return to_utc(local, zone).instant.astimezone(zone).isoformat()
