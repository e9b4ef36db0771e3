"""A picture of the present is made from what the lake keeps ready, and is the one all versions give."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.warehouse.kept import inputs_of, lively_town, read_in
from tests.warehouse.rows import MOMENT, ZONE, Town, local
from warehouse.build import BuildInputs, build
from warehouse.connection import connect
from warehouse.lake import Lake
from warehouse.present import present_of
from warehouse.scope import Scope


def tables_of(database: Path) -> dict[str, list[object]]:
    """Every row of every table, and of the views that analysts ask."""
    views = ["core.report", "core.report_version", "stage.report", "stage.recent_version", "stage.source_span"]
    with connect(database, read_only=True) as con:
        names = con.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name <> 'landed'"
        ).fetchall()
        found = {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for (name,) in names}
        return found | {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in views}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_what_is_kept_and_all_versions_give_the_same_tables(seed: int, tmp_path: Path) -> None:
    town, lake = lively_town(seed), Lake(tmp_path / "lake")
    nights = [local(700), local(300), local(40), local(1), MOMENT - timedelta(hours=3), MOMENT]
    inputs = inputs_of(lake, read_in(lake, town, nights), town)
    assert inputs.present
    ready = tables_of(build(inputs, tmp_path / "ready.duckdb").path)
    worked_out = tables_of(build(replace(inputs, present=None), tmp_path / "worked_out.duckdb").path)
    assert ready.keys() == worked_out.keys()
    for name, rows in ready.items():
        assert rows == worked_out[name], name
    # The town must be lively enough for the tables to say something.
    for name in ("core.recent_report", "core.incident_day", "core.dose", "core.change", "stage.report_total"):
        assert ready[name], name
    kinds = {row[1] for row in ready["core.change"]}  # type: ignore[index]
    assert {"new", "changed", "withdrawn"} <= kinds


def test_a_moment_before_the_newest_fact_is_worked_out_from_all_versions(tmp_path: Path) -> None:
    town, lake = Town(), Lake(tmp_path / "lake")
    town.report("a", local(1))
    manifest = read_in(lake, town, [MOMENT])
    known_at = town.lake["report_version"][0]["ingested_at"]
    assert present_of(lake, manifest, known_at, None, ZONE)
    assert present_of(lake, manifest, known_at - timedelta(microseconds=1), None, ZONE) is None


def test_a_feed_whose_present_state_is_not_kept_in_this_zone_is_worked_out_from_all_versions(tmp_path: Path) -> None:
    town, lake = Town(), Lake(tmp_path / "lake")
    town.report("a", local(1))
    manifest = read_in(lake, town, [MOMENT])
    for edition in ("", "1 Europe/Helsinki", "0 Europe/Stockholm"):
        feeds = {feed: replace(state, current=edition) for feed, state in manifest.feeds.items()}
        assert present_of(lake, replace(manifest, feeds=feeds), MOMENT, None, ZONE) is None


def test_a_morning_reads_no_file_of_years_ago(tmp_path: Path) -> None:
    town, lake = Town(), Lake(tmp_path / "lake")
    for key, days in {"old": 900, "new": 2}.items():
        known = {"ingested_at": local(days), "first_seen_at": local(days)}
        town.report(key, local(days), note_public="Text.", **known)
        town.delivery("guard_a", local(days))
    manifest = read_in(lake, town, [local(800), MOMENT])
    present = present_of(lake, manifest, MOMENT, MOMENT - timedelta(days=3), ZONE)
    assert present
    years_ago = {f.path for f in manifest.files if f.known_until and f.known_until < local(800).isoformat()}
    years_ago -= {f.path for f in manifest.files if f.table == "report_total"}
    assert len(years_ago) == 6  # report, its days, keys, versions, note, delivery
    read = {path.relative_to(lake.folder).as_posix() for path in present.read_tonight()}
    assert read and not read & years_ago


def test_a_picture_of_a_part_may_not_be_made_from_what_is_kept_of_the_whole(tmp_path: Path) -> None:
    town, lake = Town(), Lake(tmp_path / "lake")
    town.report("a", local(1))
    inputs: BuildInputs = inputs_of(lake, read_in(lake, town, [MOMENT]), town)
    with pytest.raises(ValueError, match="worked out from all versions"):
        build(replace(inputs, scope=Scope([], ["TLP:GREEN"])), tmp_path / "town.duckdb")
