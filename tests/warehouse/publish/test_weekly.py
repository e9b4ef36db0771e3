"""The week's picture: which days it counts, what it sets beside them, and what it will not say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.publish.page import Page
from tests.warehouse.publish.week_town import of
from tests.warehouse.rows import TODAY, Town, local
from warehouse.publish.spark import HEIGHT, spark
from warehouse.publish.weekly import publish_weekly, render_weekly

#: The picture's Monday is 23 November 2026: the last whole week is 16–22 November, week 47.
MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 22)


def ago(day: date) -> int:
    return (TODAY - day).days


def numbers(picture: dict[str, Any]) -> dict[str, Any]:
    """The week's counts by level: one row of ``total`` and ``perception``, a list of each other."""
    week = picture["week"]
    of = {level: [row for row in week["week_number"] if row["level"] == level] for level in ("category", "area")}
    (total,), (perception,) = ([r for r in week["week_number"] if r["level"] == x] for x in ("all", "perception"))
    return {**week, **of, "total": total, "perception": perception}


@pytest.fixture
def town() -> Town:
    town = Town()
    town.heard("guard_a", 371)
    town.heard("open311_town", 371)
    return town


def test_the_week_is_monday_to_sunday_and_stands_beside_the_four_before_and_last_years(
    town: Town, tmp_path: Path
) -> None:
    days = {"in": (MONDAY, SUNDAY, SUNDAY), "before": (date(2026, 11, 15), date(2026, 10, 19)), "out": (TODAY,)}
    days["last_year"] = (date(2025, 11, 17), date(2025, 11, 23))
    for name, listed in days.items():
        for n, day in enumerate(listed):
            town.report(f"{name}{n}", local(ago(day), "12:00"), category="vald.brak", area_id="centrum")
    week = numbers(of(town, tmp_path))
    assert (week["from_day"], week["until_day"]) == ("2026-11-16", "2026-11-22")
    assert week["total"]["weeks"][-5:] == [1, 0, 0, 1, 3]
    assert week["total"]["mean_4_weeks"] == 0.5 and week["total"]["last_year"] == 2
    assert [row["key"] for row in week["category"]] == ["vald.brak"]
    assert [row["weeks"][-1] for row in week["area"]] == [3, 0]


def test_weeks_before_anybody_was_heard_are_unknown_and_no_mean_is_made_of_them(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 20)
    town.report("a", local(3, "12:00"))
    picture = of(town, tmp_path)
    total = numbers(picture)["total"]
    assert total["weeks"][:9] == [None] * 9 and total["weeks"][-1] == 1
    assert total["mean_4_weeks"] is None and total["last_year"] is None
    assert "samma vecka i fjol –" in Page(render_weekly(picture)).text()


def test_a_week_in_which_no_source_of_counts_was_heard_is_unknown_and_not_empty(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 371, 10)  # silent the whole week
    town.heard("polisen_events", 371)  # an alarm bell, in no count
    picture = of(town, tmp_path)
    total = numbers(picture)["total"]
    assert total["count"] is None and total["weeks"][-1] is None and total["weeks"][-2] == 0
    assert total["mean_4_weeks"] == 0.0 and total["last_year"] == 0
    assert all(row["count"] is None for row in numbers(picture)["area"])
    text = Page(render_weekly(picture)).text()
    assert "0 händelser" not in text and "samma vecka i fjol 0" in text
    for first, after in (("3 Kategorier", "4 Områden"), ("6 Platser", "8 Upplevd"), ("11 ", "12 ")):
        assert "inget" not in text[text.index(first) : text.rindex(after)], first


def test_a_source_that_was_silent_for_part_of_the_week_is_marked(town: Town, tmp_path: Path) -> None:
    town.heard("guard_b", 371, 5)
    picture = of(town, tmp_path)
    heard = {row["source_id"]: row["heard_days"] for row in picture["week"]["week_source"]}
    assert heard == {"guard_a": 7, "guard_b": 3, "open311_town": 7, "polisen_events": 0}
    text = Page(render_weekly(picture)).text()
    assert "▲ 3 av 7 dygn" in text and "● 7 av 7 dygn" in text and "– ingen uppgift" in text
    # The police were never heard: they have nothing to fall silent from, and nobody is told that they did.
    assert "◇ inte hörd än" in text and "▲ 0 av 7" not in text


def test_a_source_first_heard_after_the_week_or_not_expected_daily_was_not_silent_in_it(
    town: Town, tmp_path: Path
) -> None:
    town.heard("guard_b", 0)
    next(row for row in town.feeds if row["source_id"] == "polisen_events")["expected_every_hours"] = 720.0
    picture = of(town, tmp_path)
    coverage = {row["source_id"]: row["week_coverage"] for row in picture["week"]["week_source"]}
    assert coverage == {
        "guard_a": "heard", "guard_b": "begins", "open311_town": "heard", "polisen_events": "seldom",
    }  # fmt: skip
    text = Page(render_weekly(picture)).text()
    assert "▲" not in text and "0 av 7 dygn, väntas inte varje dygn" in text


def test_unsafety_is_apart_from_crime_and_unknown_where_its_source_is_silent(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 371)
    town.heard("open311_town", 371, 10)  # silent the whole week
    town.report("walk", local(20), source_id="open311_town", category="plats.otrygg", counts_as="perception")
    week = numbers(of(town, tmp_path))
    assert week["perception"]["weeks"][-1] is None and sum(n or 0 for n in week["perception"]["weeks"]) == 1
    assert sum(week["total"]["weeks"]) == 0


def test_a_rate_is_printed_from_500_inhabitants_up(town: Town, tmp_path: Path) -> None:
    for n in range(8):
        town.report(f"c{n}", local(3), area_id="centrum")
    picture = of(town, tmp_path)
    assert "2,0" in Page(render_weekly(picture)).text()  # 8 of 4,000
    next(r for r in picture["week"]["week_number"] if r["level"] == "area")["population"] = 499
    assert "2,0" not in Page(render_weekly(picture)).text()


def test_the_polices_notices_are_in_no_count(town: Town, tmp_path: Path) -> None:
    town.report("notice", local(3), source_id="polisen_events", municipality_code="9999")
    assert sum(numbers(of(town, tmp_path))["total"]["weeks"]) == 0


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_is_whole_asks_for_nothing_and_names_its_methods(town: Town, language: str, tmp_path: Path) -> None:
    town.report("a", local(3), area_id="centrum")
    files = publish_weekly(town.build(tmp_path).path, tmp_path / "out", [language])
    assert files[language].name == f"veckobild_9999_2026-v47_TLP-AMBER_{language}.html"
    html = files[language].read_text(encoding="utf-8")
    page = Page(html)
    assert page.faults == page.unclosed == page.comments == [] and "://" not in html
    assert not set(page.tags()) & {"script", "img", "form", "iframe", "link"}
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert page.tags().count("title") == page.tags().count("svg") + 1
    assert json.loads(files["json"].read_bytes())["week"]["until_day"] == "2026-11-22"


def test_a_name_of_an_area_is_text(town: Town, tmp_path: Path) -> None:
    picture = of(town, tmp_path)
    tags = set(Page(render_weekly(picture)).tags())
    next(r for r in picture["week"]["week_number"] if r["level"] == "area")["name_sv"] = "<script>x</script>"
    assert set(Page(render_weekly(picture)).tags()) == tags


def test_in_the_small_chart_an_unknown_week_is_no_bar_and_one_incident_no_peak() -> None:
    bars = spark([None, 0, 1, 4])
    assert [bar.is_known for bar in bars] == [False, True, True, True]
    assert [bar.height for bar in bars] == [0.0, 0.0, round(HEIGHT / 4, 1), HEIGHT]
    assert [bar.is_last for bar in bars] == [False, False, False, True]
    assert spark([1])[0].height < HEIGHT / 2
