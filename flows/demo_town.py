"""The made-up town's deliveries: more than a year of them, made anew from one seed wherever the demo runs.

Nothing random is kept in the project. ``write_deliveries`` writes an archive of the shape ``backfill`` reads
(``<feed>/<time received>_<sender's name>``), the same bytes every time. What is planted in it, and so must
be found by the picture, is told by ``truth``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.times import to_utc
from flows.demo_cases import LINDHEM_SILENT_DAYS, felanmalan, lindhem
from flows.demo_guard import nordvakt
from flows.demo_life import DAY, Calendar, Life, Planted, live, read_area_shares, read_rates
from flows.demo_police import make_notices, windows
from flows.demo_registers import registers
from flows.demo_send import Sent
from flows.demo_workbook import tryggve

if TYPE_CHECKING:
    from flows.settings import Settings

#: Raised with every change of what is written: the archive is then made anew.
GENERATOR_VERSION = 3
SEED = 9909

#: The surge: damage and graffiti in one area, four times as much as normal for a week (see ``_surge``).
SURGE_AREA = "vasterang"
SURGE_FACTOR = 4
SURGE_CATEGORIES = ("skada.skadegorelse", "skada.klotter")
SURGE_FEEDS = ("guard_nordvakt", "guard_tryggve", "felanmalan")
#: The hot spot: trouble at one square on four Friday and Saturday nights, (word, hour, minute) each.
HOT_SPOT = "hamntorget"
ROBBERY_PLACE = "lindviks_station"
HOT_NIGHT = (("Ordningsstörning", 22, 10), ("Bråk", 23, 5), ("Ordningsstörning", 23, 40), ("Bråk", 23, 55))

MARKER = "generated.txt"
FEEDS = ("polisen_events", "guard_nordvakt", "guard_tryggve", "felanmalan", "bostad_lindhem")


@dataclass(frozen=True)
class Town:
    """Everything that happens in the demo, before anybody writes it down."""

    calendar: Calendar
    lives: dict[str, Life]


def write_deliveries(settings: Settings, folder: Path) -> None:
    """Write every delivery of the demo below ``folder``; nothing where the same ones stand there already.

    Raises ValueError where the settings have no ``demo_moment`` or lack the demo's tables.
    """
    marker = folder / MARKER
    stamp = _stamp(settings)
    if marker.is_file() and marker.read_text(encoding="utf-8").startswith(stamp):
        return
    if marker.is_file():  # an older year: its files must not stand among the new ones
        for line in marker.read_text(encoding="utf-8").splitlines()[1:]:
            (folder / line).unlink(missing_ok=True)
    written = []
    for feed, sent in deliveries(settings):
        received = to_utc(sent.received, settings.timezone).instant
        path = folder / feed / f"{received:%Y-%m-%dT%H%M%SZ}_{sent.name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sent.body)
        written.append(path.relative_to(folder).as_posix())
    marker.write_text(stamp + "\n".join(written) + "\n", encoding="utf-8")


def is_of_another_year(settings: Settings, folder: Path) -> bool:
    """Whether other deliveries than today's generator makes of these settings stand below ``folder``."""
    marker = folder / MARKER
    return marker.is_file() and not marker.read_text(encoding="utf-8").startswith(_stamp(settings))


def _stamp(settings: Settings) -> str:
    return f"generator {GENERATOR_VERSION}, made of {_made_of(settings)}\n"


def deliveries(settings: Settings) -> Iterator[tuple[str, Sent]]:
    """(feed, delivery) of the whole demo, each feed's oldest first."""
    town = make_town(settings)
    calendar, gazetteer, zone = town.calendar, settings.places.gazetteer, settings.timezone
    mapping = settings.feeds["felanmalan"].mapping or {}
    notices = make_notices(calendar, _police_types(), settings.municipalities, settings.municipality, zone, SEED + 5)
    streams = {
        "polisen_events": windows(calendar, notices),
        "guard_nordvakt": nordvakt(calendar, town.lives["guard_nordvakt"], gazetteer),
        "guard_tryggve": tryggve(calendar, town.lives["guard_tryggve"], gazetteer),
        "felanmalan": felanmalan(calendar, town.lives["felanmalan"], gazetteer, mapping.get("service_names", {}), zone),
        "bostad_lindhem": lindhem(calendar, town.lives["bostad_lindhem"], gazetteer, settings.places.areas),
    }
    for feed, stream in streams.items():
        for sent in stream:
            yield feed, sent
    yield from registers(calendar, settings.folder / "demo" / "registers")


def make_town(settings: Settings) -> Town:
    """The town's year: drawn happenings, and among them what is planted."""
    if settings.demo_moment is None:
        raise ValueError(f"{settings.id} is no demo: municipality.toml has no demo_moment")
    moment = settings.demo_moment.astimezone(settings.timezone).replace(tzinfo=None)
    calendar = Calendar.until(moment)
    rates = read_rates(settings.folder / "demo" / "rates.csv")
    shares = read_area_shares(settings.folder / "demo" / "areas.csv")
    lives = {}
    for number, feed in enumerate(FEEDS[1:]):
        seed = SEED + number
        # Drawn twice, the same: once to know what is normal, once with four times as much in the last week.
        normal = live(settings, calendar, rates[feed], shares[feed], (), seed)
        extra = _surge(settings, calendar, feed, normal) + _trouble(calendar, feed)
        lives[feed] = live(settings, calendar, rates[feed], shares[feed], extra, seed) if extra else normal
    return Town(calendar, lives)


def truth(settings: Settings) -> dict[str, Any]:
    """What is planted in the demo and must be found: counts by whole local day, for tests and for the guide."""
    town = make_town(settings)
    calendar = town.calendar
    week = [_surge_counts(settings, calendar, feed, town.lives[feed], 1) for feed in SURGE_FEEDS]
    year = [_surge_counts(settings, calendar, feed, town.lives[feed], 52, 8) for feed in SURGE_FEEDS]
    nordvakt_life = town.lives["guard_nordvakt"]
    spot = [p.place_id for p in settings.places.gazetteer].index(HOT_SPOT)
    return {
        "surge": {
            "area_id": SURGE_AREA,
            "from_day": calendar.days_ago(7),
            "until_day": calendar.days_ago(1),
            "counts": {c: sum(feed[c] for feed in week) for c in SURGE_CATEGORIES},
            "normal_weekly": {c: sum(feed[c] for feed in year) / 52 for c in SURGE_CATEGORIES},
        },
        "hot_spot": {
            "place_id": HOT_SPOT,
            "nights": _hot_nights(calendar),
            "planted_count": int((nordvakt_life.is_planted & (nordvakt_life.place == spot)).sum()),
        },
        "dead_feed": {"feed": "bostad_lindhem", "last_day": calendar.days_ago(LINDHEM_SILENT_DAYS)},
        "never_heard_feed": "trygghetsvandring",
        "first_day": calendar.first_day,
        "records": {feed: len(life.minute) for feed, life in town.lives.items()},
    }


def _surge(settings: Settings, calendar: Calendar, feed: str, normal: Life) -> list[Planted]:
    """What lifts the seven whole days before the moment's to four times a normal week, spread over them."""
    if feed not in SURGE_FEEDS:
        return []
    year = _surge_counts(settings, calendar, feed, normal, 52, 8)
    week = _surge_counts(settings, calendar, feed, normal, 1)
    gazetteer = settings.places.gazetteer
    categories = _categories(settings, feed)
    extra = []
    for category in SURGE_CATEGORIES:
        usual = np.flatnonzero(_is_in_surge(settings, feed, normal, category)).tolist()
        for n in range(round(SURGE_FACTOR * year[category] / 52) - week[category]):
            like = usual[n * 7 % len(usual)]  # where it happens in other weeks too
            day = calendar.days_ago(1 + n % 7)
            word = next(r.word for r in normal.rates if categories.get(r.word) == category)
            minute = calendar.minute_of(day, (18 + n * 5 % 6) * 60 + n * 17 % 60)
            extra.append(Planted(feed, word, gazetteer[normal.place[like]].place_id, minute))
    return extra


def _surge_counts(
    settings: Settings, calendar: Calendar, feed: str, life: Life, weeks: int, until_days_ago: int = 1
) -> dict[str, int]:
    """Happenings of the surge's categories in its area, in whole weeks up to a day counted backwards."""
    last = calendar.minute_of(calendar.days_ago(until_days_ago - 1))
    inside = (life.minute >= last - weeks * 7 * DAY) & (life.minute < last)
    return {c: int((_is_in_surge(settings, feed, life, c) & inside).sum()) for c in SURGE_CATEGORIES}


def _is_in_surge(settings: Settings, feed: str, life: Life, category: str) -> np.ndarray:
    categories = _categories(settings, feed)
    words = [n for n, rate in enumerate(life.rates) if categories.get(rate.word) == category]
    places = [n for n, p in enumerate(settings.places.gazetteer) if p.area_id == SURGE_AREA]
    return np.isin(life.word, words) & np.isin(life.place, places)


def _categories(settings: Settings, feed: str) -> dict[str, str]:
    """The feed's words and what its mapping takes them for."""
    mapping = settings.feeds[feed].mapping or {}
    return dict(mapping.get("category") or mapping.get("categories") or {})


def _trouble(calendar: Calendar, feed: str) -> list[Planted]:
    """The hot spot's nights, and the last night's robbery that the police write of too."""
    if feed != "guard_nordvakt":
        return []
    robbery = Planted(feed, "Rån", ROBBERY_PLACE, calendar.minute_of(calendar.days_ago(1), 23 * 60 + 32))
    return [robbery] + [
        Planted(feed, word, HOT_SPOT, calendar.minute_of(night, hour * 60 + minute + shift))
        for shift, night in enumerate(_hot_nights(calendar))
        for word, hour, minute in HOT_NIGHT
    ]


def _hot_nights(calendar: Calendar) -> list[dt.date]:
    """The Fridays and Saturdays of the two weeks before the moment's day."""
    return [day for days in range(14, 0, -1) if (day := calendar.days_ago(days)).weekday() in (4, 5)]


def _police_types() -> Path:
    return Path(__file__).resolve().parent.parent / "connectors" / "polisen_events" / "categories.csv"


def _made_of(settings: Settings) -> str:
    """SHA-256 over the settings and the demo's own tables."""
    digest = hashlib.sha256(settings.digest().encode())
    for path in sorted(path for path in (settings.folder / "demo").rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()
