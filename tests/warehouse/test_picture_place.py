"""§6 and the heat tables: places in focus, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.rows import Town, local, rows_of, weekly

TORGET = {"place_id": "torget", "place_text": "Torget", "publicness": "public"}


def town_heard() -> Town:
    town = Town()
    for source in ("guard_a", "guard_b"):
        town.heard(source, 100)
    return town


def focus(town: Town, folder: Path) -> list[dict[str, Any]]:
    return town.rows(folder, "SELECT * FROM picture.focus_place ORDER BY position")


@pytest.mark.parametrize(
    ("weeks", "persistence"),
    [
        ([2, 1, 0, 0, 0, 0, 0, 0], "new"),
        ([2, 1, 1, 1, 1, 1, 0, 1], "persistent"),
        ([1, 1, 1, 0, 3, 3, 0, 0], "fading"),
        ([1, 1, 1, 0, 3, 2, 0, 0], "intermittent"),
    ],
)
def test_a_place_is_new_persistent_fading_or_intermittent(tmp_path: Path, weeks: list[int], persistence: str) -> None:
    town = town_heard()
    weekly(town, weeks, **TORGET)
    (place,) = focus(town, tmp_path)
    assert place["persistence"] == persistence and place["place_name"] == "Torget" and place["area_name"] == "Centrum"
    assert place["count_7d"] == weeks[0]
    assert (place["count_28d"], place["count_previous_28d"]) == (sum(weeks[:4]), sum(weeks[4:]))


def test_three_of_one_family_in_fourteen_days_is_a_repeat_and_three_of_three_is_not(tmp_path: Path) -> None:
    town = town_heard()
    for n, category in enumerate(("skada.klotter", "skada.skadegorelse", "skada.smallar")):
        town.report(f"a{n}", local(4 * n + 1), category=category, **TORGET)
    for n, category in enumerate(("skada.klotter", "vald.hot", "tillgrepp.stold")):
        town.report(f"b{n}", local(4 * n + 1), category=category, place_id="skolan", area_id="norra")
    assert {p["place_id"]: p["is_repeat"] for p in focus(town, tmp_path)} == {"torget": True, "skolan": False}


def test_nought_of_seven_days_nobody_was_heard_about_is_unknown(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 100, 8)
    weekly(town, [0, 4], **TORGET)
    (place,) = focus(town, tmp_path)
    assert place["count_7d"] is None and place["count_28d"] == 4


def test_a_private_place_and_two_incidents_are_not_in_focus(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [5], place_id="porten", area_id="norra")
    weekly(town, [2], **TORGET)
    assert focus(town, tmp_path) == []


def test_a_time_window_is_told_from_five_incidents_with_a_known_hour(tmp_path: Path) -> None:
    town = town_heard()
    for n in range(4):
        town.report(f"a{n}", local(1 + 7 * n, "22:30"), **TORGET)  # Sundays
    town.report("day", local(2), occurred_precision="day", **TORGET)
    (place,) = focus(town, tmp_path)
    assert place["window_label_sv"] is None
    town.report("fifth", local(4, "12:00"), **TORGET)
    (place,) = focus(town, tmp_path)
    assert place["window_label_sv"] == "fre–sön 21–24 (4 av 5)" and place["window_label_en"] == "Fri–Sun 21–24 (4 of 5)"


def test_open_faults_are_counted_and_unknown_where_nobody_was_ever_asked(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [3], **TORGET)
    assert focus(town, tmp_path)[0]["open_fault_count"] is None
    town.heard("open311_town", 100)
    assert focus(town, tmp_path)[0]["open_fault_count"] == 0
    for key, status in (("lamp", "open"), ("fixed", "closed")):
        town.report(key, local(40), category="plats.belysning", source_id="open311_town", status=status,
                    observation_type="municipal_request", **TORGET)  # fmt: skip
    (place,) = focus(town, tmp_path)
    assert (place["open_fault_count"], place["open_fault_categories_sv"]) == (1, "Trasig eller svag belysning")
    assert place["count_28d"] == 3


def test_the_heat_tables_hold_every_cell_and_the_same_incidents(tmp_path: Path) -> None:
    town = town_heard()
    town.report("a", local(1, "23:30"))
    town.report("b", local(1, "02:30"), area_id="norra")
    town.report("c", local(2, "02:30"), area_id=None)
    town.report("sensitive", local(2, "02:30"), category="bedrageri")
    town.report("long", local(3, "22:00"), occurred_precision="interval", occurred_until=local(2, "06:00"))
    town.report("short", local(3, "20:00"), occurred_precision="interval", occurred_until=local(3, "22:30"))
    town.report("old", local(29, "02:30"))
    path = town.build(tmp_path, "picture.heat_total", "picture.heat_hour", "picture.heat_watch").path
    (total,) = rows_of(path, "SELECT * FROM picture.heat_total")
    assert (total["with_time_count"], total["without_time_count"]) == (4, 2)
    assert (str(total["from_day"]), str(total["until_day"])) == ("2026-10-26", "2026-11-22")
    hours = rows_of(path, "SELECT * FROM picture.heat_hour")
    assert len(hours) == 168 and sum(h["count"] for h in hours) == 4
    assert {(h["weekday"], h["hour"]) for h in hours if h["count"]} == {(7, 23), (7, 2), (6, 2), (5, 21)}
    watches = rows_of(path, "SELECT * FROM picture.heat_watch")
    assert len(watches) == 24
    hot = {(w["area_id"], w["watch"], w["count"]) for w in watches if w["count"]}
    assert hot == {("centrum", 7, 2), ("norra", 0, 1), (None, 0, 2), (None, 7, 2)}
