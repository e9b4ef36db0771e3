"""A picture of some areas, or of what a label allows: counted of the part, and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.warehouse.asked import only
from tests.warehouse.rows import MOMENT, Town, local, rows_of
from warehouse.build import build
from warehouse.connection import connect
from warehouse.scope import Scope

ALL_LABELS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")


def reports(town: Town, folder: Path, scope: Scope | None) -> set[str]:
    with only("core.report", "core.recent_report", "picture.head"):
        path = build(replace(town.inputs(folder), scope=scope), folder / "part.duckdb").path
    told = {row["report_id"] for row in rows_of(path, "SELECT report_id FROM core.report")}
    assert told == {row["report_id"] for row in rows_of(path, "SELECT report_id FROM core.recent_report")}
    (head,) = rows_of(path, "SELECT current_report_count AS n FROM picture.head")
    assert head["n"] == len(told)
    return {name.removeprefix("guard_a:") for name in told}


@pytest.fixture
def town() -> Town:
    town = Town()
    town.report("centre", local(1))
    town.report("north", local(1), area_id="norra")
    town.report("nowhere", local(1), area_id=None)
    town.report("moved", local(2))
    town.report("moved", local(2), version=2, change_kind="changed", area_id="norra", ingested_at=local(1))
    town.report("gone", local(2))
    town.report("gone", local(2), version=2, change_kind="withdrawn", area_id=None, ingested_at=local(1),
                first_seen_at=local(2))  # fmt: skip
    town.report("sensitive", local(1), category="vald.sexualbrott", area_id=None)
    return town


def test_without_a_scope_the_picture_is_of_everything(town, tmp_path):
    assert reports(town, tmp_path, None) == {"centre", "north", "nowhere", "moved", "sensitive"}
    assert reports(town, tmp_path, Scope((), ALL_LABELS)) == {"centre", "north", "nowhere", "moved", "sensitive"}


def test_a_report_belongs_to_the_area_it_was_last_told_to_lie_in(town, tmp_path):
    assert reports(town, tmp_path, Scope(("centrum",), ALL_LABELS)) == {"centre"}
    assert reports(town, tmp_path, Scope(("norra",), ALL_LABELS)) == {"north", "moved"}
    assert reports(town, tmp_path, Scope(("centrum", "norra"), ALL_LABELS)) == {"centre", "north", "moved"}


def test_a_move_heard_of_after_the_moment_counts_for_nothing(town, tmp_path):
    town.lake["report_version"][4]["ingested_at"] = MOMENT.replace(hour=6)
    assert "moved" in reports(town, tmp_path, Scope(("centrum",), ALL_LABELS))


def test_a_report_that_ever_had_a_stricter_label_is_left_out(town, tmp_path):
    town.report("open", local(1), tlp="TLP:GREEN")
    town.report("opened", local(1), tlp="TLP:AMBER", note_public="Innan.")
    town.report("opened", local(1), tlp="TLP:GREEN", version=2, change_kind="changed", ingested_at=local(0, "05:00"))
    assert reports(town, tmp_path, Scope((), ("TLP:CLEAR", "TLP:GREEN"))) == {"open"}


def test_what_was_withdrawn_is_told_in_the_area_it_lay_in(town, tmp_path):
    query = "SELECT report_id FROM core.change WHERE change_kind = 'withdrawn'"
    for area, told in (("centrum", [{"report_id": "guard_a:gone"}]), ("norra", [])):
        inputs = replace(town.inputs(tmp_path), scope=Scope((area,), ALL_LABELS))
        with only(query):
            assert rows_of(build(inputs, tmp_path / "part.duckdb").path, query) == told


def test_what_is_left_out_is_in_no_table_of_the_database(town, tmp_path):
    town.report("open", local(1), tlp="TLP:GREEN")
    path = build(replace(town.inputs(tmp_path), scope=Scope((), ("TLP:GREEN",))), tmp_path / "part.duckdb").path
    with connect(path, read_only=True) as con:
        tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        told = " ".join(str(con.execute(f'FROM "{schema}"."{table}"').fetchall()) for schema, table in tables)
    assert "guard_a:open" in told and "guard_a:centre" not in told and "guard_a:moved" not in told


def test_a_scope_over_an_empty_lake_gives_an_empty_picture(tmp_path):
    assert reports(Town(), tmp_path, Scope(("centrum",), ALL_LABELS)) == set()


def test_a_register_s_entries_follow_the_part_too(tmp_path):
    town = Town()
    town.register("insats")
    town.entry("insats", "north", problem="Norr", area_id="norra", insats_status="pagar", decided_day=date(2026, 11, 1))
    town.entry("insats", "centre", problem="Mitt", area_id="centrum", insats_status="pagar")
    town.entry("insats", "strict", problem="Hemlig", area_id="norra", tlp="TLP:RED", insats_status="pagar")
    town.entry("insats", "opened", problem="Öppnad", area_id="norra", tlp="TLP:RED", insats_status="pagar",
               ingested_at=MOMENT - timedelta(days=2))  # fmt: skip
    town.entry("insats", "opened", problem="Öppnad", area_id="norra", insats_status="pagar", version=2,
               change_kind="changed")  # fmt: skip
    scope = Scope(["norra"], ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"))
    with only("core.insats", "picture.head"):
        path = build(replace(town.inputs(tmp_path), scope=scope), tmp_path / "part.duckdb").path
    assert rows_of(path, "SELECT problem FROM core.insats ORDER BY problem") == [{"problem": "Norr"}]
    assert rows_of(path, "SELECT tlp FROM picture.head") == [{"tlp": "TLP:AMBER"}]
