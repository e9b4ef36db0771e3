"""The made-up year: the same bytes every time, in the shapes real senders use, with what is planted in it."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import importlib
import io
import json
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from personnummer import personnummer
from python_calamine import CalamineWorkbook
from scipy.stats import nbinom

from connectors.kit import Delivery
from connectors.normalised import Normalised
from flows import demo_town
from flows.archive import moment_in_name
from flows.demo_send import identity_number
from flows.settings import BUNDLED, Settings, read_settings
from flows.store import Store

FEEDS = ("polisen_events", "guard_nordvakt", "guard_tryggve", "felanmalan", "bostad_lindhem")


@pytest.fixture(scope="module")
def town() -> Settings:
    return read_settings(BUNDLED / "lindvik")


@pytest.fixture(scope="module")
def archive(demo: Store) -> Path:
    """The deliveries the demo itself wrote."""
    return demo.folder / "archive"


@pytest.fixture(scope="module")
def truth(town: Settings) -> dict:
    return demo_town.truth(town)


@pytest.fixture(scope="module")
def normalised(town: Settings, archive: Path) -> dict[str, Normalised]:
    """What the connectors make of the whole archive."""
    tables = {}
    for feed in FEEDS:
        deliveries = []
        for path in sorted((archive / feed).iterdir()):
            received = moment_in_name(path.name, town.timezone)
            assert received is not None
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            deliveries.append(Delivery(feed, sha256, received, path.name, "run", path))
        connector = importlib.import_module(f"connectors.{town.feeds[feed].kind}.connector")
        tables[feed] = connector.normalise(deliveries, town.context(feed), None)
    return tables


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def newest(table: pa.Table) -> pa.Table:
    """Each report as it was told last; the withdrawn ones left out."""
    number = pa.array(range(table.num_rows))
    ordered = table.append_column("n", number).sort_by(
        [("ingested_at", "ascending"), ("record_number", "ascending"), ("n", "ascending")]
    )
    rows = {report: n for n, report in enumerate(ordered.column("report_id").to_pylist())}
    last = ordered.take(list(rows.values()))
    return last.filter(pc.equal(last.column("observation"), "seen"))


def local_days(table: pa.Table) -> list[dt.date | None]:
    stamps = [
        a or b for a, b in zip(*(table.column(c).to_pylist() for c in ("occurred_from", "reported_at")), strict=True)
    ]
    zone = read_settings(BUNDLED / "lindvik").timezone
    return [s.astimezone(zone).date() if s else None for s in stamps]


def test_the_same_seed_gives_the_same_bytes(town: Settings, archive: Path, tmp_path: Path) -> None:
    demo_town.write_deliveries(town, tmp_path)
    assert files(tmp_path) == files(archive)


def test_what_stands_there_already_is_left_alone(town: Settings, archive: Path) -> None:
    path = next((archive / "guard_nordvakt").iterdir())
    before = path.stat().st_mtime_ns
    demo_town.write_deliveries(town, archive)
    assert path.stat().st_mtime_ns == before


def test_a_new_generator_takes_the_old_years_files_away(
    town: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "felanmalan" / "2020-01-01T000000Z_old.json"
    stale.parent.mkdir()
    stale.write_text("[]")
    (tmp_path / demo_town.MARKER).write_text("generator 0, made of nothing\nfelanmalan/2020-01-01T000000Z_old.json\n")
    monkeypatch.setattr(demo_town, "deliveries", lambda _: iter(()))
    demo_town.write_deliveries(town, tmp_path)
    assert not stale.exists()
    assert (tmp_path / demo_town.MARKER).read_text().startswith(f"generator {demo_town.GENERATOR_VERSION}, ")


def test_nothing_is_received_after_the_demos_moment(town: Settings, archive: Path) -> None:
    assert town.demo_moment is not None
    for feed in FEEDS:
        moments = [moment_in_name(path.name, town.timezone) for path in (archive / feed).iterdir()]
        assert all(moment is not None and moment < town.demo_moment for moment in moments)
        silent = town.demo_moment - max(m for m in moments if m)
        down = dt.timedelta(hours=town.feeds[feed].down_after_hours)
        assert (silent > down) if feed == "bostad_lindhem" else silent < dt.timedelta(hours=6), feed


def test_the_dead_feed_is_dead_and_one_was_never_heard_from(archive: Path, truth: dict) -> None:
    last = max((archive / "bostad_lindhem").iterdir()).name
    assert last.startswith(f"{truth['dead_feed']['last_day']:%Y-%m-%d}T")
    assert not (archive / truth["never_heard_feed"]).exists()


def test_the_police_windows_have_todays_shape(archive: Path) -> None:
    paths = sorted((archive / "polisen_events").iterdir())
    windows = [json.loads(path.read_bytes()) for path in paths]
    whole = [window for window in windows if len(window) == 500]
    assert len(whole) == len(windows) - 1  # one is the answer to somebody else's query
    for window in whole:
        assert len({record["type"] for record in window}) >= 41
        for record in window:
            assert list(record) == ["id", "datetime", "name", "summary", "url", "type", "location"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\d (\d|1\d|2[0-3]):\d\d:\d\d \+0[12]:00", record["datetime"])
            assert re.fullmatch(r"[1-9]\d? [a-z]+ \d\d\.\d\d, .+, .+", record["name"])
            assert record["location"]["name"].endswith(" län")
            assert len(record["summary"]) <= 110


def test_the_police_feed_is_read_whole_but_for_the_leaked_answer(normalised: dict[str, Normalised]) -> None:
    police = normalised["polisen_events"]
    assert Counter(outcome.reason for outcome in police.outcomes)["filtered_response"] == 1
    assert sum(outcome.disposition == "quarantined" for outcome in police.outcomes) == 1
    assert Counter(police.presence.column("presence").to_pylist())["vanished"] == 1
    assert set(police.notices.column("notice").to_pylist()) == {"unmapped_category"}
    own = police.observations.filter(pc.equal(police.observations.column("municipality_code"), "9901"))
    a_day = len(pc.unique(own.column("report_id"))) / 69
    assert 1.5 < a_day < 2.7


def test_the_guards_files_are_in_their_own_shapes(archive: Path) -> None:
    body = max((archive / "guard_nordvakt").iterdir()).read_bytes().decode("cp1252")
    rows = list(csv.DictReader(io.StringIO(body), delimiter=";"))
    assert {"2026-10-13", "2026-10-14", "2026-10-15"} <= {row["Datum"] for row in rows}
    assert any(re.fullmatch(r"65\d{5},\d", row["N"]) for row in rows)
    assert any(count > 1 for count in Counter(row["Rapportnr"] for row in rows).values())
    book = CalamineWorkbook.from_path(max((archive / "guard_tryggve").iterdir()))
    sheet = book.get_sheet_by_index(0).to_python()
    assert len(book.sheet_names) == 1 and sheet[0][:3] == ["Ärendenr", "Händelsedatum", "Klockslag"]
    assert isinstance(sheet[1][1], dt.date)


def test_every_delivery_is_read_and_its_dirt_is_found(normalised: dict[str, Normalised]) -> None:
    for feed in FEEDS[1:]:
        assert {outcome.disposition for outcome in normalised[feed].outcomes} == {"accepted"}, feed
    nordvakt, tryggve = normalised["guard_nordvakt"], normalised["guard_tryggve"]
    assert set(nordvakt.rejects.column("reason").to_pylist()) == {"date_unreadable"}
    assert set(tryggve.rejects.column("reason").to_pylist()) == {"date_unreadable"}
    assert "unmapped_word" in nordvakt.notices.column("notice").to_pylist()
    assert "cancelled" in nordvakt.observations.column("observation").to_pylist()
    assert "not_safety_related" in normalised["felanmalan"].rejects.column("reason").to_pylist()
    last_night = nordvakt.outcomes[-1]
    assert 1 <= last_night.rejected_count <= 3 and last_night.seen_count > 40


def test_a_report_is_corrected_in_a_later_file(normalised: dict[str, Normalised]) -> None:
    nordvakt = normalised["guard_nordvakt"].observations
    hashes: dict[str, set[str]] = {}
    for report, digest in zip(*(nordvakt.column(c).to_pylist() for c in ("report_id", "source_hash")), strict=True):
        hashes.setdefault(report, set()).add(digest)
    assert sum(len(found) > 1 for found in hashes.values()) >= 5


def test_no_invented_person_leaves_the_landing_zone(archive: Path, normalised: dict[str, Normalised]) -> None:
    person = re.compile(r"Test[a]? |Prov |Exempel |\d{8}-\d{4}|070-174|@|ABC \d{3}|OV-\d{4}|K\d{6}-")
    landed = max((archive / "guard_nordvakt").iterdir()).read_bytes().decode("cp1252")
    assert person.search(landed)
    for feed, tables in normalised.items():
        for table in (tables.observations, tables.rejects, tables.notices):
            for name in table.column_names:
                if pa.types.is_string(table.schema.field(name).type):
                    words = {w for w in pc.unique(table.column(name)).to_pylist() if w}
                    assert not [w for w in words if person.search(w)], (feed, name)


def test_the_invented_identity_numbers_are_the_tax_agencys_test_numbers() -> None:
    for serial in range(200):
        number = identity_number(serial)
        assert 980 <= int(number[9:12]) <= 999
        assert personnummer.valid(number)


def test_the_surge_is_there_in_what_the_connectors_read(normalised: dict[str, Normalised], truth: dict) -> None:
    surge = truth["surge"]
    assert (surge["from_day"], surge["until_day"]) == (dt.date(2026, 10, 9), dt.date(2026, 10, 15))
    days = {surge["from_day"] + dt.timedelta(days=n) for n in range(7)}
    found: Counter[str] = Counter()
    for feed in demo_town.SURGE_FEEDS:
        table = newest(normalised[feed].observations)
        for category, area, day in zip(
            *(table.column(c).to_pylist() for c in ("category", "area_id")), local_days(table), strict=True
        ):
            if area == surge["area_id"] and category in surge["counts"] and day in days:
                found[category] += 1
    # A report or two may be dated the day before it was found, or stand at a place nobody can read.
    for category, count in surge["counts"].items():
        assert abs(found[category] - count) <= 2, (category, found)


def test_the_surge_is_four_times_normal_and_beyond_chance(truth: dict) -> None:
    for category, count in truth["surge"]["counts"].items():
        normal = truth["surge"]["normal_weekly"][category]
        assert 3.5 <= count / normal <= 4.6, category
        # The house's predictive tail (Jeffreys baseline of 52 weeks, dispersion 1.3), and what Benjamini-Hochberg
        # asks of the second smallest of some 300 tests at q = 0.10.
        mean = normal + 0.5 / 52
        variance = 1.3 * mean * (1 + 1 / 52)
        p_value = nbinom.sf(count - 1, mean**2 / (variance - mean), mean / variance)
        assert p_value < 0.10 * 2 / 312, category


def test_the_hot_spot_is_one_square_on_four_weekend_nights(normalised: dict[str, Normalised], truth: dict) -> None:
    spot = truth["hot_spot"]
    assert [night.isoweekday() for night in spot["nights"]] == [5, 6, 5, 6]
    table = newest(normalised["guard_nordvakt"].observations)
    trouble = {"vald.brak", "ordning.storning"}
    rows = zip(*(table.column(c).to_pylist() for c in ("place_id", "category")), local_days(table), strict=True)
    there = Counter(day for place, category, day in rows if place == spot["place_id"] and category in trouble)
    assert sum(there[night] for night in spot["nights"]) >= spot["planted_count"]
    before = [day for day in there if day and day < spot["nights"][0]]
    assert sum(there[day] for day in before) / 395 < 0.25  # a quiet square on other days


def test_the_year_has_the_rhythm_of_a_town(town: Settings) -> None:
    made = demo_town.make_town(town)
    life = made.lives["guard_nordvakt"]
    weekday = (life.minute // (24 * 60) + made.calendar.first_day.weekday()) % 7
    fights = [n for n, rate in enumerate(life.rates) if rate.word == "Bråk"]
    by_day = Counter(weekday[[w in fights for w in life.word]].tolist())
    assert by_day[5] + by_day[6] > 2 * (by_day[1] + by_day[2])
    assert made.calendar.day_count >= 372
    per_day = {feed: len(made.lives[feed].minute) / made.calendar.day_count for feed in made.lives}
    assert 24 < per_day["guard_nordvakt"] < 30 and 4 < per_day["guard_tryggve"] < 6
    assert 7 < per_day["felanmalan"] < 10
