"""Made-up deliveries of three feeds, of any size, with what must come of them known beforehand.

The same seed and size give the same bytes. Every feed tells most things more than once: the police's windows of 500
overlap, a guard file repeats the three days before its week, a request comes again when it is closed. Some rows are
dirty as real ones are: days that do not exist, rows told twice, words nobody knows, requests without a time.

    python -m tests.bench.generate FOLDER --size 1e5
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from flows.opened import open_settings
from tests.bench.words import ACTIONS, HEADER, MONTHS, SERVICES, TEXTS, TOWNS, TYPES, WORDS

POLICE, GUARD, REQUESTS = "polisen_events", "guard_nordvakt", "felanmalan"
FEEDS = (POLICE, GUARD, REQUESTS)
ZONE = ZoneInfo("Europe/Stockholm")

#: Shares of the reports, near those of the made-up town's feeds.
SHARES = {POLICE: 0.1, GUARD: 0.6, REQUESTS: 0.3}

#: The morning of the nightly delivery (local time). History ends the evening before.
NIGHT = datetime(2026, 10, 16, 5, 30)  # noqa: DTZ001 (local by meaning)

#: Reports a day while the history is at most 15 years long; a larger history is denser instead. So that 1e5 and 1e6
#: have the same last thirteen months, which is what a morning's picture needs.
DAILY, LONGEST_DAYS = 250, 15 * 365

#: The nightly delivery: 2,000 new and 200 corrected over the three feeds.
NEW = {POLICE: 200, GUARD: 1200, REQUESTS: 600}
CORRECTED = {POLICE: 20, GUARD: 120, REQUESTS: 60}

WINDOW, STEP = 500, 125  # notices in a window, and new ones between two windows
WEEK, DAY = 7 * 1440, 1440  # minutes


@dataclass
class Truth:
    """What must come of one feed's deliveries."""

    seen: int = 0
    rejected: int = 0
    accepted: int = 0  # records that became a version
    reports: int = 0


@dataclass(frozen=True)
class File:
    """One delivery: its feed, its name (with the local time of receipt) and its bytes."""

    feed: str
    name: str
    body: bytes


class Bench:
    """All deliveries of one size and seed. ``history`` must be walked to its end before ``night``."""

    def __init__(self, size: int, seed: int = 1) -> None:
        self.size, self.random = size, np.random.default_rng(seed)
        weeks = max(2, round(min(size / DAILY, LONGEST_DAYS) / 7))
        self.weeks = weeks
        self.start = NIGHT.replace(hour=0, minute=0) - timedelta(weeks=weeks)
        self.truth = {"history": {f: Truth() for f in FEEDS}, "night": {f: Truth() for f in FEEDS}}
        self.count = {feed: max(WINDOW + STEP, round(size * share)) for feed, share in SHARES.items()}
        self.minute = {
            feed: np.sort(self.random.integers(0, weeks * WEEK, self.count[feed])).astype(np.int64) for feed in FEEDS
        }
        places = open_settings("lindvik").places.gazetteer
        self.places = [place for place in places if place.latitude is not None and place.area_id is not None]
        self.place_of = {feed: self.random.integers(0, len(self.places), self.count[feed] + 5000) for feed in FEEDS}
        self._points = _points(self.places)
        serial, opened = np.arange(self.count[REQUESTS]), self.minute[REQUESTS]
        self.closed = np.where(serial % 10 < 7, opened // WEEK + 1 + serial % 3, 1 << 40)  # week it is closed in

    def history(self) -> Iterator[File]:
        """The deliveries of all the years, feed by feed, oldest first."""
        yield from self._police()
        for week in range(self.weeks):
            yield self._guard(week)
        for week in range(self.weeks):
            yield self._requests(week)

    def night(self) -> Iterator[File]:
        """The three deliveries of one night."""
        yield self._police_night()
        yield self._guard_night()
        yield self._requests_night()

    def _at(self, minute: int) -> datetime:
        return self.start + timedelta(minutes=int(minute))

    # The police: windows of the 500 notices changed last; one in twelve is edited, one in five hundred taken away,
    # each a window after it came.

    def _police(self) -> Iterator[File]:
        truth, minute = self.truth["history"][POLICE], self.minute[POLICE]
        order = [(n, 0) for n in range(WINDOW)]
        truth.seen = truth.accepted = truth.reports = WINDOW
        yield self._window(order, self._at(minute[WINDOW - 1]))
        for low in range(WINDOW, self.count[POLICE] - STEP + 1, STEP):
            gone = {n for n in range(low - STEP, low) if n % 500 == 77}
            edited = {n for n in range(low - STEP, low) if n % 12 == 3} - gone
            order = [item for item in order if item[0] not in gone | edited]
            order = (order + [(n, 1) for n in sorted(edited)] + [(n, 0) for n in range(low, low + STEP)])[-WINDOW:]
            truth.seen += WINDOW
            truth.accepted += STEP + len(edited)
            truth.reports += STEP
            yield self._window(order, self._at(minute[low + STEP - 1]))
        self.kept = order

    def _window(self, order: list[tuple[int, int]], changed: datetime) -> File:
        body = "[" + ",".join(self._notice(n, edition) for n, edition in reversed(order)) + "]"
        return File(POLICE, f"events-{changed + timedelta(minutes=1):%Y-%m-%d_%H%M}.json", body.encode())

    def _notice(self, n: int, edition: int) -> str:
        minute = int(self.minute[POLICE][n]) if n < self.count[POLICE] else self.weeks * WEEK - 1
        at = self._at(minute)
        kind = TYPES[n % len(TYPES)]
        place = TOWNS[n * 31 % len(TOWNS)]
        text = f"{TEXTS[n % len(TEXTS)]}{' Texten är uppdaterad.' * edition}"
        return (
            f'{{"id":{100000 + n},"datetime":"{at:%Y-%m-%d} {at.hour}:{at:%M:%S} {_offset(at)}","name":"{at.day} '
            f'{MONTHS[at.month - 1]} {at:%H.%M}, {kind}, {place}","summary":"{text}","url":"/aktuellt/handelser/{n}/",'
            f'"type":"{kind}","location":{{"name":"{place}","gps":"58.9,16.98"}}}}'
        )

    def _police_night(self) -> File:
        truth, new, corrected = self.truth["night"][POLICE], NEW[POLICE], CORRECTED[POLICE]
        standing = self.kept[new:]
        edited = [n for n, edition in standing if edition == 0][-corrected:]
        order = [item for item in standing if item[0] not in set(edited)] + [(n, 2) for n in edited]
        order += [(self.count[POLICE] + n, 0) for n in range(new)]
        truth.seen, truth.accepted, truth.reports = WINDOW, new + corrected, new
        return self._window(order, NIGHT)

    # The guards: a file a week, with the three days before it again, one report in 25 corrected a week later and one
    # in 250 cancelled.

    def _guard(self, week: int) -> File:
        truth, minute = self.truth["history"][GUARD], self.minute[GUARD]
        before, low, high = np.searchsorted(minute, [(week - 1) * WEEK, week * WEEK, (week + 1) * WEEK]).tolist()
        again = [n for n in range(before, low) if n % 25 == 7 or minute[n] >= week * WEEK - 3 * DAY]
        corrected = sum(n % 25 == 7 for n in again)
        rows = [self._report(n, int(n % 25 == 7)) for n in again] + [self._report(n, 0) for n in range(low, high)]
        dirty = 1 + (high - low) // 500
        rows += [self._report(int(high) - 1 - i, 0) for i in range(min(dirty, int(high - low)))]  # told twice
        truth.seen += len(rows) + dirty
        truth.rejected += dirty
        rows += [
            f"NV-9{week:05d}{i:03d};2026-13-45;01.10;;Stortorget;Klotter;;Ingen;Nej;;OV-1;;;" for i in range(dirty)
        ]
        truth.accepted += int(high - low) + corrected
        truth.reports += int(high - low)
        return self._guard_file(rows, self._at((week + 1) * WEEK))

    def _guard_file(self, rows: list[str], received: datetime) -> File:
        body = "\r\n".join([HEADER, *rows, ""]).encode("cp1252")
        return File(GUARD, f"nordvakt_{received:%Y-%m-%d_%H%M}.csv", body)

    def _report(self, n: int, edition: int) -> str:
        minute = int(self.minute[GUARD][n]) if n < self.count[GUARD] else self.weeks * WEEK - 900 + n % 890
        at = self._at(minute)
        shift = at - timedelta(hours=7)  # the night shift is dated by the day it began
        until = at + timedelta(minutes=5 + n % 35)
        place = self.place_of[GUARD][n % len(self.place_of[GUARD])]
        name = f"Objekt {n % 400}" if n % 40 == 17 else self.places[place].name
        word = "" if n % 311 == 5 else WORDS[n * 7 % len(WORDS)]
        action = (
            ("Makulerad" if n % 250 == 32 else "Polis tillkallad", "Gripande")[edition - 1]
            if edition
            else ACTIONS[n % 5]
        )
        point = self._points[place][n % 8] if n % 5 < 3 else ";"
        return (
            f"NV-{n + 100000};{shift:%Y-%m-%d};{at:%H.%M};{until:%H.%M};{name};{word};Upptäcktes under rond {n}.;"
            f"{action};{'Ja' if n % 9 == 0 else 'Nej'};;OV-{1000 + n % 60};{point};"
        )

    def _guard_night(self) -> File:
        truth, count, new = self.truth["night"][GUARD], self.count[GUARD], NEW[GUARD]
        corrected = [count - 1 - 3 * i for i in range(CORRECTED[GUARD])]
        again = [n for n in range(max(0, count - 450), count) if n not in set(corrected)]
        rows = [self._report(n, 2) for n in corrected] + [self._report(n, 0) for n in again if n % 25 != 7]
        rows += [self._report(count + n, 0) for n in range(new)]
        truth.seen, truth.accepted, truth.reports = len(rows), new + len(corrected), new
        return self._guard_file(rows, NIGHT)

    # The municipality's requests: a file a week of what was opened or closed, and the last day before it again.

    def _requests(self, week: int) -> File:
        truth, opened = self.truth["history"][REQUESTS], self.minute[REQUESTS]
        bounds = [(week - 4) * WEEK, week * WEEK - DAY, week * WEEK, (week + 1) * WEEK]
        first, before, low, high = np.searchsorted(opened, bounds).tolist()
        closing = [n for n in range(first, low) if self.closed[n] == week]
        told = sorted({*closing, *range(before, low)}) + list(range(low, high))
        rows = [self._request(n, int(self.closed[n] <= week)) for n in told]
        refused = sum(_is_refused(n) for n in told)
        truth.seen += len(rows)
        truth.rejected += refused
        truth.accepted += sum(not _is_refused(n) for n in [*range(low, high), *closing])
        truth.reports += sum(not _is_refused(n) for n in range(low, high))
        return self._request_file(rows, self._at((week + 1) * WEEK))

    def _request_file(self, rows: list[str], received: datetime) -> File:
        return File(REQUESTS, f"requests_{received:%Y-%m-%d_%H%M}.json", ("[" + ",\n".join(rows) + "]").encode())

    def _request(self, n: int, edition: int) -> str:
        minute = int(self.minute[REQUESTS][n]) if n < self.count[REQUESTS] else self.weeks * WEEK - 900 + n % 890
        at = self._at(minute)
        code, name = SERVICES[3 if n % 20 == 3 else n % 3 if n % 2 else 4 + n % 4]
        place = self.places[self.place_of[REQUESTS][n % len(self.place_of[REQUESTS])]]
        opened = "" if n % 400 == 9 else f"{at:%Y-%m-%dT%H:%M:%S}Z"
        updated = at + timedelta(days=1 + edition)
        return (
            f'{{"service_request_id":"LV-{n}","status":"{"closed" if edition else "open"}","service_code":"{code}",'
            f'"service_name":"{name}","description":"Ärende {n} vid {place.name}.","requested_datetime":"{opened}",'
            f'"updated_datetime":"{updated:%Y-%m-%dT%H:%M:%S}Z","address":"{place.name}",'
            f'"lat":{place.latitude},"long":{place.longitude},"media_url":""}}'
        )

    def _requests_night(self) -> File:
        truth, count, new = self.truth["night"][REQUESTS], self.count[REQUESTS], NEW[REQUESTS]
        standing = [n for n in range(count - 1, 0, -1) if n % 10 >= 7 and not _is_refused(n)][: CORRECTED[REQUESTS]]
        fresh = range(count, count + new)
        rows = [self._request(n, 1) for n in standing] + [self._request(n, 0) for n in fresh]
        truth.seen, truth.rejected = len(rows), sum(map(_is_refused, fresh))
        truth.reports = new - truth.rejected
        truth.accepted = truth.reports + len(standing)
        return self._request_file(rows, NIGHT)


def _offset(local: datetime) -> str:
    return "+02:00" if local.replace(tzinfo=ZONE).utcoffset() == timedelta(hours=2) else "+01:00"


def _is_refused(n: int) -> bool:
    """Requests about holes in the road, and those without a time."""
    return n % 20 == 3 or n % 400 == 9


def _points(places: list) -> list[list[str]]:
    """Eight points within metres of each place, as "northing;easting" in SWEREF 99 TM with a decimal comma."""
    import pyproj

    to_sweref = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3006", always_xy=True)
    easting, northing = to_sweref.transform([p.longitude for p in places], [p.latitude for p in places])
    return [
        [f"{y + i * 3.7:.1f};{x - i * 2.9:.1f}".replace(".", ",") for i in range(8)]
        for x, y in zip(easting, northing, strict=True)
    ]


def write(folder: Path, size: int, seed: int = 1) -> dict[str, dict[str, Truth]]:
    """Write ``history/<feed>/`` and ``night/<feed>/`` and ``truth.json`` below ``folder``; returns the truth."""
    bench = Bench(size, seed)
    for part, files in (("history", bench.history()), ("night", bench.night())):
        for feed in FEEDS:
            (folder / part / feed).mkdir(parents=True, exist_ok=True)
        for file in files:
            (folder / part / file.feed / file.name).write_bytes(file.body)
    plain = {part: {feed: asdict(truth) for feed, truth in feeds.items()} for part, feeds in bench.truth.items()}
    (folder / "truth.json").write_text(json.dumps({"size": size, "seed": seed, **plain}, indent=1), encoding="utf-8")
    return bench.truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=float, default=1e4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(write(given.folder, int(given.size), given.seed))


if __name__ == "__main__":
    main()
