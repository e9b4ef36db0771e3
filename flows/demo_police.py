"""The made-up country's police notices, in the shape the police's public feed has today.

A delivery is a window: the 500 notices changed last, in the order of that change. Hours are written without
a leading nought, `location` is the county's, the municipality stands only in the title, and the title has no
year. Notices are edited after publication, one is taken away, and one answer belongs to somebody else's query.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from connectors.times import SWEDISH_MONTHS, to_utc
from flows.demo_life import DAY, HOURS, Calendar
from flows.demo_send import Sent

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.kit import Municipality

WINDOW = 500
#: Notices a day in the whole country, as the real feed had in 2023-2026.
PER_DAY = 85
#: Days of windows, and the days before them that fill the first one.
DAYS, BEFORE = 60, 9
#: Share of notices edited, and the hours until then at the median: as counted in the real feed.
EDITED_SHARE, EDITED_AFTER_HOURS = 0.0184, 1.8
#: Hours from event to notice at the median, in the real feed.
PUBLISHED_AFTER_HOURS = 0.66
#: A notice's summary is cut here by the police.
SUMMARY_LENGTH = 110

MONTH_NAMES = {number: name for name, number in SWEDISH_MONTHS.items()}

#: Invented centroids for invented counties.
CENTROIDS = {"96": "57.412345,12.611111", "97": "63.204512,17.905123", "98": "60.118234,14.702345"}
OWN_CENTROID = "58.951234,16.902345"

#: Invented summaries by the beginning of the type they fit; the last line fits all.
SUMMARIES = {
    ("Trafik", "Vållande", "Olovlig"): (
        "Två personbilar har kolliderat. Räddningstjänst och ambulans på plats.",
        "Trafiken dirigeras förbi platsen. Ingen uppges vara allvarligt skadad.",
        "Singelolycka. En kvinna är förd till sjukhus för kontroll.",
        "Bärgning pågår. Räkna med köer.",
    ),
    ("Rattfylleri", "Fylleri", "Alkohol"): (
        "Föraren får lämna blåsprov på platsen.",
        "Tips från allmänheten. Patrull stoppar bilen, föraren är misstänkt för brott.",
        "Berusad person omhändertagen för sin egen säkerhet.",
    ),
    ("Brand", "Mordbrand", "Explosion", "Detonation"): (
        "Räddningstjänsten larmad till platsen. Släckning pågår.",
        "Brand i container. Ingen person skadad.",
        "Rökutveckling från byggnad. Orsaken är inte känd och utreds av polisen tillsammans med räddningstjänsten.",
    ),
    ("",): (
        "Polisen kallades till platsen efter larm från allmänheten.",
        "En patrull är på plats. Anmälan upprättas.",
        "Vittnen såg flera personer lämna platsen. Polisen söker i området.",
        "Polis på plats utanför Storgatan 14. Ärendet lämnas till utredning.",
        "Ärendet utreds vidare.",
        "Målsägande uppger att händelsen inträffade under natten.",
        "En man är misstänkt för brott.",
        "Polisen hör vittnen och säkrar spår.",
    ),
}
NIGHT_SUMMARY = "Här kommer ett urval av nattens händelser i polisområdet."


@dataclass(frozen=True)
class Notice:
    """One notice. Times are local minutes of the calendar; ``edited`` and ``taken_away`` mostly never come."""

    id: int
    type: str
    municipality_code: str | None  # None for a county's summary
    published: int
    edited: float
    taken_away: float
    texts: tuple[str, str]  # as published and as edited, in JSON


@dataclass(frozen=True)
class Draft:
    """A notice before it is written out: its place as the title names it, and its two editions."""

    occurred: int
    published: int
    types: tuple[str, str]
    summaries: tuple[str, str]
    place: str
    county: tuple[str, str]  # code and name
    municipality_code: str | None = None
    edited: float = math.inf
    taken_away: float = math.inf


def windows(calendar: Calendar, notices: Sequence[Notice]) -> Iterator[Sent]:
    """The deliveries, oldest first: every fourth day for sixty days, then every fourth hour for three."""
    last = last_window(calendar)
    asked = [last - days * DAY for days in range(DAYS, 3, -4)]
    asked += list(range(last - 3 * DAY, last + 1, 4 * 60))
    # The source's cache once answers with somebody else's query: accidents only, and too few of them.
    leaked = last - 9 * 60 - 30
    for minute in sorted([*asked, leaked]):
        rows = window(notices, minute)
        if minute == leaked:
            rows = [row for row in rows if row[0].type == "Trafikolycka"]
        body = ",\n".join(notice.texts[edition] for notice, edition in rows)
        received = calendar.times(np.array([minute]))[0]
        yield Sent(received, "events.json", f"[\n{body}\n]\n".encode())


def last_window(calendar: Calendar) -> int:
    """The minute of the last window, a quarter of an hour before the demo's moment."""
    return calendar.minute_of(calendar.moment.date(), calendar.moment.hour * 60 + calendar.moment.minute) - 17


def window(notices: Sequence[Notice], minute: int) -> list[tuple[Notice, int]]:
    """(notice, edition) of the answer given at a minute, newest change first."""
    there = []
    for notice in notices:
        if notice.published <= minute < notice.taken_away:
            is_edited = notice.edited <= minute
            there.append((notice.edited if is_edited else notice.published, notice.id, notice, int(is_edited)))
    there.sort(key=lambda row: row[:2], reverse=True)
    return [(notice, edition) for _, _, notice, edition in there[:WINDOW]]


def make_notices(
    calendar: Calendar,
    types_csv: Path,
    municipalities: Sequence[Municipality],
    own: Municipality,
    zone: ZoneInfo,
    seed: int,
) -> list[Notice]:
    """All notices from nine days before the first window to the moment, in order of publication."""
    drafts = _drawn(calendar, types_csv, municipalities, seed)
    drafts += _night_summaries(calendar, municipalities)
    drafts += planted(calendar, own)
    drafts.sort(key=lambda draft: (draft.published, draft.occurred, draft.place))
    # One column each for times: a call per notice would take most of the demo's time.
    occurred = calendar.times(np.array([draft.occurred for draft in drafts]))
    published = calendar.times(np.array([draft.published for draft in drafts]))
    notices = []
    for n, draft in enumerate(drafts):
        told = _offset_time(published[n] + dt.timedelta(seconds=n * 7 % 60), zone)
        first, second = (_json(660000 + n, draft, edition, occurred[n], told) for edition in (0, 1))
        code, edited, away = draft.municipality_code, draft.edited, draft.taken_away
        notices.append(Notice(660000 + n, draft.types[0], code, draft.published, edited, away, (first, second)))
    return notices


def planted(calendar: Calendar, own: Municipality) -> list[Draft]:
    """The town's notices of note: a robbery in the last night, one edited to another kind, one taken away.

    And one of a kind that no vocabulary knows: it must be loaded, counted and noticed.
    """
    county = (own.county_code, own.county_name)

    def at(days_ago: int, hour: int, minute: int) -> int:
        return calendar.minute_of(calendar.days_ago(days_ago), hour * 60 + minute)

    robbery = "En person har blivit rånad på en mobiltelefon. Polisen söker efter två gärningspersoner."
    brawl = ("Flera personer i bråk vid hamnen.", "Flera personer i bråk vid hamnen. En person förd till sjukhus.")
    damage = "Skyltfönster krossat i centrum."
    return [
        Draft(at(1, 23, 35), at(0, 0, 24), ("Rån",) * 2, (robbery,) * 2, own.name, county, own.code),
        Draft(
            at(2, 22, 10), at(2, 23, 2), ("Bråk", "Misshandel"), brawl, own.name, county, own.code,
            edited=at(1, 8, 20),
        ),
        Draft(
            at(3, 2, 15), at(3, 7, 30), ("Skadegörelse",) * 2, (damage,) * 2, own.name, county, own.code,
            taken_away=at(1, 15, 0),
        ),
        Draft(
            at(2, 14, 5), at(2, 14, 50), ("Drönarflygning",) * 2, ("Drönare över hamnen.",) * 2, own.name, county,
            own.code,
        ),
    ]  # fmt: skip


def _drawn(calendar: Calendar, types_csv: Path, municipalities: Sequence[Municipality], seed: int) -> list[Draft]:
    random = np.random.RandomState(seed)
    with types_csv.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["polisen_type"].startswith("Sammanfattning")]
    types = [row["polisen_type"] for row in rows]
    weights = np.array([float(row["n_sweden_2023-03_2026-08"]) for row in rows])
    days = DAYS + BEFORE
    counties = len({m.county_code for m in municipalities})
    per_day = random.poisson(PER_DAY - counties, days + 1)
    day = np.repeat(np.arange(days + 1), per_day) + calendar.day_count - days
    hours = np.array(HOURS["evening"], dtype=float)
    count = len(day)
    hour = (random.choice(24, count, p=hours / hours.sum()) + 6) % 24
    occurred = day * DAY + hour * 60 + random.randint(0, 60, count)
    wait = np.exp(random.normal(np.log(PUBLISHED_AFTER_HOURS * 60), 1.2, count))
    kind = random.choice(len(types), count, p=weights / weights.sum())
    where = random.randint(0, len(municipalities), count)
    words = random.randint(0, 1000, (2, count))
    is_edited = random.random_sample(count) < EDITED_SHARE
    later = np.exp(random.normal(np.log(EDITED_AFTER_HOURS * 60), 1.0, count))
    drafts = []
    for n in np.flatnonzero(occurred + wait < last_window(calendar)):
        town, published = municipalities[where[n]], int(occurred[n] + wait[n]) + 1
        texts = _summaries_of(types[kind[n]])
        first = texts[words[0, n] % len(texts)]
        second = texts[words[1, n] % len(texts)] if is_edited[n] else first
        if is_edited[n] and second == first:
            second = "Texten är uppdaterad."
        drafts.append(
            Draft(
                int(occurred[n]),
                published,
                (types[kind[n]],) * 2,
                (first, second),
                town.name,
                (town.county_code, town.county_name),
                town.code,
                edited=published + 1 + int(later[n]) if is_edited[n] else math.inf,
            )
        )
    return drafts


def _summaries_of(kind: str) -> list[str]:
    """The summaries that fit a type, cut as the police cut theirs."""
    fitting = next(texts for starts, texts in SUMMARIES.items() if kind.startswith(starts))
    return [text[:SUMMARY_LENGTH] for text in fitting]


def _night_summaries(calendar: Calendar, municipalities: Sequence[Municipality]) -> list[Draft]:
    """Each county's summary of the night, a little before eight each morning."""
    counties = sorted({(m.county_code, m.county_name) for m in municipalities})
    drafts = []
    for days_ago in range(DAYS + BEFORE, 0, -1):
        for number, county in enumerate(counties):
            minute = calendar.minute_of(calendar.days_ago(days_ago), 7 * 60 + 40 + number * 6 + days_ago % 5)
            kind, text = ("Sammanfattning natt",) * 2, (NIGHT_SUMMARY,) * 2
            drafts.append(Draft(minute - 3, minute, kind, text, county[1], county))
    return drafts


def _json(number: int, draft: Draft, edition: int, occurred: dt.datetime, told: str) -> str:
    kind, month = draft.types[edition], MONTH_NAMES[occurred.month]
    title = f"{occurred.day} {month} {occurred:%H.%M}, {kind}, {draft.place}"
    path = "/".join((str(occurred.year), month, str(occurred.day), _slug(title)))
    code, county = draft.county
    record = {
        "id": number,
        "datetime": told,
        "name": title,
        "summary": draft.summaries[edition],
        "url": f"/aktuellt/handelser/{path}/",
        "type": kind,
        "location": {"name": county, "gps": CENTROIDS.get(code, OWN_CENTROID)},
    }
    return json.dumps(record, ensure_ascii=False)


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-")


def _offset_time(local: dt.datetime, zone: ZoneInfo) -> str:
    """``2026-10-15 7:05:09 +02:00``: the hour without a leading nought, as the source writes it."""
    aware = to_utc(local, zone).instant.astimezone(zone)
    offset = f"{aware:%z}"
    return f"{aware:%Y-%m-%d} {aware.hour}:{aware:%M:%S} {offset[:3]}:{offset[3:]}"
