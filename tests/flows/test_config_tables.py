"""The settings as tables for SQL."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from shapely.geometry import Point, shape

from flows.config_tables import config_tables
from flows.settings import BUNDLED, read_settings

MOMENT = dt.datetime(2026, 10, 16, 4, 15, tzinfo=dt.UTC)
SQL = Path(__file__).resolve().parents[2] / "warehouse" / "sql" / "00_config"


@pytest.fixture(scope="module")
def tables():
    return config_tables(read_settings(BUNDLED / "lindvik"), MOMENT, MOMENT - dt.timedelta(days=1))


def test_the_tables_fill_the_warehouses_config_schema(tables) -> None:
    con = duckdb.connect(":memory:")
    con.execute("SET TimeZone = 'UTC'; CREATE SCHEMA config")
    declared = sorted(path.stem for path in SQL.glob("*.sql"))
    assert declared == sorted(tables)
    for name in declared:
        con.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
        con.register("given", tables[name])
        con.execute(f"INSERT INTO config.{name} BY NAME SELECT * FROM given")
        assert con.execute(f"SELECT count(*) FROM config.{name}").fetchone() == (tables[name].num_rows,)
        columns = con.execute(f"SELECT * FROM config.{name} LIMIT 0").description
        assert {c[0] for c in columns} == set(tables[name].column_names)


def test_the_moment_row_tells_when_the_sheet_runs_out(tables) -> None:
    row = tables["moment"].to_pylist()[0]
    assert row["valid_until_at"] - row["moment_at"] == dt.timedelta(hours=24)
    assert row["moment_at"] - row["previous_moment_at"] == dt.timedelta(days=1)
    assert (row["timezone"], row["language"]) == ("Europe/Stockholm", "sv") and row["code_version"]


@pytest.mark.parametrize(("saturday", "hours"), [("2026-03-28", 23), ("2026-10-24", 25)])
def test_the_sheet_before_a_clock_change_holds_until_the_clock_shows_the_next_ones_hour(
    saturday: str, hours: int
) -> None:
    settings = read_settings(BUNDLED / "lindvik")
    moment = dt.datetime.fromisoformat(f"{saturday}T06:15").replace(tzinfo=settings.timezone).astimezone(dt.UTC)
    row = config_tables(settings, moment, None)["moment"].to_pylist()[0]
    assert row["valid_until_at"] - moment == dt.timedelta(hours=hours)
    assert f"{row['valid_until_at'].astimezone(settings.timezone):%H:%M}" == "06:15"


def test_there_may_be_no_picture_before_this_one() -> None:
    tables = config_tables(read_settings(BUNDLED / "lindvik"), MOMENT, None)
    assert tables["moment"].to_pylist()[0]["previous_moment_at"] is None


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="moment has no offset"):
        config_tables(read_settings(BUNDLED / "lindvik"), MOMENT.replace(tzinfo=None), None)


def test_an_areas_label_stands_inside_it(tables) -> None:
    for row in tables["area"].to_pylist():
        outline = shape(json.loads(row["geometry_geojson"]))
        assert outline.contains(Point(row["label_longitude"], row["label_latitude"])), row["area_id"]


def test_the_familys_name_is_what_stands_before_the_dot(tables) -> None:
    families = {row["category"]: row["family"] for row in tables["category"].to_pylist()}
    assert (families["vald.ran"], families["bedrageri"]) == ("vald", "bedrageri")


def test_a_feed_of_unknown_size_has_no_expected_count(tables) -> None:
    feeds = {row["source_id"]: row for row in tables["feed"].to_pylist()}
    assert feeds["trygghetsvandring"]["expected_low"] is None
    assert feeds["polisen_events"]["is_trend_source"] is False
    assert [row["position"] for row in feeds.values()] == list(range(1, len(feeds) + 1))


def test_a_threshold_carries_its_reason_and_its_day(tables) -> None:
    for row in tables["threshold"].to_pylist():
        assert row["reason"] and row["decided_day"] and row["unit"], row["name"]


def test_an_unknown_population_is_null() -> None:
    tables = config_tables(read_settings(BUNDLED / "haninge"), MOMENT, None)
    assert set(tables["area"].column("population").to_pylist()) == {None}
    assert all(tables["area"].column("is_approximate").to_pylist())
