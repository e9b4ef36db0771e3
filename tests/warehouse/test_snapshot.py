"""What the analysts' snapshot holds of sensitive reports: category, municipality and week, by whatever table."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tests.warehouse.rows import MOMENT, ZONE, Town, local, rows_of, weekly
from warehouse.locked import ask, open_locked
from warehouse.snapshot import LAKE_STATE, PROVENANCE, make_snapshot

#: The last whole week is Monday the 16th to Sunday the 22nd of November 2026.
WEEK = datetime(2026, 11, 16, tzinfo=ZONE)
GRAVE = "vald.sexualbrott"


def snapshot_of(town: Town, folder: Path) -> tuple[Path, Path]:
    """(the build, its snapshot)."""
    built = town.build(folder).path
    made = pa.Table.from_pylist([{"run_id": "r", "lake_state_number": 1}], schema=PROVENANCE)
    make_snapshot(built, folder / "lagesbild.duckdb", made, LAKE_STATE.empty_table())
    return built, folder / "lagesbild.duckdb"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    # a Thursday: the sheet's seven days are then no ISO week
    town = Town(moment=MOMENT + timedelta(days=3))
    town.heard("guard_a", 371)
    weekly(town, [3] * 53, place_id="torget", place_text="Torget")
    told = {"action_taken": "avvisning", "quantity": 2, "police_informed": True, "reported_at": local(2, "23:51")}
    for n in range(2):
        town.report(f"grave{n}", local(3 + n, "22:17"), category=GRAVE, ingested_at=local(2 - n), **told)
    town.report("grave9", local(40, "22:17"), category=GRAVE, **told)
    # called vandalism first, at a place and an hour, and by its name a day later
    early = {"place_id": "torget", "place_text": "Torget", "place_type": "torg", "publicness": "public"}
    point = {"latitude": 59.05, "longitude": 18.05, "location_precision": "punkt"}
    first = town.report("late", local(5, "03:33"), ingested_at=local(4), **early, **point)
    again = {"version": 2, "change_kind": "changed", "first_seen_at": first["ingested_at"], "ingested_at": local(3)}
    town.report("late", local(5, "03:33"), category=GRAVE, **again, **told)
    return snapshot_of(town, tmp_path_factory.mktemp("snapshot"))


SENSITIVE = "report_id IN (SELECT report_id FROM core.report WHERE is_person_sensitive)"


@pytest.mark.parametrize("table", ["core.report", "core.report_version", "core.incident", "core.change"])
def test_no_time_of_a_sensitive_report_is_finer_than_its_week(pair: tuple[Path, Path], table: str) -> None:
    rows = rows_of(pair[1], f"SELECT * FROM {table} WHERE {SENSITIVE}")
    assert rows
    for row in rows:
        for name in ("event_at", "occurred_from", "occurred_until", "reported_at", "published_at", "closed_at"):
            if row.get(name) is not None:
                at = row[name].astimezone(ZONE)
                assert (at.weekday(), at.hour, at.minute) == (0, 0, 0), (table, name)
        assert row.get("local_day", WEEK.date()).weekday() == 0
        assert row.get("local_hour") is None and row.get("local_weekday") is None
        assert not row.get("is_time_known") and row.get("occurred_precision", "week") == "week"


def test_no_version_of_what_turned_out_sensitive_keeps_place_or_measure(pair: tuple[Path, Path]) -> None:
    hidden = ("place_id", "place_text", "place_type", "area_id", "latitude", "longitude", "action_taken", "quantity",
              "police_informed", "publicness")  # fmt: skip
    for table in ("core.report", "core.report_version"):
        rows = rows_of(pair[1], f"SELECT * FROM {table} WHERE {SENSITIVE}")
        assert {name for row in rows for name in hidden if row[name] is not None} == set()
        assert {row["location_precision"] for row in rows} == {"kommun"}


def test_sums_by_day_have_sensitive_categories_by_week_and_lose_none(pair: tuple[Path, Path]) -> None:
    for table, count in (("core.incident_day", "incident_count"), ("core.report_day", "report_count")):
        query = f"SELECT local_day, {count} AS n FROM {table} WHERE category = '{GRAVE}'"
        days = [row["local_day"] for row in rows_of(pair[1], query)]
        assert days and {day.weekday() for day in days} == {0}
        before, after = (sum(row["n"] for row in rows_of(path, query)) for path in pair)
        assert before == after == 4


def test_a_week_s_count_has_its_sensitive_incidents(pair: tuple[Path, Path]) -> None:
    asked = "SELECT sum(count) AS n FROM core.area_counts('2026-11-16', '2026-11-22') WHERE area_id IS NULL"
    assert rows_of(pair[1], asked) == [{"n": 3}]


def test_no_seven_days_and_week_together_tell_a_sensitive_report_s_day(pair: tuple[Path, Path]) -> None:
    """The sheet's seven days end yesterday and the week on a Sunday: together they would be a day or two."""
    for table in ("core.report", "core.incident"):
        assert rows_of(pair[1], f"SELECT * FROM {table} WHERE is_person_sensitive AND period IS NOT NULL") == []


def test_every_number_of_the_sheet_has_its_rows_or_says_how_many_are_held_back(pair: tuple[Path, Path]) -> None:
    """Over every query id whose answer has rows of reports: the build's rows are the snapshot's and those held back."""
    held = {row["query_id"]: row["held_back_count"] for row in rows_of(pair[1], "FROM picture.held_back")}
    found = dict[str, int]()
    for table in ("query", "week_query"):
        queries = {row["query_id"]: row["sql"] for row in rows_of(pair[1], f"FROM picture.{table}")}
        for row in rows_of(pair[0], f"FROM picture.{table}"):
            exact, shown = rows_of(pair[0], row["sql"]), rows_of(pair[1], queries[row["query_id"]])
            if exact and "report_id" in exact[0]:
                ids, told = ([r["report_id"] for r in rows] for rows in (exact, shown))
                assert set(told) <= set(ids), row["query_id"]
                found[row["query_id"]] = len(ids) - len(told)
                assert all(r["is_person_sensitive"] for r in exact if r["report_id"] not in told)
    assert {query_id: count for query_id, count in found.items() if count} == held
    assert len(found) > 8 and {"2.1", "v1.1"} <= found.keys() and held["2.1"] == 2
    with open_locked(pair[1]) as con:
        told = [json.loads(ask(con, f"q:{query_id}").schema.metadata[b"provenance"]) for query_id in found]
        assert [one["held_back"] for one in told] == list(found.values())


def test_a_sensitive_report_that_its_week_s_monday_shows_is_not_said_to_be_held_back(tmp_path: Path) -> None:
    """On a Monday the last 24 hours hold the beginning of this week, and not that of the Sunday's."""
    town = Town()
    town.heard("guard_a", 371)
    town.report("today", local(0, "02:10"), category=GRAVE, ingested_at=local(0, "03:00"))
    town.report("sunday", local(1, "22:00"), category=GRAVE, ingested_at=local(1, "23:00"))
    _, snapshot = snapshot_of(town, tmp_path)
    with open_locked(snapshot) as con:
        answer = ask(con, "q:0.2")
    assert answer.column("report_id").to_pylist() == ["guard_a:today"]
    assert json.loads(answer.schema.metadata[b"provenance"])["held_back"] == 1


def test_day_and_zone_are_constants_so_that_a_filter_reaches_its_column(pair: tuple[Path, Path]) -> None:
    with open_locked(pair[1]) as con:
        plan = con.execute("EXPLAIN FROM core.incident WHERE local_day >= core.this_day() - 7").fetchall()[0][1]
        assert "JOIN" not in plan and "local_day>='2026-11-19'" in plan.replace("::DATE", "").replace(" ", "")
        asked = "SELECT core.day_of('2026-11-25 23:30:00+00'::TIMESTAMPTZ), core.start_of('2026-11-26')"
        assert con.execute(asked).fetchone() == (date(2026, 11, 26), local(-3, "00:00"))
        macros = "SELECT count(*) FROM duckdb_functions() WHERE schema_name = 'core' AND comment IS NULL"
        assert con.execute(macros).fetchone() == (0,)


def test_other_reports_keep_their_minute(pair: tuple[Path, Path]) -> None:
    query = "SELECT report_id, event_at, local_day, local_hour, occurred_precision, place_id, period FROM core.incident"
    query = query.replace("occurred_precision, ", "") + " WHERE NOT is_person_sensitive AND period < 8 ORDER BY ALL"
    assert rows_of(pair[0], query) == rows_of(pair[1], query) != []


def test_when_we_learnt_it_stays_so_that_what_was_known_can_be_asked(pair: tuple[Path, Path]) -> None:
    with open_locked(pair[1]) as con:
        asked = "SELECT category FROM core.as_of($1) WHERE report_id = 'guard_a:late'"
        found = [con.execute(asked, [local(at, "13:00")]).fetchall() for at in (5, 4, 3)]
    assert found == [[], [("skada.skadegorelse",)], [(GRAVE,)]]
