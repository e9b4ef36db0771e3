"""Sections 3 and 7 to 11: what was promised, what lies ahead, who is out, what is proposed, asked and decided."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.warehouse.rows import MOMENT, TODAY, Town, calendar_day, feed, local, rows_of, weekly


def day(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


def asked(town: Town, folder: Path, query: str, *beside: str) -> list[dict[str, Any]]:
    """The query's rows, of a town that has the tables named ``beside`` too."""
    return rows_of(town.build(folder, query, *beside).path, query)


def heard(*registers: str) -> Town:
    town = Town()
    for register in registers:
        town.register(register)
    return town


def insats(town: Town, key: str, **values: Any) -> None:
    town.entry("insats", key, **({"problem": f"Insats {key}"} | values))


def test_what_is_overdue_comes_first_and_its_outcome_is_unknown_until_somebody_tells(tmp_path):
    town = heard("insats")
    insats(town, "klar", stop_day=day(-2), insats_status="klar")
    insats(town, "idag", stop_day=day(0), insats_status="pagar")
    insats(town, "sen", stop_day=day(-3), insats_status="pagar")
    insats(town, "senast", stop_day=day(-30), insats_status="planerad")
    insats(town, "ej", stop_day=day(-1), insats_status="ej_genomford")
    insats(town, "framtid", start_day=day(3), stop_day=day(9), insats_status="planerad")
    insats(town, "evig", insats_status="pagar", decided_day=day(-90))
    due = "SELECT problem, due_state, days_past FROM picture.due_insats ORDER BY position"
    rows = asked(town, tmp_path, due, "picture.due_total")
    assert [(row["problem"].split()[1], row["due_state"], row["days_past"]) for row in rows] == [
        ("senast", "overdue", 30), ("sen", "overdue", 3), ("idag", "due", 0), ("ej", "not_done", 1),
        ("klar", "done", 2),
    ]  # fmt: skip
    (total,) = rows_of(tmp_path / "town.duckdb", "FROM picture.due_total")
    assert (total["overdue_count"], total["due_today_count"], total["came_out_count"]) == (2, 1, 2)


def test_an_outcome_of_long_ago_is_told_once_and_then_leaves_the_sheet(tmp_path):
    town = heard("insats")
    insats(town, "ny", stop_day=day(-60), insats_status="klar", ingested_at=MOMENT - timedelta(hours=2))
    insats(town, "gammal", stop_day=day(-60), insats_status="klar", ingested_at=MOMENT - timedelta(days=50))
    assert [row["problem"] for row in asked(town, tmp_path, "FROM picture.due_insats")] == ["Insats ny"]


def test_the_picture_of_a_moment_knows_what_the_register_said_then(tmp_path):
    town = heard("insats")
    insats(town, "a", stop_day=day(-1), insats_status="pagar", ingested_at=MOMENT - timedelta(days=2))
    insats(town, "a", stop_day=day(-1), insats_status="klar", version=2, change_kind="changed",
           ingested_at=MOMENT + timedelta(minutes=1))  # fmt: skip
    insats(town, "b", stop_day=day(-1), insats_status="pagar", ingested_at=MOMENT - timedelta(days=2))
    insats(town, "b", stop_day=day(-1), insats_status="pagar", version=2, change_kind="withdrawn",
           ingested_at=MOMENT - timedelta(days=1))  # fmt: skip
    rows = asked(town, tmp_path, "SELECT problem, due_state FROM picture.due_insats")
    assert rows == [{"problem": "Insats a", "due_state": "overdue"}]


def test_a_register_nobody_ever_heard_is_unknown_and_an_empty_one_is_nought(tmp_path):
    none, never, empty = Town(), Town(), heard("insats")
    never.register("insats", is_heard=False)
    for name, town, status, count in (
        ("a", none, "absent", None),
        ("b", never, "never", None),
        ("c", empty, "fresh", 0),
    ):
        (tmp_path / name).mkdir()
        (total,) = asked(town, tmp_path / name, "FROM picture.due_total", "picture.effort_total")
        assert (total["register_status"], total["overdue_count"]) == (status, count)
        (total,) = rows_of(tmp_path / name / "town.duckdb", "FROM picture.effort_total")
        assert total["effort_count"] == count


def busy_place(town: Town) -> None:
    for source in ("guard_a", "guard_b"):
        town.heard(source, 371)
    weekly(town, [6, 6, 6, 6], place_id="torget", place_text="Torget", category="ordning.storning")
    for n in range(6):
        town.report(f"kväll{n}", local(1 + 7 * (n % 3), f"22:{n}0"), place_id="torget", category="ordning.storning")


def test_a_focus_place_nobody_is_at_is_a_gap_and_is_proposed_for(tmp_path):
    town = heard("insats", "resource")
    busy_place(town)
    assert asked(town, tmp_path, "SELECT place_id, cover FROM picture.focus_cover", "picture.proposal") == [
        {"place_id": "torget", "cover": "none"}
    ]
    (proposed,) = rows_of(tmp_path / "town.duckdb", "FROM picture.proposal WHERE rule = 'gap'")
    (place,) = rows_of(tmp_path / "town.duckdb", "FROM picture.focus_place")
    assert proposed["place_name"] == "Torget" and proposed["owner_name"] == "Vakterna"
    assert proposed["window_sv"] == place["window_label_sv"] and proposed["because_id"] == place["query_id"]
    assert proposed["reason_sv"].startswith(f"{place['count_28d']} på 28 dygn")


def test_who_is_out_today_covers_the_place_or_its_area_by_weekday_and_day(tmp_path):
    weekday = TODAY.isoweekday()
    out: list[tuple[str, dict[str, Any]]] = [
        ("place", {"place_id": "torget", "area_id": "centrum"}),
        ("area", {"area_id": "centrum"}),
        ("none", {"area_id": "norra"}),
        ("none", {"place_id": "torget", "area_id": "centrum", "start_day": day(1)}),
        ("none", {"place_id": "torget", "area_id": "centrum", "weekdays": str(weekday % 7 + 1), "stop_day": day(9)}),
        ("place", {"place_id": "torget", "area_id": "centrum", "weekdays": str(weekday), "stop_day": day(9)}),
    ]
    for n, (cover, values) in enumerate(out):
        town = heard("resource")
        busy_place(town)
        town.entry("resource", "1", **({"owner_id": "vakterna", "start_day": TODAY} | values))
        (tmp_path / str(n)).mkdir()
        rows = asked(town, tmp_path / str(n), "SELECT cover FROM picture.focus_cover")
        assert rows == [{"cover": cover}], values


def test_without_any_register_a_focus_place_s_cover_is_unknown_and_nothing_is_proposed_for_it(tmp_path):
    town = Town()
    busy_place(town)
    cover = asked(town, tmp_path, "SELECT cover FROM picture.focus_cover", "picture.proposal")
    assert cover == [{"cover": "unknown"}]
    assert rows_of(tmp_path / "town.duckdb", "FROM picture.proposal WHERE rule = 'gap'") == []


def test_efforts_stand_by_the_clock_and_a_finished_insats_is_not_out(tmp_path):
    town = heard("insats", "resource")
    town.entry("resource", "1", owner_id="vakterna", start_day=TODAY, clock_from="20:00", area_id="norra")
    insats(town, "pågår", start_day=day(-3), stop_day=day(3), insats_status="pagar", clock_from="08:00")
    insats(town, "klar", start_day=day(-3), stop_day=day(3), insats_status="klar")
    insats(town, "sen", start_day=day(-9), stop_day=day(-1), insats_status="pagar")
    rows = asked(town, tmp_path, "SELECT effort_kind, clock_from FROM picture.effort ORDER BY position")
    assert rows == [
        {"effort_kind": "insats", "clock_from": "08:00"},
        {"effort_kind": "resource", "clock_from": "20:00"},
    ]


def test_a_signal_where_an_insats_is_at_it_already_proposes_to_strengthen_that_one(tmp_path):
    town = heard("insats")
    for source in ("guard_a", "guard_b"):
        town.heard(source, 371)
    weekly(town, [14] + [1] * 52, category="skada.klotter")
    (proposed,) = asked(town, tmp_path, "FROM picture.proposal WHERE rule = 'signal'")
    assert proposed["task_sv"] == "Gå samman mot klotter" and proposed["because_id"].startswith("5.")
    insats(town, "7", category="skada.klotter", area_id="centrum", insats_status="pagar", start_day=day(-3))
    (again,) = asked(town, tmp_path, "FROM picture.proposal WHERE rule = 'signal'")
    assert again["task_sv"] == "Förstärk eller ändra insats 7"


def test_the_meeting_s_status_and_the_machine_s_are_both_kept_and_the_newest_set_counts(tmp_path):
    town = heard("assessment")
    for key, values in {
        "1": {"set_status": "rod", "start_day": day(-9)},
        "2": {"set_status": "gul", "start_day": day(-2), "reason_text": "Lugnare"},
        "3": {"set_status": "orange", "start_day": day(1)},
        "4": {"set_status": "gron", "start_day": day(-1), "stop_day": day(-1)},
    }.items():
        town.entry("assessment", key, assessment_type="omradesstatus", area_id="norra", **values)
    (held,) = asked(town, tmp_path, "FROM picture.area_set", "picture.area_status")
    (proposed,) = rows_of(tmp_path / "town.duckdb", "FROM picture.area_status WHERE area_id = 'norra'")
    assert (held["set_status"], held["reason_text"], held["is_other"]) == ("gul", "Lugnare", True)
    assert held["proposed_status"] == proposed["proposed_status"] != "gul"


def test_questions_say_who_asks_whom_by_when_and_a_silent_source_is_one(tmp_path):
    town = heard("assessment")
    town.feeds = [feed("guard_a"), *[row for row in town.feeds if row["role"] == "register"]]
    question = {"assessment_type": "fraga", "question_status": "oppen"}
    town.entry("assessment", "1", question="Vem?", owner_id="trygghet", asked_id="polisen", due_day=day(-1), **question)
    town.entry("assessment", "2", question="När?", **question)
    town.entry("assessment", "3", question="Var?", assessment_type="fraga", question_status="besvarad")
    rows = asked(town, tmp_path, "FROM picture.question ORDER BY position")
    assert [(row["question_sv"], row["asker_name"], row["asked_name"], row["is_overdue"]) for row in rows] == [
        ("Vem?", "Trygghet", "Polisen", True), ("När?", None, None, False),
        ("Varför är Guard_A tyst?", "Trygghet", "Testvakt", False),
    ]  # fmt: skip


def test_an_event_is_proposed_to_be_met_at_the_clock_as_each_language_writes_it(tmp_path):
    town = heard("planned_event", "resource")
    town.heard("guard_a", 60)
    weekly(town, [4] * 4, place_id="torget", place_text="Torget")
    town.entry(
        "planned_event", "1", title="Fest", start_day=TODAY, clock_from="22:00", clock_until="03:00", area_id="centrum"
    )
    proposed = "SELECT window_sv, window_en FROM picture.proposal WHERE rule = 'event'"
    assert asked(town, tmp_path, proposed) == [{"window_sv": "22.00–03.00", "window_en": "22:00–03:00"}]


def test_the_days_ahead_hold_events_holidays_and_pay_day_in_their_order(tmp_path):
    town = heard("planned_event", "school_holiday")
    town.calendar = [calendar_day(n, holiday_sv="Helg" if n == 1 else None, is_pay_day=n == 2) for n in range(-1, 9)]
    town.entry("planned_event", "1", title="Match", start_day=TODAY, clock_from="19:00", area_id="norra")
    town.entry("planned_event", "2", title="Marknad", start_day=day(-1), stop_day=day(1), plan_status="installd")
    town.entry("planned_event", "3", title="Sen", start_day=day(4))
    town.entry("school_holiday", "1", title="Lov", start_day=day(3), stop_day=day(9))
    rows = asked(town, tmp_path, "FROM picture.ahead ORDER BY position", "picture.ahead_total")
    assert [(row["days_ahead"], row["title_sv"], row["is_called_off"]) for row in rows] == [
        (0, "Marknad", True), (0, "Match", False), (1, "Helg", False), (1, "Marknad", True), (2, "Löning", False),
        (3, "Lov", False),
    ]  # fmt: skip
    (total,) = rows_of(tmp_path / "town.duckdb", "FROM picture.ahead_total")
    assert (total["dark_from"], total["dark_until"], total["next_pay_day"]) == ("15:45", "07:15", day(2))


def test_what_was_decided_since_the_last_picture_is_read_out(tmp_path):
    town = heard("insats")
    insats(town, "ny", decided_day=day(-1), insats_status="planerad")
    insats(town, "gammal", decided_day=day(-8), insats_status="planerad")
    assert [row["problem"] for row in asked(town, tmp_path, "FROM picture.decision")] == ["Insats ny"]


def test_the_sheet_is_labelled_as_strictly_as_the_strictest_entry(tmp_path):
    town = heard("insats")
    insats(town, "hemlig", tlp="TLP:RED")
    assert asked(town, tmp_path, "SELECT tlp FROM picture.head") == [{"tlp": "TLP:RED"}]


def test_a_register_is_no_source_of_section_1_and_asks_nothing_of_the_silence(tmp_path):
    town = heard("insats")
    (row,) = asked(town, tmp_path, "SELECT count(*) AS n FROM picture.source WHERE source_id = 'insats'")
    assert row["n"] == 0
