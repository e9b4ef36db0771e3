"""Every printed number leads back to its rows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.warehouse.publish.made_up_picture import NUMBERED
from tests.warehouse.rows import MOMENT, TODAY, Town, feed, local, rows_of, weekly
from warehouse.connection import connect


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    town = Town(feeds=[feed("guard_a"), feed("guard_b", position=2), feed("o'hara", position=3)])
    for source in ("guard_a", "guard_b"):
        town.heard(source, 371)
    town.heard("o'hara", 14)
    weekly(town, [9] + [1] * 52, place_id="torget", place_text="Torget")
    weekly(town, [4] * 53, source_id="guard_b", area_id="norra", category="skada.klotter")
    weekly(town, [3, 3], source_id="o'hara", category="bedrageri")
    town.report("grave", local(1), category="vald.skjutning", ingested_at=MOMENT)
    meet(town)
    town.feeds.append(feed("faults", "municipal", is_trend=False, position=41))
    town.heard("faults", 9)
    stands = {"source_id": "faults", "observation_type": "municipal_request", "place_id": "torget"}
    for n, values in enumerate(({"status": "open"}, {"status": "open"}, {"status": "closed"})):
        town.report(f"fault{n}", local(200 * n + 3), category="plats.belysning", **stands, **values)
    town.report("round", local(1), category="vaktaktivitet.rond", ingested_at=MOMENT)
    town.report("quiet", local(1), category="vald.sexualbrott", ingested_at=MOMENT)
    for n, told in enumerate((MOMENT - timedelta(days=5), MOMENT - timedelta(hours=3)), 1):
        kind = {"version": n, "change_kind": "new" if n == 1 else "withdrawn", "ingested_at": told}
        town.report("taken", local(6), first_seen_at=MOMENT - timedelta(days=5), **kind)
    # A register that never came is no silent source: it is told of where it is missed.
    town.feeds.append(
        feed("unheard", "register", is_trend=False, kind="register_tabular", register="insats", position=40)
    )
    return town.build(tmp_path_factory.mktemp("busy")).path


def meet(town: Town) -> None:
    """A register of each kind with something in it, so that every section has a line."""
    for register in ("insats", "planned_event", "school_holiday", "resource", "assessment", "safety_walk",
                     "weather_warning", "public_alert"):  # fmt: skip
        town.register(register)
    past, today = TODAY - timedelta(days=3), TODAY
    town.entry("insats", "1", problem="Försenad", stop_day=past, insats_status="pagar", decided_day=past)
    town.entry("insats", "2", problem="I dag", stop_day=today, start_day=past, insats_status="pagar", decided_day=today)
    town.entry("insats", "3", problem="Klar", stop_day=past, insats_status="klar")
    town.entry("planned_event", "1", title="O'Hara-loppet", start_day=today, area_id="norra")
    town.entry("school_holiday", "1", title="Lov", start_day=today, stop_day=today)
    town.entry("resource", "1", owner_id="vakterna", start_day=today, area_id="norra", clock_from="20:00")
    town.entry("assessment", "1", assessment_type="fraga", question="Vem?", question_status="oppen")
    town.entry("assessment", "2", assessment_type="omradesstatus", area_id="norra", set_status="gul", start_day=past)
    town.entry(
        "safety_walk", "1", finding="Mörk gång", walk_day=past, due_day=past, place_id="torget", area_id="centrum"
    )
    for key, kind in (("1", "new"), ("2", "withdrawn")):
        town.entry("weather_warning", key, event_sv="Vind", event_en="Wind", warning_level="gul", reach="kommun",
                   area_ids="norra", is_test=False, change_kind=kind, version=1)  # fmt: skip
    town.entry("public_alert", "1", message_type="alert", alert_status="actual", reach="kommun", sent_at=MOMENT)


def test_every_query_id_that_is_printed_has_its_query(busy: Path) -> None:
    printed = set()
    for table in NUMBERED:
        printed |= {row["query_id"] for row in rows_of(busy, f"SELECT query_id FROM picture.{table}")}
    known = {row["query_id"] for row in rows_of(busy, "SELECT query_id FROM picture.query")}
    assert printed and printed <= known


def test_every_query_runs_as_it_stands_and_gives_rows(busy: Path) -> None:
    with connect(busy, read_only=True) as con:
        for query_id, sql in con.execute("SELECT query_id, sql FROM picture.query").fetchall():
            rows = con.execute(sql).fetchall()
            assert rows or query_id in ("0.2", "2.3"), query_id


@pytest.mark.parametrize(
    "printed",
    [
        "SELECT query_id, count AS n FROM picture.deviation",
        "SELECT query_id, number AS n FROM picture.summary",
        "SELECT query_id, incident_7d_count AS n FROM picture.area_status",
        "SELECT query_id, count_28d AS n FROM picture.focus_place",
        "SELECT fault_query_id AS query_id, open_fault_count AS n FROM picture.focus_place",
        "SELECT '4.0' AS query_id, new_count + changed_count + withdrawn_count AS n FROM picture.event_total",
        "SELECT '4.99' AS query_id, activity_count + context_count + meta_count AS n FROM picture.event_total",
        "SELECT '5.0' AS query_id, tested_count AS n FROM picture.deviation_total",
        "SELECT '0.1' AS query_id, current_report_count AS n FROM picture.head",
        "SELECT '0.2' AS query_id, incident_24h_count AS n FROM picture.head",
        "SELECT '0.3' AS query_id, without_place_count AS n FROM picture.head",
        "SELECT '0.4' AS query_id, with_time_count AS n FROM picture.heat_total",
        "SELECT '0.5' AS query_id, alert_count AS n FROM picture.warning_total",
        "SELECT '3.4' AS query_id, walk_overdue_count AS n FROM picture.walk_total",
        "SELECT '7.2' AS query_id, warning_count AS n FROM picture.warning_total",
        "SELECT '7.3' AS query_id, ended_early_count AS n FROM picture.warning_total",
    ],
)
def test_the_rows_behind_a_number_are_as_many_as_it_says(busy: Path, printed: str) -> None:
    numbers = rows_of(busy, printed)
    assert numbers
    for row in numbers:
        (query,) = rows_of(busy, f"SELECT sql FROM picture.query WHERE query_id = '{row['query_id']}'")
        (found,) = rows_of(busy, f"SELECT count(*) AS n FROM ({query['sql']})")
        assert found["n"] == row["n"], row["query_id"]
