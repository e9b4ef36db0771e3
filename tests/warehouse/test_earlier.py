"""What is new, stronger and gone since the earlier picture, in sections 5 and 6; and what is never called new."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.asked import only
from tests.warehouse.rows import MOMENT, Town, local, rows_of, weekly
from warehouse.build import build
from warehouse.connection import connect
from warehouse.earlier import UNREADABLE, said_by
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render

#: A year of calm, then a week far above it.
SURGE = [12] + [2, 1, 2, 1] * 13


@pytest.fixture
def town() -> Town:
    town = Town()
    town.heard("guard_a", 371)
    return town


def said(**rows: list[dict[str, Any]]) -> dict[str, Any]:
    moment = (MOMENT - timedelta(days=1)).isoformat()
    return {"moment_at": moment, "picture_number": "2026-326-0615", "deviation": [], "focus_place": []} | rows


def deviation(**values: Any) -> dict[str, Any]:
    row = {"level": "cell", "area_id": "centrum", "area_name": "Centrum", "category": "skada.skadegorelse",
           "category_sv": "Skadegörelse", "category_en": "Damage", "verdict": "signal", "count": 12}  # fmt: skip
    return row | values


def place(**values: Any) -> dict[str, Any]:
    return {
        "place_id": "torget",
        "place_name": "Torget",
        "area_name": "Centrum",
        "count_7d": 6,
        "count_28d": 6,
    } | values


def picture(town: Town, folder: Path, earlier: dict[str, Any] | None) -> dict[str, Any]:
    with connect(build(replace(town.inputs(folder), earlier=earlier), folder / "t.duckdb").path, read_only=True) as con:
        return read_picture(con)


def sections(town: Town, folder: Path, earlier: dict[str, Any] | None) -> dict[str, Any]:
    """Of the picture what this is about: sections 5 and 6, and what is gone from them."""
    names = ("deviation", "focus_place", "gone")
    with only(*(f"picture.{name}" for name in names)):
        path = build(replace(town.inputs(folder), earlier=earlier), folder / "t.duckdb").path
    return {name: rows_of(path, f"FROM picture.{name} ORDER BY position") for name in names}


def cell(found: dict[str, Any]) -> dict[str, Any]:
    (row,) = [row for row in found["deviation"] if row["level"] == "cell"]
    return row


def test_the_first_picture_says_so_and_calls_nothing_new(town: Town, tmp_path: Path) -> None:
    weekly(town, SURGE, place_id="torget")
    found = picture(town, tmp_path, None)
    assert found["earlier"] == {"earlier_at": None, "earlier_number": None, "is_first": True}
    assert found["deviation"] and found["focus_place"] and found["gone"] == []
    assert {row["since_earlier"] for row in found["deviation"] + found["focus_place"]} == {None}


def test_where_the_earlier_picture_cannot_be_read_nothing_is_called_first_or_new(town: Town, tmp_path: Path) -> None:
    weekly(town, SURGE, place_id="torget")
    found = picture(town, tmp_path, UNREADABLE)
    assert found["earlier"] == {"earlier_at": None, "earlier_number": None, "is_first": False}
    assert {row["since_earlier"] for row in found["deviation"] + found["focus_place"]} == {None}
    text = render(found)
    assert "Förra bilden kan inte läsas" in text and "Första bilden" not in text


def test_what_the_earlier_picture_did_not_list_is_new(town: Town, tmp_path: Path) -> None:
    weekly(town, SURGE, place_id="torget")
    found = sections(town, tmp_path, said())
    assert cell(found)["since_earlier"] == "new" and cell(found)["earlier_count"] is None
    assert found["focus_place"][0]["since_earlier"] == "new"


@pytest.mark.parametrize(
    ("then", "since"),
    [
        ({"count": 10}, "same"),  # two more reports are chance
        ({"count": 9}, "stronger"),
        ({"count": 14, "verdict": "watch"}, "stronger"),
        ({"count": 1, "verdict": "fall"}, "new"),  # a fall is another thing than a rise
    ],
)
def test_stronger_is_a_verdict_that_rose_or_three_more(
    then: dict[str, Any], since: str, town: Town, tmp_path: Path
) -> None:
    weekly(town, SURGE)
    found = sections(town, tmp_path, said(deviation=[deviation(**then)]))
    assert cell(found)["verdict"] == "signal" and cell(found)["since_earlier"] == since
    assert cell(found)["earlier_count"] == (None if since == "new" else then["count"])


def test_a_verdict_that_sank_is_weaker(town: Town, tmp_path: Path) -> None:
    town.report("grave", local(2), category="vald.ran", severity_default=4)
    weekly(town, [1] * 53)
    found = sections(town, tmp_path, said(deviation=[deviation(category="vald.ran", count=5)]))
    (row,) = [row for row in found["deviation"] if row["category"] == "vald.ran" and row["level"] == "cell"]
    assert (row["verdict"], row["since_earlier"]) == ("severe", "weaker")


def test_a_place_is_stronger_with_three_more_in_seven_days(town: Town, tmp_path: Path) -> None:
    weekly(town, [6], place_id="torget")
    for then, since in ((3, "stronger"), (4, "same")):
        found = sections(town, tmp_path, said(focus_place=[place(count_7d=then)]))
        assert found["focus_place"][0]["since_earlier"] == since, then


def test_a_deviation_that_is_gone_says_what_it_was_what_it_is_and_why(town: Town, tmp_path: Path) -> None:
    weekly(town, [2, 1, 2, 1] * 13)
    listed = [
        deviation(),
        deviation(level="area", category=None, category_sv=None, category_en=None, count=20),
        deviation(area_id="borta", area_name="Borta"),
    ]
    found = picture(town, tmp_path, said(deviation=listed))
    told = {(r["label_sv"], r["earlier_count"], r["count"], r["gone_reason"]) for r in found["gone"]}
    assert told == {
        ("Centrum · skadegörelse", 12, 2, "within"),
        ("Centrum · alla kategorier", 20, 2, "within"),
        ("Borta · skadegörelse", 12, None, "unlisted"),
    }
    queries = {row["query_id"]: row["sql"] for row in found["query"]}
    for row in found["gone"]:
        assert len(rows_of(tmp_path / "t.duckdb", queries[row["query_id"]])) == (1 if row["count"] is None else 2)


def test_what_cannot_be_tested_for_silence_is_not_said_to_be_calm(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 371, 9)
    weekly(town, [0, 0] + [2, 1, 2, 1] * 12)
    found = sections(town, tmp_path, said(deviation=[deviation()]))
    assert [row["gone_reason"] for row in found["gone"]] == ["untested"]


def test_a_place_is_gone_for_fewer_for_others_that_have_more_or_since_it_may_not_be_named(
    town: Town, tmp_path: Path
) -> None:
    town.thresholds["focus_places_max"] = 1
    weekly(town, [9], place_id="skolan", area_id="norra")
    weekly(town, [4], place_id="torget")
    for n in range(2):
        town.report(f"p{n}", local(3), place_id="porten")
    listed = [
        place(),
        place(place_id="porten", place_name="Porten", count_28d=5),
        place(place_id="kiosk", place_name="Kiosken", count_28d=4),
    ]
    told = [(r["label_sv"], r["earlier_count"], r["count"], r["gone_reason"]) for r in
            sections(town, tmp_path, said(focus_place=listed))["gone"]]  # fmt: skip
    assert told == [
        ("Torget", 6, 4, "displaced"),
        ("en plats som inte längre får nämnas", 5, 2, "unlisted"),
        ("Kiosken", 4, 0, "unlisted"),
    ]
    town.thresholds["repeat_count"] = 5
    assert sections(town, tmp_path, said(focus_place=[place()]))["gone"][0]["gone_reason"] == "fewer"


def test_a_picture_compared_with_what_it_said_itself_has_nothing_new_and_nothing_gone(
    town: Town, tmp_path: Path
) -> None:
    weekly(town, SURGE, place_id="torget")
    found = picture(town, tmp_path, said_by(picture(town, tmp_path, None)))
    assert {row["since_earlier"] for row in found["deviation"] + found["focus_place"]} == {"same"} and not found["gone"]
