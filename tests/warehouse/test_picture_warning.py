"""What is out at a moment: warnings for us, VMA that stands, points of walks; a silent source is no calm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.rows import MOMENT, TODAY, Town, local

HOUR = timedelta(hours=1)


class Asked:
    """Builds a town and asks its tables, each time anew."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def __call__(self, town: Town, query: str) -> list[dict[str, Any]]:
        self.count += 1
        (self.folder / str(self.count)).mkdir()
        return town.rows(self.folder / str(self.count), query)


@pytest.fixture()
def asked(tmp_path: Path) -> Iterator[Asked]:
    yield Asked(tmp_path)


def heard(*registers: str) -> Town:
    town = Town()
    for register in registers:
        town.register(register)
    return town


def warned(town: Town, key: str, **values: Any) -> None:
    town.entry("weather_warning", key, **({
        "event_sv": "Vind", "event_en": "Wind", "warning_level": "gul", "reach": "kommun",
        "area_ids": "centrum,norra", "is_test": False, "warned_from": MOMENT - HOUR, "warned_until": MOMENT + 6 * HOUR,
        "published_at": MOMENT - 9 * HOUR,
    } | values))  # fmt: skip


def alerted(town: Town, key: str, **values: Any) -> None:
    town.entry("public_alert", key, **({
        "incident_key": "SRVMA1", "message_type": "alert", "alert_status": "actual", "alert_severity": "severe",
        "reach": "kommun", "area_codes": "9999", "sent_at": MOMENT - 2 * HOUR,
    } | values))  # fmt: skip


# Weather


def test_warnings_for_us_within_three_days_stand_gravest_first_and_one_of_unknown_level_before_them(asked: Asked):
    town = heard("weather_warning")
    warned(town, "gul")
    warned(town, "rod", warning_level="rod", warned_from=MOMENT + 30 * HOUR, warned_until=MOMENT + 40 * HOUR)
    warned(town, "okand", warning_level=None, area_ids="norra")
    warned(town, "annat", reach="annat", area_ids="")
    warned(town, "lan", reach="lan", area_ids="", warning_level="meddelande", warned_until=None)
    warned(town, "prov", is_test=True)
    warned(town, "slut", warned_until=MOMENT - HOUR)
    warned(town, "sen", warned_from=local(-4, "00:00"), warned_until=None)
    warned(town, "precis", warned_from=local(-3, "23:59"), warned_until=None)
    rows = asked(town, "FROM picture.warning ORDER BY position")
    assert [(row["entry_id"].split(":")[1], row["is_now"], row["area_names"]) for row in rows] == [
        ("okand", True, "Norra"), ("rod", False, None), ("gul", True, None), ("precis", False, None),
        ("lan", True, None),
    ]  # fmt: skip
    assert [row["query_id"] for row in rows] == ["7.4", "7.5", "7.6", "7.7", "7.8"]


def test_a_later_version_holds_and_a_moment_knows_only_what_was_said_by_then(asked: Asked):
    town = heard("weather_warning")
    warned(town, "1", ingested_at=MOMENT - 3 * HOUR)
    warned(town, "1", ingested_at=MOMENT - HOUR, version=2, change_kind="changed", warning_level="orange")
    warned(town, "1", ingested_at=MOMENT + HOUR, version=3, change_kind="withdrawn", warning_level="orange")
    assert asked(town, "SELECT warning_level FROM picture.warning") == [{"warning_level": "orange"}]
    (total,) = asked(town, "FROM picture.warning_total")
    assert (total["warning_count"], total["ended_early_count"]) == (1, 0)


def test_a_warning_no_more_told_is_gone_and_counted_where_it_had_not_run_out(asked: Asked):
    town = heard("weather_warning")
    for key, until in (("tidig", MOMENT + 5 * HOUR), ("ut", MOMENT - 3 * HOUR), ("öppen", None)):
        warned(town, key, ingested_at=MOMENT - 9 * HOUR, warned_until=until)
        warned(town, key, ingested_at=MOMENT - 2 * HOUR, warned_until=until, version=2, change_kind="withdrawn")
    warned(town, "åter", ingested_at=MOMENT - 2 * HOUR, version=2, change_kind="withdrawn")
    warned(town, "åter", ingested_at=MOMENT - HOUR, version=3, change_kind="returned")
    warned(town, "gammal", ingested_at=MOMENT - 30 * HOUR, version=2, change_kind="withdrawn")
    assert [row["entry_id"] for row in asked(town, "FROM picture.warning")] == ["weather_warning:åter"]
    assert asked(town, "SELECT entry_id FROM core.ended_warning ORDER BY entry_id") == [
        {"entry_id": "weather_warning:tidig"}, {"entry_id": "weather_warning:öppen"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("silent_hours", "told", "counts"),
    [
        (1, False, (0, 0)),
        (40, False, (0, 0)),
        (60, False, (None, None)),
        (60, True, (1, 1)),
        (None, False, (None, None)),
    ],
)
def test_nought_stands_only_while_the_source_is_heard_and_what_it_told_last_stands_on(
    silent_hours: int | None, told: bool, counts: tuple[int | None, int | None], asked: Asked
):
    town = Town()
    for register in ("weather_warning", "public_alert"):
        town.register(register, is_heard=False)
        if silent_hours is not None:
            town.delivery(register, MOMENT - silent_hours * HOUR)
    if told:
        warned(town, "1", ingested_at=MOMENT - 60 * HOUR)
        alerted(town, "1", ingested_at=MOMENT - 60 * HOUR, sent_at=MOMENT - 60 * HOUR)
    (total,) = asked(town, "FROM picture.warning_total")
    assert (total["warning_count"], total["alert_count"]) == counts


def test_sources_of_warnings_stand_in_section_1_and_warnings_are_in_no_count_of_incidents(asked: Asked):
    town = heard("weather_warning", "public_alert")
    warned(town, "1")
    alerted(town, "1")
    assert asked(town, "SELECT source_id FROM picture.source WHERE role = 'warning' ORDER BY position") == [
        {"source_id": "weather_warning"}, {"source_id": "public_alert"}
    ]  # fmt: skip
    (head,) = asked(town, "SELECT current_report_count, incident_24h_count FROM picture.head")
    assert (head["current_report_count"], head["incident_24h_count"] or 0) == (0, 0)


# VMA


def standing(asked: Asked, town: Town) -> list[str]:
    return [row["entry_id"].split(":")[1] for row in asked(town, "FROM picture.alert ORDER BY position")]


def test_vma_for_the_town_its_county_or_the_country_stands_and_one_for_others_does_not(asked: Asked):
    town = heard("public_alert")
    for n, reach in enumerate(("kommun", "lan", "riket", "annat", None)):
        alerted(town, str(reach), reach=reach, incident_key=f"SRVMA{n}", sent_at=MOMENT - n * HOUR)
    assert standing(asked, town) == ["kommun", "lan", "riket", "None"]
    assert asked(town, "SELECT query_id FROM picture.alert ORDER BY position")[0] == {"query_id": "0.6"}


@pytest.mark.parametrize("status", ["test", "exercise", "system", "draft", None])
def test_a_test_an_exercise_or_what_nobody_knows_the_kind_of_never_stands(status: str | None, asked: Asked):
    town = heard("public_alert")
    alerted(town, "1", alert_status=status)
    assert standing(asked, town) == []
    (total,) = asked(town, "FROM picture.warning_total")
    assert total["alert_count"] == 0


def test_a_test_takes_no_real_message_back(asked: Asked):
    town = heard("public_alert")
    alerted(town, "1")
    alerted(town, "2", message_type="cancel", alert_status="test", sent_at=MOMENT - HOUR, refers_to="1")
    assert standing(asked, town) == ["1"]


def test_of_one_incident_the_newest_message_stands_and_none_once_it_is_taken_back(asked: Asked):
    town = heard("public_alert")
    alerted(town, "1", sent_at=MOMENT - 5 * HOUR)
    alerted(town, "2", message_type="update", sent_at=MOMENT - 4 * HOUR)
    alerted(town, "9", incident_key="SRVMA9", sent_at=MOMENT - 6 * HOUR)
    assert standing(asked, town) == ["2", "9"]
    alerted(town, "3", message_type="cancel", reach=None, sent_at=MOMENT - 3 * HOUR)
    assert standing(asked, town) == ["9"]


def test_a_cancellation_without_an_incident_takes_back_what_it_refers_to(asked: Asked):
    town = heard("public_alert")
    alerted(town, "1", incident_key=None)
    alerted(town, "2", incident_key=None)
    alerted(town, "3", incident_key=None, message_type="cancel", refers_to="1,7", reach=None)
    assert standing(asked, town) == ["2"]


def test_a_cancellation_holds_also_when_its_source_tells_it_no_more(asked: Asked):
    town = heard("public_alert")
    alerted(town, "1", sent_at=MOMENT - 5 * HOUR)
    alerted(town, "2", message_type="cancel", reach=None, sent_at=MOMENT - 4 * HOUR, ingested_at=MOMENT - 3 * HOUR)
    alerted(town, "2", message_type="cancel", reach=None, sent_at=MOMENT - 4 * HOUR, version=2, change_kind="withdrawn")
    assert standing(asked, town) == []


def test_vma_past_its_own_end_or_no_more_told_stands_no_more(asked: Asked):
    town = heard("public_alert")
    alerted(town, "ut", incident_key="a", expires_at=MOMENT - HOUR)
    alerted(town, "kvar", incident_key="b", expires_at=MOMENT + HOUR)
    alerted(town, "borta", incident_key="c", ingested_at=MOMENT - 3 * HOUR)
    alerted(town, "borta", incident_key="c", version=2, change_kind="withdrawn")
    assert standing(asked, town) == ["kvar"]


# Points of safety walks


def point(town: Town, key: str, due: date | None, **values: Any) -> None:
    town.entry("safety_walk", key, **({"finding": f"Fynd {key}", "walk_day": TODAY - timedelta(days=40),
                                       "due_day": due, "measure_status": "ny"} | values))  # fmt: skip


def test_points_that_are_not_mended_stand_overdue_first_and_their_ids_follow_those_of_the_insatser(asked: Asked):
    town = heard("safety_walk", "insats")
    town.entry("insats", "1", problem="Sen", stop_day=TODAY - timedelta(days=1), insats_status="pagar")
    day = timedelta(days=1)
    point(town, "snart", TODAY + 3 * day)
    point(town, "sen", TODAY - day)
    point(town, "senast", TODAY - 9 * day, measure_status=None)
    point(town, "idag", TODAY)
    point(town, "utan", None)
    point(town, "klar", TODAY - 9 * day, measure_status="klar")
    point(town, "avskriven", TODAY - 9 * day, measure_status="avskriven")
    rows = asked(town, "FROM picture.walk_point ORDER BY position")
    assert [(row["entry_id"].split(":")[1], row["walk_state"], row["days_past"]) for row in rows] == [
        ("senast", "overdue", 9), ("sen", "overdue", 1), ("idag", "open", 0), ("snart", "open", 0), ("utan", "open", 0)
    ]  # fmt: skip
    assert [row["query_id"] for row in rows] == ["3.6", "3.7", "3.8", "3.9", "3.10"]
    (total,) = asked(town, "FROM picture.walk_total")
    assert (total["walk_overdue_count"], total["walk_open_count"]) == (2, 5)


def test_without_a_register_of_walks_points_are_unknown_and_not_nought(asked: Asked):
    (total,) = asked(Town(), "FROM picture.walk_total")
    assert (total["register_status"], total["walk_overdue_count"], total["walk_open_count"]) == ("absent", None, None)


@pytest.mark.parametrize(("is_kept", "count"), [(True, 2), (False, None)])
def test_a_place_in_focus_knows_its_open_points(is_kept: bool, count: int | None, asked: Asked):
    town = heard("safety_walk") if is_kept else Town()
    town.heard("guard_a", 371)
    for n in range(4):
        town.report(f"r{n}", local(2 + n, "21:00"), place_id="torget", category="ordning.storning")
    if is_kept:
        point(town, "1", TODAY, place_id="torget")
        point(town, "2", None, place_id="torget")
        point(town, "3", None, place_id="torget", measure_status="klar")
        point(town, "4", None, place_id="skolan")
    assert asked(town, "SELECT open_walk_count FROM picture.focus_place") == [{"open_walk_count": count}]
