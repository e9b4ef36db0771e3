"""The weekly picture's sections on insatser, their follow-up, the problem, the fortnight, proposals; and its data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.warehouse.publish.page import Page
from tests.warehouse.publish.week_town import day, insats, of
from tests.warehouse.rows import Town, local, weekly
from warehouse import layers
from warehouse.connection import connect
from warehouse.locked import ask, open_locked
from warehouse.publish.methods import weekly_methods_page
from warehouse.publish.picture_json import canonical_json
from warehouse.publish.weekly import publish_weekly, read_weekly, render_weekly, weekly_lines, weekly_schema
from warehouse.snapshot import LAKE_STATE, PROVENANCE, make_snapshot

ABSENT = ("insats", "planned_event", "school_holiday")


def lively() -> Town:
    """A surge in Centrum, four insatser, an event, a holiday from school: every section has something to say."""
    town = Town()
    for register in ABSENT:
        town.register(register)
    town.heard("guard_a", 377)
    town.heard("guard_b", 377, 100)
    town.heard("guard_b", 5)
    town.thresholds["minimum_count"] = 3
    weekly(town, [12] + [2, 1, 2, 1] * 13, place_id="torget")
    ran = {"category": "skada.skadegorelse", "area_id": "centrum", "start_day": day(22), "stop_day": day(9)}
    insats(town, "A", insats_status="klar", outcome="Lugnt", planned_dose=4, done_dose=4, dose_unit="pass", **ran)
    insats(town, "B", stop_day=day(9))
    insats(town, "C", start_day=day(9), stop_day=day(-3), planned_dose=10, done_dose=2, dose_unit="pass")
    insats(town, "D", start_day=day(-4), stop_day=day(-30), insats_status="planerad")
    town.entry("planned_event", "E", title="Derby", start_day=day(-5), area_id="centrum", visitor_count=900)
    town.entry("school_holiday", "F", title="Lov", start_day=day(3), stop_day=day(-5))
    town.calendar[4]["is_pay_day"] = True
    return town


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lively().build(tmp_path_factory.mktemp("lively")).path


@pytest.fixture
def picture(database: Path) -> dict[str, Any]:
    with connect(database, read_only=True) as connection:
        return read_weekly(connection)


def test_insatser_stand_against_their_plan_overdue_first(picture: dict[str, Any]) -> None:
    rows = picture["week"]["week_insats"]
    assert [(row["source_key"], row["week_state"]) for row in rows] == [
        ("B", "overdue"),
        ("C", "ongoing"),
        ("A", "done"),
    ]
    text = Page(render_weekly(picture)).text()
    assert (
        "1 försenad" in text
        and "2 av 10 pass" in text
        and "4 av 4 pass" in text
        and "Lugnt" in text
        and "utfall okänt" in text
    )


def test_a_register_never_heard_is_unknown_and_one_heard_and_empty_is_inget(tmp_path: Path) -> None:
    text = Page(render_weekly(of(Town(), tmp_path))).text()
    assert text.count("insatsregistret: okänt, inget register har hörts") == 3  # sections 9, 10 and 12
    town = Town()
    town.register("insats")
    text = Page(render_weekly(of(town, tmp_path))).text()
    assert "inga insatser blev klara de senaste åtta veckorna" in text and "0 försenade" in text


def test_last_years_week_says_which_sources_differ_and_is_counted_on_the_like_ones(picture: dict[str, Any]) -> None:
    text = Page(render_weekly(picture)).text()
    assert "≠ Källorna skiljer sig från samma vecka i fjol" in text
    assert (
        "Guard_B 5 av 7 dygn i år och 7 i fjol" in text
        and "Guard_A" not in text.split("skiljer sig")[1].split("Räknat")[0]
    )
    assert "Räknat på den enda källan som hördes alla dygn båda åren: 12 i år, 1 i fjol." in text


def test_the_same_sources_both_years_say_so(tmp_path: Path) -> None:
    town = Town(feeds=Town().feeds[:1])
    town.heard("guard_a", 377)
    text = Page(render_weekly(of(town, tmp_path))).text()
    assert "Samma källor hördes samma antal dygn i fjol." in text and "≠" not in text


def test_the_problem_of_the_week_counts_place_time_and_object_and_knows_no_person(picture: dict[str, Any]) -> None:
    (row,) = picture["week"]["week_problem"]
    assert (row["rule"], row["area_name"], row["count"], row["place_name"], row["place_count"]) == (
        "signal", "Centrum", 12, "Torget", 12,
    )  # fmt: skip
    text = Page(render_weekly(picture)).text()
    assert "Hypotes att pröva: det hör till platsen (Torget): ändra den." in text
    assert "bilden rymmer inga personuppgifter" in text


def test_the_problem_of_the_week_counts_what_its_signal_counts_and_no_source_that_is_new(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 377)
    town.heard("guard_b", 10)
    weekly(town, [12] + [1] * 52)
    weekly(town, [5], source_id="guard_b")
    (row,) = town.rows(
        tmp_path, "SELECT w.count AS told, d.count FROM picture.week_problem AS w JOIN picture.deviation AS d"
        " ON d.query_id = w.because_id"
    )  # fmt: skip
    assert row == {"told": 12, "count": 12}
    (query,) = town.rows(tmp_path, "SELECT sql FROM picture.week_query WHERE query_id = 'v11.1'")
    assert town.rows(tmp_path, f"SELECT count(*) AS n FROM ({query['sql']})") == [{"n": 12}]


def test_without_a_deviation_the_problem_is_a_place_that_repeats_itself_or_nothing(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 377)
    weekly(town, [1] * 53, place_id="torget")
    assert town.rows(tmp_path, "FROM picture.week_problem") == []
    for n in range(3):
        town.report(f"x{n}", local(9 + n, "22:00"), place_id="torget")
    (row,) = town.rows(tmp_path, "FROM picture.week_problem")
    assert (row["rule"], row["place_name"], row["hypothesis"]) == ("repeat", "Torget", "place")


def test_the_fortnight_ahead_holds_events_holidays_pay_days_and_what_is_due(picture: dict[str, Any]) -> None:
    rows = [(row["ahead_kind"], row["local_day"], row["until_day"]) for row in picture["week"]["week_ahead"]]
    iso = [str(day(-n)) for n in range(31)]
    assert rows == [
        ("school_holiday", iso[0], iso[5]), ("pay_day", iso[1], None), ("insats_due", iso[3], None),
        ("insats_start", iso[4], iso[30]), ("planned_event", iso[5], None),
    ]  # fmt: skip
    assert "mörkt 15.45–07.15" in Page(render_weekly(picture)).text().replace("\N{NO-BREAK SPACE}", " ")


def test_proposals_are_by_rule_each_with_a_finding_that_can_be_asked_for(picture: dict[str, Any]) -> None:
    rows = picture["week"]["week_proposal"]
    assert [row["rule"] for row in rows][:4] == ["overdue", "signal", "dose", "event"]
    known = {row["query_id"] for row in [*picture["query"], *picture["week"]["week_query"]]}
    assert {row["because_id"] for row in rows} <= known and all(row["reason_sv"] and row["reason_en"] for row in rows)


def test_every_number_of_the_week_can_be_asked_for_in_the_analysts_snapshot(database: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "lagesbild.duckdb"
    make_snapshot(database, snapshot, pa.Table.from_pylist([{}], schema=PROVENANCE), LAKE_STATE.empty_table())
    with connect(database, read_only=True) as connection:
        week = read_weekly(connection)["week"]
    counts = {row["query_id"]: row["count"] for row in week["week_number"]}
    counts |= {"v11.1": week["week_problem"][0]["count"], "v9.1": 1}
    with open_locked(snapshot, 500) as con:
        for row in week["week_query"]:
            answer = ask(con, f"q:{row['query_id']}")
            if row["query_id"] in counts:
                assert answer.num_rows == (counts[row["query_id"]] or 0), row["query_id"]
        before = [r["is_during"] for r in ask(con, "q:v10.1").to_pylist()]
    (told,) = week["week_followed"]
    assert (before.count(False), before.count(True)) == (told["before_count"], told["during_count"])
    texts = {"problem", "outcome", "title_sv"}
    with duckdb.connect(str(snapshot), read_only=True) as con:
        for table in ("week_insats", "week_followed", "week_ahead"):
            assert not texts & {row[0] for row in con.execute(f"DESCRIBE picture.{table}").fetchall()}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_page_data_schema_methods_and_mail_go_together(database: Path, language: str, tmp_path: Path) -> None:
    files = publish_weekly(database, tmp_path, [language])
    told = json.loads(files["json"].read_bytes())
    schema = json.loads((tmp_path / "veckobild.schema.json").read_bytes())
    assert schema == weekly_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(told)
    html = files[language].read_text(encoding="utf-8")
    links = {str(link["href"]) for link in Page(html).all("a") if "metod" in str(link.get("href"))}
    assert len([link for link in links if "#qv" in link]) > 25
    for link in links:
        name, _, anchor = link.partition("#")
        assert not anchor or f'id="{anchor}"' in (tmp_path / name).read_text(encoding="utf-8"), link
    page = Page(weekly_methods_page(told, language))
    assert page.faults == page.unclosed == [] and "ännu inte är förklarade" not in page.text()
    lines = (tmp_path / f"mejl_{files['json'].stem}_{language}.txt").read_text(encoding="utf-8").splitlines()
    assert lines == weekly_lines(told, language) and len(lines) == 5 and "Problem B" not in "".join(lines)


def test_a_text_of_a_register_is_text(picture: dict[str, Any]) -> None:
    tags, attack = set(Page(render_weekly(picture)).tags()), "<script>alert(1)</script>"
    told = "week_insats.problem week_insats.outcome week_followed.outcome week_ahead.title_sv week_proposal.task_sv"
    for name in [*told.split(), "week_problem.place_name"]:
        table, _, column = name.partition(".")
        picture["week"][table][0][column] = attack
    page = Page(render_weekly(picture))
    assert set(page.tags()) == tags and page.text().count("<script>") >= 5


def test_the_second_weekly_picture_marks_what_is_new_and_names_what_is_gone(database: Path, tmp_path: Path) -> None:
    first = json.loads(publish_weekly(database, tmp_path)["json"].read_bytes())
    assert first["week"]["earlier"] is None and first["week"]["gone"] == []
    assert (
        "Första veckobilden" in render_weekly(first)
        and "Ny!" not in Page(render_weekly(first)).text().split("7 Veckodag")[0]
    )
    before = {**first, "week": {**first["week"], "until_day": "2026-11-15"}, "deviation": first["deviation"][1:]}
    before["focus_place"] = [
        *first["focus_place"],
        {**first["focus_place"][0], "place_id": "x", "place_name": "Kiosken"},
    ]
    (tmp_path / "veckobild_9999_2026-v46_TLP-AMBER.json").write_bytes(canonical_json(before))
    files = publish_weekly(database, tmp_path)
    second = json.loads(files["json"].read_bytes())
    assert [row["since_earlier"] for row in second["deviation"]] == ["new"] + ["same"] * (len(second["deviation"]) - 1)
    assert second["week"]["earlier"] == "2026-11-15"
    assert [row["label_sv"] for row in second["week"]["gone"]] == ["Kiosken"]
    text = Page(files["sv"].read_text(encoding="utf-8")).text()
    assert text.count("Ny!") == 1 and "Borta sedan förra veckobilden (antal då): Kiosken" in text
    assert json.loads(publish_weekly(database, tmp_path)["json"].read_bytes()) == second  # itself is no earlier one


def test_a_fault_in_the_weeks_tables_costs_the_week_and_not_the_morning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(feeds=Town().feeds[:1])
    sql = tmp_path / "sql"
    sql.mkdir()
    for folder in layers.SQL.iterdir():
        (sql / folder.name).symlink_to(folder)
    (sql / layers.WEEK).unlink()
    (sql / layers.WEEK).mkdir()
    (sql / layers.WEEK / "10_broken.sql").write_text(
        "CREATE TABLE picture.week_day AS SELECT 1 AS n; SELECT 'text' + 1 FROM gone;"
    )
    monkeypatch.setattr(layers, "SQL", sql)
    built = town.build(tmp_path)
    assert [str(found) for found in built.warnings if found.check == "warn_week_missing"]
    with connect(built.path, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM picture.summary").fetchall() == [(3,)]
        with pytest.raises(duckdb.Error):
            read_weekly(connection)


def test_thursdays_see_all_of_last_years_week(tmp_path: Path) -> None:
    town = Town(feeds=Town().feeds[:1])
    thursday = replace(town, moment=town.moment + timedelta(days=3))
    thursday.heard("guard_a", 400)
    thursday.report("first", local(7 + 364, "12:00"), area_id="centrum")  # the Monday, 374 days before that Thursday
    (row,) = thursday.rows(tmp_path, "FROM picture.week_number WHERE level = 'all'")
    assert row["last_year"] == 1
