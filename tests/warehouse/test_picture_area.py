"""§0, §2 and the map: each area's proposed status with its reason, and totals that agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.rows import MOMENT, Town, local, rows_of, weekly

LAST_DAY = """SELECT count(*) AS n FROM core.incident AS i, config.moment AS m
    WHERE i.event_at > m.moment_at - INTERVAL 24 HOURS"""


def status_of(town: Town, folder: Path, area_id: str = "centrum") -> dict[str, Any]:
    (row,) = town.rows(folder, f"SELECT * FROM picture.area_status WHERE area_id = '{area_id}'")
    return row


def town_heard(*silent: str) -> Town:
    town = Town()
    for source in ("guard_a", "guard_b", "open311_town"):
        town.heard(source, 371, 5 if source in silent else 0)
        if source in silent:
            town.lake["delivery"][-1]["ingested_at"] = local(5)
    return town


def test_an_area_where_nothing_deviates_is_green_with_its_interval(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [5] * 53)
    row = status_of(town, tmp_path)
    assert (row["proposed_status"], row["reason_sv"]) == ("gron", "5 händelser på sju dygn, normalt 1–10.")
    assert row["reason_en"] == "5 incidents in seven days, normally 1–10." and row["query_id"] == "2.4"


def test_a_signal_makes_an_area_orange_and_says_which(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [9] + [1] * 52, category="tillgrepp.inbrott")
    row = status_of(town, tmp_path)
    assert row["proposed_status"] == "orange"
    assert row["reason_sv"] == "9 på sju dygn, normalt 0–3: Inbrott, inbrottslarm."


def test_a_signal_of_grave_incidents_makes_an_area_red(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [9] + [1] * 52, category="vald.ran")
    row = status_of(town, tmp_path)
    assert (row["proposed_status"], row["reason_sv"]) == (
        "rod",
        "9 på sju dygn, normalt 0–3: Rån, överfallslarm (grov).",
    )


@pytest.mark.parametrize(
    ("category", "clock", "days_ago", "status"),
    [
        ("vald.skjutning", "23:00", 1, "rod"),
        ("vald.skjutning", "03:00", 1, "gron"),
        ("vald.ran", "03:00", 0, "gul"),
        ("vald.hot", "03:00", 0, "gron"),
    ],
)
def test_a_grave_incident_colours_the_area_for_24_hours(
    tmp_path: Path, category: str, clock: str, days_ago: int, status: str
) -> None:
    town = town_heard()
    weekly(town, [5] * 53, source_id="guard_b")
    town.report("grave", local(days_ago, clock), category=category)
    row = status_of(town, tmp_path)
    assert row["proposed_status"] == status
    if status == "rod":
        assert row["reason_sv"] == "1 händelse av allvarlighetsgrad 5 det senaste dygnet."


def test_a_polices_notice_that_names_an_area_rings_the_bell(tmp_path: Path) -> None:
    town = town_heard()
    town.report("p", local(0, "03:00"), category="vald.skjutning", source_id="polisen_events")
    assert status_of(town, tmp_path)["proposed_status"] == "rod"


def test_an_area_whose_own_sources_are_silent_is_unknown_and_never_green(tmp_path: Path) -> None:
    town = town_heard("guard_a")
    weekly(town, [0] + [5] * 52)
    weekly(town, [5] * 53, source_id="guard_b", area_id="norra")
    told = town.rows(tmp_path, "SELECT proposed_status, reason_sv FROM picture.area_status ORDER BY area_id")
    assert [row["proposed_status"] for row in told] == ["okand", "gron"]
    assert told[0]["reason_sv"] == "Ingen källa hörs om området: läget är okänt."


def test_nought_of_what_nobody_was_heard_about_is_unknown(tmp_path: Path) -> None:
    path = Town().build(tmp_path).path
    (head,) = rows_of(path, "SELECT * FROM picture.head")
    assert (head["incident_24h_count"], head["located_count"], head["without_place_count"]) == (None, None, None)
    for table, column in (("area_status", "incident_7d_count"), ("map_area", "incident_7d_count"),
                          ("map_area", "incident_24h_count"), ("heat_watch", "count"), ("heat_hour", "count"),
                          ("source", "seen_count")):  # fmt: skip
        assert rows_of(path, f"SELECT DISTINCT {column} AS n FROM picture.{table}") == [{"n": None}], table
    first, second, _ = rows_of(path, "SELECT * FROM picture.summary ORDER BY position")
    assert first["number"] is None and first["sentence_sv"].startswith("Okänt antal händelser på sju dygn")
    assert second["number"] is None


def test_one_areas_own_silence_makes_its_count_unknown_and_not_its_neighbours(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 371, 8)
    town.heard("guard_b", 371)
    weekly(town, [0] + [5] * 52)
    weekly(town, [5] * 53, source_id="guard_b", area_id="norra")
    path = town.build(tmp_path, "picture.area_status", "picture.map_area").path
    for table in ("area_status", "map_area"):
        told = rows_of(path, f"SELECT area_id, incident_7d_count AS n FROM picture.{table} ORDER BY area_id")
        assert told == [{"area_id": "centrum", "n": None}, {"area_id": "norra", "n": 5}], table
    # Its source is fresh, but told of nothing newer than eight days.
    (row,) = rows_of(path, "SELECT * FROM picture.area_status WHERE area_id = 'centrum'")
    assert (row["proposed_status"], row["reason_sv"]) == ("okand", "Ingen källa hörs om området: läget är okänt.")


def test_an_incident_known_from_a_silent_source_is_still_counted(tmp_path: Path) -> None:
    town = Town()
    town.report("a", local(1, "23:00"))
    path = town.build(tmp_path, "picture.head", "picture.map_area").path
    (head,) = rows_of(path, "SELECT * FROM picture.head")
    assert (head["incident_24h_count"], head["located_count"]) == (1, 1)
    (area, _) = rows_of(path, "SELECT * FROM picture.map_area ORDER BY area_id")
    assert (area["incident_24h_count"], area["incident_7d_count"], area["proposed_status"]) == (1, 1, "okand")


def test_where_nobody_ever_reported_every_source_is_asked(tmp_path: Path) -> None:
    assert status_of(town_heard(), tmp_path)["proposed_status"] == "gron"
    silent = town_heard("guard_a", "guard_b", "open311_town")
    assert status_of(silent, tmp_path)["proposed_status"] == "okand"


def test_map_table_and_head_count_the_same_incidents(tmp_path: Path) -> None:
    town = town_heard()
    weekly(town, [7] * 4)
    weekly(town, [3] * 4, area_id="norra", source_id="guard_b")
    weekly(town, [2] * 4, category="bedrageri")
    town.report("today", local(0, "01:00"))
    path = town.build(tmp_path, "picture.map_total", "picture.head", "picture.map_area").path
    (total,) = rows_of(path, "SELECT * FROM picture.map_total")
    assert total == {"located_count": 10, "unlocated_count": 2, "total_count": 12}
    (head,) = rows_of(path, "SELECT * FROM picture.head")
    assert (head["located_count"], head["without_place_count"], head["current_report_count"]) == (10, 2, 49)
    areas = rows_of(path, "SELECT area_id, incident_7d_count, incident_24h_count FROM picture.map_area")
    assert [a["incident_7d_count"] for a in areas] == [7, 3]
    in_areas = sum(a["incident_24h_count"] for a in areas)
    (unplaced,) = rows_of(path, f"{LAST_DAY} AND i.area_id IS NULL")
    assert in_areas + unplaced["n"] == head["incident_24h_count"] > 0


def test_only_public_honest_positions_become_points(tmp_path: Path) -> None:
    town = town_heard()
    point = {"latitude": 59.05, "longitude": 18.05}
    town.report("given", local(1), location_precision="punkt", publicness="public", **point)
    town.report("named", local(2), location_precision="plats", publicness="public", place_id="torget", **point)
    town.report("yard", local(2), location_precision="plats", publicness="semi_public", place_id="skolan", **point)
    town.report("old", local(9), location_precision="punkt", publicness="public", **point)
    town.report("none", local(1))
    told = town.rows(tmp_path, "SELECT report_id, age_days FROM picture.map_point")
    assert told == [{"report_id": "guard_a:given", "age_days": 0}, {"report_id": "guard_a:named", "age_days": 2}]


def test_the_maps_points_are_of_the_last_day_until_the_moment_and_of_seven_whole_days(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 100)
    where = {"latitude": 59.1, "longitude": 18.1, "location_precision": "punkt", "area_id": "centrum"}
    for key, at in (("morning", local(0, "04:00")), ("evening", local(1, "23:00")), ("noon", local(1, "05:00"))):
        town.report(key, at, **where)
    town.report("week", local(7), **where)
    town.report("older", local(8), **where)
    told = town.rows(tmp_path, "SELECT report_id, age_days FROM picture.map_point")
    ages = {row["report_id"].split(":")[1]: row["age_days"] for row in told}
    assert ages == {"morning": 0, "evening": 0, "noon": 1, "week": 7}


@pytest.mark.parametrize(("hour", "percent"), [(6, 70), (7, 70), (8, 90), (9, 90), (10, None), (14, None)])
def test_a_picture_made_before_ten_says_how_much_of_the_night_is_in(
    tmp_path: Path, hour: int, percent: int | None
) -> None:
    town = Town(moment=local(0, f"{hour:02d}:15"))
    (head,) = town.rows(tmp_path, "SELECT * FROM picture.head")
    assert (head["is_incomplete_night"], head["night_published_percent"]) == (percent is not None, percent)
    assert head["is_night_ceiling"] == (hour < 7)


@pytest.mark.parametrize("change_kind", ["new", "withdrawn"])
def test_the_pictures_label_is_that_of_its_strictest_row(tmp_path: Path, change_kind: str) -> None:
    town = Town()
    town.report("open", local(1), tlp="TLP:CLEAR")
    assert town.rows(tmp_path, "SELECT tlp FROM picture.head") == [{"tlp": "TLP:AMBER"}]
    town.report("strict", local(1), tlp="TLP:RED", change_kind=change_kind)
    assert town.rows(tmp_path, "SELECT tlp FROM picture.head") == [{"tlp": "TLP:RED"}]


def test_the_head_tells_local_day_week_and_number(tmp_path: Path) -> None:
    (head,) = Town().rows(tmp_path, "SELECT * FROM picture.head")
    assert head["moment_at"] == MOMENT and str(head["local_day"]) == "2026-11-23" and head["local_time"] == "06:15"
    assert (head["iso_year"], head["iso_week"], head["weekday"]) == (2026, 48, 1)
    assert head["picture_number"] == "2026-327-0615" and head["data_cutoff_at"] is None
