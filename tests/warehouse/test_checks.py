"""Every check finds what it is there for: a sound database is damaged once for each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.warehouse.rows import MOMENT, TODAY, Town, feed, local, rows_of, weekly
from warehouse.connection import connect
from warehouse.contract import REGISTERS
from warehouse.findings import CHECKS, meaning_of, run_checks

#: Eighty deliveries of one source, half of them of the last week; how old their newest event is varies by forty minutes
#: in either half, from ``delay`` minutes in the new one and from 60 in the other.
DELAYED = """CREATE OR REPLACE TABLE stage.delivery AS
SELECT d.* REPLACE (t.came_at AS ingested_at, 1 AS seen_count, 1 AS accepted_count, 'accepted' AS disposition,
    t.came_at - to_minutes((t.n % 40 + if(t.n % 2 = 0, {delay}, 60))::INTEGER) AS newest_event_at)
FROM (FROM stage.delivery WHERE source_id = 'guard_a' LIMIT 1) AS d, (
    SELECT n, moment_at - to_days((n % 2 * 14 + 1)::INTEGER) - to_seconds(n) AS came_at
    FROM range(80) AS r (n), config.moment
) AS t"""

#: Eighty reports, half of them new, whose quantity is ``quantity`` in the new half and 2 in the other.
COUNTED = """CREATE OR REPLACE VIEW stage.recent_report AS
SELECT 'guard_a' AS source_id, 'new' AS change_kind, if(n % 2 = 0, {quantity}, 2) AS quantity,
    m.moment_at - to_days((n % 2 * 14 + 1)::INTEGER) AS first_seen_at
FROM range(80) AS t (n), config.moment AS m"""

#: What is done to a sound database, and the check that must see it.
DAMAGE = {
    "fail_alert_not_real": "UPDATE landed.public_alert_of_test SET alert_status = 'test'",
    "fail_category_unknown": "UPDATE core.recent_report SET category = 'nytt.ord' WHERE report_id = 'guard_a:plain'",
    "fail_count_of_non_incident": "UPDATE core.recent_report SET counts_as = 'meta' WHERE report_id = 'guard_a:plain'",
    "fail_delivery_sum": "UPDATE stage.delivery SET seen_count = seen_count + 1",
    "fail_event_from_future": "UPDATE core.incident SET event_at = event_at + INTERVAL 9 DAYS",
    "fail_known_after_moment": "UPDATE core.recent_report SET ingested_at = ingested_at + INTERVAL 9 DAYS",
    "fail_note_shown": "UPDATE picture.event SET note_public = repeat('a', 141)",
    "fail_picture_shape": "DELETE FROM picture.summary WHERE position = 2",
    "fail_point_not_public": "UPDATE core.recent_report"
    " SET location_precision = 'omrade' WHERE report_id = 'guard_a:point'",
    "fail_private_place_named": "UPDATE config.place SET publicness = 'private' WHERE place_id = 'torget'",
    "fail_sensitive_too_fine": "UPDATE core.recent_report SET area_id = 'centrum' WHERE is_person_sensitive",
    "fail_tlp_too_open": "UPDATE picture.head SET tlp = 'TLP:GREEN'",
    "fail_total_differs": "UPDATE picture.map_total SET total_count = total_count + 1",
    "warn_alert_unknown": "UPDATE landed.public_alert_of_test SET alert_status = NULL",
    "warn_area_unknown": "UPDATE stage.report_total SET area_id = 'utanfor' WHERE area_id = 'centrum'",
    "warn_delay_shifted": DELAYED.format(delay=120),
    "warn_event_interval": "UPDATE landed.planned_event_of_test SET stop_day = start_day - 1",
    "warn_feed_below_expected": "UPDATE picture.source SET is_below_expected = TRUE",
    "warn_feed_silent": "UPDATE picture.source SET status = 'down'",
    "warn_incident_without_time": "UPDATE core.recent_report SET event_at = NULL",
    "warn_insats_dose": "UPDATE core.insats SET done_dose = planned_dose + 1",
    "warn_insats_interval": "UPDATE core.insats SET stop_day = start_day - 1",
    "warn_quantity_shifted": COUNTED.format(quantity=120),
    "warn_register_number_twice": "INSERT INTO landed.insats_of_test"
    " SELECT * REPLACE ('beslut:1' AS entry_id, 'beslut' AS source_id) FROM landed.insats_of_test",
    "warn_register_unknown": "DELETE FROM config.owner WHERE owner_id = 'vakterna'",
    "warn_resource_never_out": "UPDATE landed.resource_of_test SET weekdays = (isodow(start_day) % 7 + 1)::VARCHAR",
    "warn_source_unknown": "DELETE FROM config.feed WHERE source_id = 'guard_a'",
    "warn_unmapped_share": "UPDATE core.recent_report"
    " SET category = 'okand' WHERE ingested_at > now() - INTERVAL 9000 DAYS",
    "warn_walk_due_first": "UPDATE core.walk_point SET due_day = walk_day - 1",
    "warn_warning_unknown": "UPDATE landed.weather_warning_of_test SET dq_flags = 'level_unknown'",
    "warn_unplaced_share": "UPDATE picture.map_total SET unlocated_count = total_count",
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    town = Town()
    for source in town.feeds:
        town.heard(source["source_id"], 371)
    weekly(town, [5, 4], place_id="torget", place_text="Torget", publicness="public")
    town.report("plain", local(1), note_public="Skadegörelse.")
    town.report("point", local(1), latitude=59.05, longitude=18.05, location_precision="punkt")
    town.report("hidden", local(1), category="vald.sexualbrott", note_public="Får inte synas.")
    meet(town)
    path = town.build(tmp_path_factory.mktemp("sound")).path
    with connect(path) as con:  # the registers are views over files: a copy of each that can be damaged
        for register in REGISTERS:
            con.execute(f"CREATE TABLE landed.{register}_of_test AS FROM landed.{register}")
            con.execute(f"CREATE OR REPLACE VIEW landed.{register} AS FROM landed.{register}_of_test")
    return path


def meet(town: Town) -> None:
    """A sound entry of each register that a check looks at."""
    for register in REGISTERS:
        town.register(register)
    town.entry("insats", "1", problem="Klotter", owner_id="vakterna", decided_day=TODAY, start_day=TODAY,
               stop_day=TODAY, planned_dose=4, done_dose=4, place_id="torget", area_id="centrum",
               category="skada.klotter")  # fmt: skip
    town.entry("planned_event", "1", title="Loppet", start_day=TODAY, owner_id="polisen")
    town.entry("school_holiday", "1", title="Lov", start_day=TODAY, stop_day=TODAY)
    town.entry("resource", "1", owner_id="vakterna", start_day=TODAY, weekdays=str(TODAY.isoweekday()))
    town.entry("safety_walk", "1", finding="Mörkt", walk_day=TODAY, due_day=TODAY, measure_status="ny")
    town.entry("assessment", "1", assessment_type="fraga", question="Vem?", owner_id="trygghet")
    town.entry("weather_warning", "1", event_sv="Vind", warning_level="gul", reach="kommun", area_ids="centrum",
               is_test=False)  # fmt: skip
    town.entry("public_alert", "1", message_type="alert", alert_status="actual", reach="kommun", sent_at=MOMENT)


def test_a_sound_database_passes_every_check(sound: Path) -> None:
    with connect(sound, read_only=True) as con:
        assert [str(f) for kind in ("fail", "warn") for f in run_checks(con, kind)] == []


def test_every_check_has_its_damage_and_says_what_it_looks_for() -> None:
    assert {path.stem for path in CHECKS.glob("*.sql")} == set(DAMAGE)
    for path in CHECKS.glob("*.sql"):
        assert meaning_of(path.read_text(encoding="utf-8")).endswith("."), path.name


@pytest.mark.parametrize("name", sorted(DAMAGE))
def test_the_check_finds_its_damage(sound: Path, name: str) -> None:
    with connect(sound) as con:
        con.execute("BEGIN")
        con.execute(DAMAGE[name])
        found = {finding.check: finding for finding in run_checks(con, name.split("_")[0])}
        con.execute("ROLLBACK")
    assert name in found
    assert found[name].count >= 1 and found[name].examples
    assert "Får inte synas" not in str(found[name]) + "".join(found[name].examples)


def test_warnings_are_returned_and_do_not_stop_the_picture(tmp_path: Path) -> None:
    town = Town(feeds=[feed("guard_a", expected_low=5)])
    town.delivery("guard_a", MOMENT - timedelta(hours=1), seen_count=4, accepted_count=4)
    result = town.build(tmp_path)
    assert [w.check for w in result.warnings] == ["warn_feed_below_expected"]
    assert rows_of(result.path, "SELECT accepted_count FROM picture.source") == [{"accepted_count": 4}]


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("warn_insats_interval", "UPDATE core.insats SET decided_day = stop_day + 1"),
        ("warn_event_interval", "UPDATE landed.school_holiday_of_test SET stop_day = start_day - 1"),
        ("warn_resource_never_out", "UPDATE landed.resource_of_test SET stop_day = start_day - 1"),
        ("warn_register_unknown", "DELETE FROM config.area WHERE area_id = 'centrum'"),
        ("warn_register_unknown", "DELETE FROM config.place WHERE place_id = 'torget'"),
        ("warn_register_unknown", "DELETE FROM config.category WHERE category = 'skada.klotter'"),
        ("warn_register_unknown", "UPDATE landed.assessment_of_test SET dq_flags = 'area_unknown'"),
        ("warn_alert_unknown", "UPDATE landed.public_alert_of_test SET reach = NULL"),
        ("warn_alert_unknown", "UPDATE landed.public_alert_of_test SET message_type = NULL"),
    ],
)
def test_a_register_is_looked_through_in_every_way_it_is_said_to_be(sound: Path, check: str, damage: str) -> None:
    with connect(sound) as con:
        con.execute("BEGIN")
        con.execute(damage)
        found = {finding.check for finding in run_checks(con, "warn")}
        con.execute("ROLLBACK")
    assert check in found


@pytest.mark.parametrize(
    ("check", "damage", "is_found"),
    [
        ("warn_delay_shifted", DELAYED.format(delay=90), False),
        ("warn_delay_shifted", DELAYED.format(delay=0), True),
        ("warn_delay_shifted", DELAYED.format(delay=60 + 365 * 24 * 60), True),
        ("warn_quantity_shifted", COUNTED.format(quantity=15), False),
        ("warn_quantity_shifted", COUNTED.format(quantity=16), True),
    ],
)
def test_a_clock_and_a_unit_are_asked_after_from_a_clear_shift_on(
    sound: Path, check: str, damage: str, is_found: bool
) -> None:
    with connect(sound) as con:
        con.execute("BEGIN")
        con.execute(damage)
        names = {finding.check for finding in run_checks(con, "warn")}
        con.execute("ROLLBACK")
    assert (check in names) is is_found
