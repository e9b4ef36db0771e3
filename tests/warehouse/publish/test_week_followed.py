"""Section 10 of the weekly picture: followed-up insatser, and what their counts allow anybody to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.publish.page import Page
from tests.warehouse.publish.week_town import day, insats, of
from tests.warehouse.rows import Town, local, rows_of
from warehouse.publish.weekly import render_weekly


def followed(
    town: Town, before: int, during: int, rest: tuple[int, int], folder: Path, heard: int = 40, **values: Any
) -> dict[str, Any]:
    """An insats of fourteen days in Centrum, with that many reports before and during, there and elsewhere."""
    town.heard("guard_a", heard)
    town.register("insats")
    for area, counts in (("centrum", (before, during)), ("norra", rest)):
        for span, count in enumerate(counts):
            for n in range(count):
                town.report(
                    f"{area}{span}-{n}", local(36 - 14 * span - n % 14, "21:00"), area_id=area, category="skada.klotter"
                )
    ran = {"category": "skada.klotter", "area_id": "centrum", "start_day": day(22), "stop_day": day(9)}
    insats(town, "X", **{"insats_status": "klar", **ran, **values})
    (row,) = town.rows(folder, "FROM picture.week_followed")
    return row


def test_a_follow_up_gives_both_measures_of_the_published_case_and_says_that_they_disagree(tmp_path: Path) -> None:
    row = followed(Town(), 80, 20, (100, 50), tmp_path)
    counts = [row[name] for name in ("before_count", "during_count", "control_before_count", "control_during_count")]
    assert counts == [80, 20, 100, 50] and row["source_count"] == 1
    assert row["difference"] == -10 and row["difference_low"] < 0 < row["difference_high"]
    assert (row["ratio"], row["ratio_low"], row["ratio_high"]) == (0.5, 0.28, 0.91)
    assert (row["difference_low"], row["difference_high"]) == (-41.0, 21.0)
    assert row["followed_verdict"] == "points_less"


def test_a_category_that_clumps_over_the_year_needs_more_to_show_the_same(tmp_path: Path) -> None:
    row = followed(Town(), 80, 20, (100, 50), tmp_path, heard=377)  # a year of nothing, then all of it in four weeks
    assert row["ratio"] == 0.5 and row["ratio_high"] > 1 and row["followed_verdict"] == "undecided"


@pytest.mark.parametrize(
    ("counts", "values", "verdict"),
    [
        ((4, 0, (20, 22)), {}, "too_few"),
        ((100, 10, (100, 100)), {}, "supports_less"),
        ((100, 98, (100, 100)), {}, "undecided"),
        ((4, 0, (9, 9)), {"category": None}, "no_ground"),
        ((4, 0, (9, 9)), {"category": "vald.sexualbrott"}, "sensitive"),
        ((4, 0, (9, 9)), {"start_day": day(35), "place_id": "torget", "area_id": None}, "too_long"),
    ],
)
def test_a_follow_up_says_no_more_than_the_counts_allow(
    counts: tuple[int, int, tuple[int, int]], values: dict[str, Any], verdict: str, tmp_path: Path
) -> None:
    row = followed(Town(), *counts, tmp_path, **values)
    assert row["followed_verdict"] == verdict
    assert (row["before_count"] is None) == (verdict in ("no_ground", "sensitive", "too_long"))


@pytest.mark.parametrize("category", [None, "vald.sexualbrott", "skada.klotter"])
def test_what_cannot_be_followed_up_has_its_query_too(category: str | None, tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 40)
    town.register("insats")
    town.report("x", local(25, "21:00"), area_id="centrum", category="skada.klotter")
    told = {"category": category, "area_id": "centrum", "start_day": day(22), "stop_day": day(9)}
    insats(town, "X", insats_status="klar", **told)
    asked = "SELECT q.sql FROM picture.week_followed AS f LEFT JOIN picture.week_query AS q ON q.query_id = f.query_id"
    database = town.build(tmp_path, asked).path
    (row,) = rows_of(database, asked)
    assert rows_of(database, row["sql"])


def test_a_source_that_was_silent_a_day_of_either_span_is_not_counted(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_b", 30)  # it began within the days before
    for n in range(40):
        town.report(f"b{n}", local(21, "12:00"), source_id="guard_b", category="skada.klotter", area_id="centrum")
    row = followed(town, 3, 3, (0, 0), tmp_path)
    assert (row["during_count"], row["left_out_sources"]) == (3, 2)  # guard_b, and one never heard


def test_the_plans_indicator_is_said_to_be_measured_only_where_the_counts_are_of_it(tmp_path: Path) -> None:
    town = Town()
    followed(town, 80, 20, (100, 50), tmp_path, indicator="Klotter i Centrum")
    ran = {"insats_status": "klar", "category": "skada.klotter", "area_id": "centrum", "stop_day": day(9)}
    insats(town, "Y", indicator="Klotter efter 20", start_day=day(22), **ran)
    insats(town, "Z", indicator="Hur skolan mår", start_day=day(22), **ran)
    insats(town, "U", indicator="Klotter utan början", **ran)
    (tmp_path / "week").mkdir()
    text = Page(render_weekly(of(town, tmp_path / "week"))).text()
    for indicator, verdict in (
        ("Klotter i Centrum", "mäts av antalen här"),
        ("Klotter efter 20", "mäts inte: timmar och gränser"),
        ("Hur skolan mår", "mäts inte: den nämner inte det slag"),
        ("Klotter utan början", "mäts inte: inget räknas"),
    ):
        assert f"Indikator enligt planen: {indicator} ({verdict}" in text
