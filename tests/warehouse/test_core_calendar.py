"""Days, periods and exposure: whole local days, 364 back, and who was heard on which."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.warehouse.rows import Town, local, rows_of, weekly


@pytest.mark.parametrize(
    ("day", "a_year_before"),
    [
        ("2026-12-28", "2025-12-29"),  # week 53 of 2026; 2025 has none
        ("2027-01-03", "2026-01-04"),
        ("2026-02-28", "2025-03-01"),
        ("2024-02-29", "2023-03-02"),
    ],
)
def test_the_baseline_is_of_the_same_weekdays_over_year_ends_and_leap_days(
    tmp_path: Path, day: str, a_year_before: str
) -> None:
    newest = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    path = Town(moment=newest + timedelta(days=1)).build(tmp_path, "core.local_day").path
    (row,) = rows_of(path, f"SELECT period, weekday FROM core.local_day WHERE local_day = DATE '{day}'")
    assert row == {"period": 0, "weekday": newest.isoweekday()}
    (before,) = rows_of(path, f"SELECT period, weekday FROM core.local_day WHERE local_day = DATE '{a_year_before}'")
    assert before == {"period": 52, "weekday": newest.isoweekday()}
    assert rows_of(path, "SELECT count(*) AS n FROM core.local_day WHERE period BETWEEN 1 AND 52") == [{"n": 364}]


def test_a_local_day_has_23_hours_in_march_and_25_in_october(tmp_path: Path) -> None:
    hours = "SELECT local_day::VARCHAR AS d, epoch(day_until - day_from) / 3600 AS h FROM core.local_day"
    told = Town().rows(tmp_path, f"{hours} WHERE h <> 24 ORDER BY d")
    assert told == [{"d": "2026-03-29", "h": 23.0}, {"d": "2026-10-25", "h": 25.0}]


def test_an_incident_just_before_local_midnight_belongs_to_its_local_day(tmp_path: Path) -> None:
    town = Town()
    town.report("late", local(1, "23:59"))  # 22:59 UTC
    town.report("early", local(1, "00:01"))  # 23:01 UTC the day before
    town.report("today", local(0, "00:01"))
    told = town.rows(tmp_path, "SELECT source_id, period FROM core.incident ORDER BY event_at")
    assert [r["period"] for r in told] == [0, 0, None]


def heard_days(town: Town, folder: Path, source_id: str = "guard_a") -> list[int]:
    query = f"SELECT days_ago FROM core.feed_day WHERE is_heard AND source_id = '{source_id}' ORDER BY days_ago"
    return [row["days_ago"] for row in town.rows(folder, query)]


def test_a_delivery_covers_its_days_and_its_end_is_not_covered(tmp_path: Path) -> None:
    town = Town()
    town.delivery("guard_a", local(0, "04:00"), covers_from=local(3, "18:00"), covers_until=local(1, "00:00"))
    assert heard_days(town, tmp_path) == [2, 3]


def test_a_delivery_that_does_not_say_what_it_covers_speaks_of_its_day_and_the_day_before(tmp_path: Path) -> None:
    town = Town()
    town.delivery("guard_a", local(5, "04:00"))
    assert heard_days(town, tmp_path) == [5, 6]


def test_a_quarantined_delivery_covers_nothing_and_a_day_told_of_is_heard(tmp_path: Path) -> None:
    town = Town()
    town.delivery("guard_a", local(5, "04:00"), disposition="quarantined", reason="not_csv")
    town.report("round", local(9), category="vaktaktivitet.rond")
    assert heard_days(town, tmp_path) == [9]


def test_an_answer_with_nothing_new_makes_the_day_heard(tmp_path: Path) -> None:
    town = Town()
    town.attempt("guard_a", 1, status="nothing_new", http_status=304)
    assert heard_days(town, tmp_path) == [0, 1]


def test_a_silent_saturday_takes_more_exposure_than_a_silent_tuesday(tmp_path: Path) -> None:
    exposure = {}
    for name, silent in {"saturday": 2, "tuesday": 6}.items():  # days before Monday the 23rd
        town = Town()
        town.heard("guard_a", 371, silent + 1)
        town.heard("guard_a", silent - 1)
        for week in range(1, 53):
            for n in range(4):
                town.report(f"sat{week}-{n}", local(7 * week + 2))
            for day in (1, 3, 4, 5, 6, 7):
                town.report(f"{day}{week}", local(7 * week + day))
        folder = tmp_path / name
        folder.mkdir()
        (row,) = town.rows(folder, "SELECT exposure_0 FROM core.source_history WHERE history = 'full'")
        exposure[name] = row["exposure_0"]
    assert exposure["saturday"] == pytest.approx(0.6, abs=1e-6) and exposure["tuesday"] == pytest.approx(0.9, abs=1e-6)


def test_with_few_incidents_every_weekday_weighs_the_same(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 371)
    for n in range(69):  # one each on six weekdays, the rest on Saturdays
        town.report(f"s{n}", local(9 + 7 * (n % 50) + (n if n < 7 else 0)))
    assert town.rows(tmp_path, "SELECT DISTINCT factor FROM core.weekday_factor") == [{"factor": 1.0}]


def test_a_sources_history_is_full_short_or_new(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 371)
    town.heard("guard_b", 363)
    town.heard("open311_town", 62)
    weekly(town, [1])
    told = town.rows(tmp_path, "SELECT source_id, history FROM core.source_history ORDER BY 1")
    assert [r["history"] for r in told] == ["full", "short", "new"]
