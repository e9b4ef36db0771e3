"""What happens in the made-up town: a year of invented happenings with the rhythm of a real one.

How often, when and where stand in two tables in the town's ``demo/`` folder: ``rates.csv`` (each feed's words,
so many a day, in which rhythm, in which setting) and ``areas.csv`` (how a feed's happenings spread over the
areas). Everything is drawn from one seed; the same settings give the same year.

Times are whole minutes of local clock time since midnight of ``Calendar.first_day``.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from connectors.places import NamedPlace
    from flows.settings import Settings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DAY = 24 * 60
#: A happening at two in the night belongs to the evening before: days are drawn from six to six.
DAWN = 6 * 60
#: The guards write up to five in the morning; what happens later comes in the next delivery.
LAST_WRITTEN = 5 * 60

#: Share of a day's happenings per hour, from 06 to 05, in parts; and the weekdays, Monday first.
HOURS = {
    "night": [1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 7, 9, 11, 13, 17, 20, 21, 19, 15, 10, 5, 2],
    "evening": [1, 1, 2, 2, 3, 4, 5, 5, 6, 8, 10, 12, 14, 16, 17, 17, 15, 12, 8, 6, 4, 2, 1, 1],
    "day": [2, 4, 6, 8, 10, 12, 14, 14, 14, 15, 15, 14, 12, 9, 6, 4, 3, 2, 1, 1, 0, 0, 0, 1],
    "office": [3, 8, 14, 16, 15, 13, 11, 12, 12, 11, 10, 9, 8, 8, 7, 6, 4, 2, 1, 0, 0, 0, 0, 1],
    "round": [2, 2, 1, 1, 1, 1, 1, 1, 2, 2, 3, 5, 7, 8, 9, 10, 10, 10, 9, 9, 8, 7, 5, 3],
}
WEEKDAYS = {
    "night": [0.70, 0.65, 0.75, 0.90, 1.65, 1.70, 0.65],
    "evening": [0.90, 0.90, 0.90, 1.00, 1.30, 1.25, 0.75],
    "day": [1.00, 1.00, 1.00, 1.05, 1.20, 1.05, 0.70],
    "office": [1.35, 1.20, 1.10, 1.10, 1.00, 0.60, 0.65],
    "round": [1.00, 1.00, 1.00, 1.00, 1.05, 1.05, 0.90],
}
#: Which hours and weekdays a rhythm of rates.csv follows where it is not one of those itself.
FOLLOWS = {"any": "evening", "summer": "evening", "bangs": "night"}

#: How much likelier than nothing a kind of place is in a setting of rates.csv.
SETTINGS: dict[str, dict[str, float]] = {
    "nightlife": {"torg": 9, "station": 7, "restaurang": 6, "gata": 4, "park": 3, "hallplats": 3, "centrum": 2},
    "youth": {"torg": 4, "centrum": 5, "park": 5, "lekplats": 4, "skola": 3, "fritidsgard": 4, "badplats": 1},
    "shelter": {"garage": 7, "gangtunnel": 5, "park": 4, "bibliotek": 2, "centrum": 3, "parkering": 3},
    "damage": {"gangtunnel": 7, "skola": 6, "station": 4, "hallplats": 4, "garage": 3, "park": 3, "idrottsplats": 3},
    "shop": {"butik": 8, "centrum": 7, "simhall": 1, "industri": 2, "restaurang": 1},
    "theft": {"station": 6, "parkering": 3, "centrum": 3, "simhall": 3, "hallplats": 2, "skola": 2},
    "school": {"skola": 8, "idrottsplats": 4, "forskola": 3, "simhall": 2, "fritidsgard": 3},
    "garage": {"garage": 7, "parkering": 6},
    "road": {"gata": 6, "parkering": 3, "gangtunnel": 2, "hallplats": 2, "bro": 1},
    "water": {"badplats": 5, "hamn": 4, "naturomrade": 4, "park": 1},
    "home": {"bostadsgard": 6, "bostadshus": 6},
    "round": {"torg": 4, "station": 4, "centrum": 3, "garage": 2, "park": 2, "gangtunnel": 2, "skola": 1, "gata": 1},
}


@dataclass(frozen=True)
class Calendar:
    """The demo's stretch of time: from the first of a month, thirteen months back, to the demo's moment."""

    moment: dt.datetime  # local, without offset
    first_day: dt.date

    @classmethod
    def until(cls, moment: dt.datetime) -> Calendar:
        """The calendar that ends at a local moment."""
        year, month = divmod(moment.year * 12 + moment.month - 1 - 13, 12)
        return cls(moment, dt.date(year, month + 1, 1))

    @property
    def day_count(self) -> int:
        """Days from the first one to the moment's, which is not counted."""
        return (self.moment.date() - self.first_day).days

    def minute_of(self, day: dt.date, minute: int = 0) -> int:
        return (day - self.first_day).days * DAY + minute

    def days_ago(self, days: int) -> dt.date:
        return self.moment.date() - dt.timedelta(days=days)

    def times(self, minutes: Ints) -> list[dt.datetime]:
        """Local clock times, without offset."""
        times = np.datetime64(self.first_day, "m") + minutes.astype("timedelta64[m]")
        return list(times.astype(dt.datetime))


@dataclass(frozen=True)
class Rate:
    """One line of rates.csv."""

    word: str
    per_day: float
    rhythm: str
    setting: str
    police: float  # share where the police were called
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Life:
    """What one feed has to tell, in order of time: columns of equal length.

    ``word`` counts in ``rates``, ``place`` in the gazetteer. ``chance`` is four columns of numbers 0-1 for
    whatever a delivery leaves to chance, drawn once so that every edition of a record reads the same.
    """

    rates: tuple[Rate, ...]
    minute: Ints
    word: Ints
    place: Ints
    is_planted: npt.NDArray[np.bool_]
    chance: Floats


@dataclass(frozen=True)
class Planted:
    """Happenings set among the drawn ones on purpose: of one feed, one word and one place each."""

    feed: str
    word: str
    place_id: str
    minute: int


def read_rates(path: Path) -> dict[str, tuple[Rate, ...]]:
    """The lines of rates.csv by feed."""
    rates: dict[str, list[Rate]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            actions = tuple(row["actions"].split("|")) if row["actions"] else ("",)
            rate = Rate(
                row["word"], float(row["per_day"]), row["rhythm"], row["setting"], float(row["police"]), actions
            )
            rates.setdefault(row["feed"], []).append(rate)
    return {feed: tuple(rows) for feed, rows in rates.items()}


def read_area_shares(path: Path) -> dict[str, dict[str, float]]:
    """Each feed's share of happenings per area."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["feed"]: {k: float(v) for k, v in row.items() if k != "feed"} for row in rows}


def live(
    settings: Settings,
    calendar: Calendar,
    rates: Sequence[Rate],
    shares: dict[str, float],
    planted: Sequence[Planted],
    seed: int,
) -> Life:
    """One feed's happenings from ``calendar.first_day`` to the moment, the planted ones among them."""
    # RandomState and not default_rng: NumPy promises that its stream never changes between releases.
    random = np.random.RandomState(seed)
    daily = np.stack([_per_day(calendar, rate) for rate in rates], axis=1)
    busy = random.gamma(25.0, 1 / 25.0, size=(len(daily), 1))  # days differ more than chance alone: 20 %
    counts = random.poisson(daily * busy)
    day, word = np.nonzero(counts)
    repeats = counts[day, word]
    day, word = np.repeat(day, repeats), np.repeat(word, repeats)
    hour = _pick(random, np.array([HOURS[_follows(rate.rhythm)] for rate in rates], dtype=float)[word])
    minute = day * DAY + DAWN + hour * 60 + random.randint(0, 60, len(day))
    gazetteer = settings.places.gazetteer
    place = _pick_places(random, gazetteer, rates, shares, word)

    index = {rate.word: n for n, rate in enumerate(rates)}
    at = {p.place_id: n for n, p in enumerate(gazetteer)}
    minute = np.concatenate([minute, np.array([p.minute for p in planted], dtype=np.int64)])
    word = np.concatenate([word, np.array([index[p.word] for p in planted], dtype=np.int64)])
    place = np.concatenate([place, np.array([at[p.place_id] for p in planted], dtype=np.int64)])
    is_planted = np.arange(len(minute)) >= len(day)

    keep = minute < calendar.day_count * DAY + LAST_WRITTEN
    order = np.flatnonzero(keep)[np.argsort(minute[keep], kind="stable")]
    chance = random.random_sample((len(order), 4))
    return Life(tuple(rates), minute[order], word[order], place[order], is_planted[order], chance)


def _per_day(calendar: Calendar, rate: Rate) -> Floats:
    """Expected happenings a day: the rate in its weekday and its season."""
    days = np.datetime64(calendar.first_day, "D") + np.arange(calendar.day_count)
    weekday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    weekdays = np.array(WEEKDAYS[_follows(rate.rhythm)])
    year_day = (days - days.astype("datetime64[Y]")).astype(np.int64)
    warmth = np.cos(2 * np.pi * (year_day - 196) / 365.25)  # 1 in mid July, -1 in mid January
    if rate.rhythm == "summer":
        season = np.maximum(0.1, 1 + 1.1 * warmth)
    elif rate.rhythm == "bangs":  # New Year's Eve, its week, and the dark before it
        season = np.where((year_day >= 355) | (year_day <= 6), 4.0, 0.7)
        season = np.where((days.astype("datetime64[M]").astype(int) % 12 == 11) & (year_day >= 364), 25.0, season)
    else:
        season = 1 + {"night": 0.15, "evening": 0.12, "office": 0.10}.get(rate.rhythm, 0.0) * warmth
    return np.asarray(rate.per_day * (weekdays / weekdays.mean())[weekday] * season)


def _follows(rhythm: str) -> str:
    return FOLLOWS.get(rhythm, rhythm)


def _pick(random: np.random.RandomState, weights: Floats) -> Ints:
    """For each row one column, drawn by the row's weights."""
    total = np.cumsum(weights, axis=1)
    return np.asarray((random.random_sample(len(total))[:, None] * total[:, -1:] >= total).sum(axis=1))


def _pick_places(
    random: np.random.RandomState,
    gazetteer: Sequence[NamedPlace],
    rates: Sequence[Rate],
    shares: dict[str, float],
    word: Ints,
) -> Ints:
    """A place for each happening: the feed's areas, the kinds of place of the setting, and places' own fame."""
    fame = random.lognormal(0.0, 0.5, len(gazetteer))
    area = np.array([shares.get(p.area_id or "", 0.0) for p in gazetteer])
    kinds = np.array([[SETTINGS[r.setting].get(p.place_type, 0.0) for p in gazetteer] for r in rates])
    areas = sorted(area_id for area_id, share in shares.items() if share > 0)
    weights = np.zeros_like(kinds)
    for area_id in areas:  # an area keeps its share however many places it has
        inside = np.array([p.area_id == area_id for p in gazetteer])
        part = kinds * fame * inside
        total = part.sum(axis=1, keepdims=True)
        weights += np.divide(part, total, out=np.zeros_like(part), where=total > 0) * area.max(
            where=inside, initial=0.0
        )
    place = np.zeros(len(word), dtype=np.int64)
    for n in range(len(rates)):
        rows = np.flatnonzero(word == n)
        place[rows] = random.choice(len(gazetteer), len(rows), p=weights[n] / weights[n].sum())
    return place
