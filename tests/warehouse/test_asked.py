"""A town built for a question answers it as the whole town does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.asked import wanted
from tests.warehouse.rows import MOMENT, Town, local, rows_of, weekly
from warehouse.findings import CheckFailed


def town() -> Town:
    town = Town()
    town.heard("guard_a", 371)
    weekly(town, [9] + [1] * 52, place_id="torget", place_text="Torget")
    town.report("news", local(1), ingested_at=MOMENT, note_public="Skadegörelse.")
    return town


TABLES = ("picture.event", "picture.deviation", "picture.focus_place", "core.feed_state")


def test_the_tables_asked_for_are_those_of_the_whole_and_no_others_are_made(tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    whole.mkdir()
    part.mkdir()
    all_of_it, asked = town().build(whole).path, town().build(part, *TABLES).path
    for table in TABLES:
        rows = rows_of(whole / "town.duckdb", f"FROM {table} ORDER BY ALL")
        assert rows and rows_of(asked, f"FROM {table} ORDER BY ALL") == rows, table
    made = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'picture' ORDER BY 1"
    assert {row["table_name"] for row in rows_of(asked, made)} < {row["table_name"] for row in rows_of(all_of_it, made)}
    assert not rows_of(asked, f"FROM ({made}) WHERE table_name IN ('map_area', 'query', 'week_number')")


def test_the_checks_of_what_is_made_are_run(tmp_path: Path) -> None:
    faulty = town()
    faulty.report("of no category", local(1))["category"] = "nytt.ord"
    with pytest.raises(CheckFailed, match="fail_category_unknown"):
        faulty.build(tmp_path, "core.recent_report")


def test_who_asks_for_what_is_not_there_is_told() -> None:
    with pytest.raises(KeyError, match=r"picture\.evnt"):
        wanted(["picture.evnt"])
    with pytest.raises(ValueError, match="no table is named"):
        Town().build(Path("nowhere"), "event")
