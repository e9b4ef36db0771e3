"""The weekly picture and the public version by the command line, and what happens where one of them cannot be made."""

from __future__ import annotations

import json

import prefect
import pytest

import flows.snapshots
import flows.weekly
import warehouse.publish.public
from flows.cli import main
from flows.opened import open_settings
from flows.settings import SettingsError, read_settings
from warehouse.connection import connect

pytestmark = pytest.mark.week


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LAGESBILD_SETTINGS", "lindvik")
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return tmp_path / "data"


def test_a_picture_is_asked_for_with_its_week_and_its_public_version(data, capsys):
    assert main(["picture", "--weekly", "--public", "--json"]) == 0
    products = json.loads(capsys.readouterr().out)["products"]
    assert products["faults"] == {}
    assert set(products["files"]) == {"weekly", "public"}
    folders = {path.parent.name for path in (data / "published").rglob("*_sv.html")}
    assert folders == {"published", "veckobild", "oppen"}


def test_a_large_lake_s_picture_has_the_week_s_tables_where_they_are_asked_for(data, monkeypatch):
    monkeypatch.setattr(flows.snapshots, "is_due", lambda *_: False)
    had = []
    for arguments in (["picture"], ["picture", "--weekly"], ["picture"], ["picture", "--at", "2026-10-01 06:00"]):
        assert main(arguments) == 0
        with connect(
            data / ("lagesbild-past.duckdb" if "--at" in arguments else "lagesbild-build.duckdb"), read_only=True
        ) as con:
            had.append(("week_query",) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall())
    assert had == [False, True, False, True]


def test_the_week_s_flow_asks_for_the_week_s_tables_itself(data, monkeypatch):
    monkeypatch.setattr(flows.snapshots, "is_due", lambda *_: False)
    monkeypatch.setattr(prefect.Task, "__call__", lambda task, *args, **values: task.fn(*args, **values))
    monkeypatch.setattr("flows.weekly.tell_picture", lambda *_: None)
    made = flows.weekly.weekly.fn("lindvik", str(data))
    assert set(made.files) == {"weekly", "public"} and not made.faults


def test_a_plain_picture_makes_neither(data, capsys):
    assert main(["picture"]) == 0
    assert not (data / "published" / "veckobild").exists() and not (data / "published" / "oppen").exists()


def test_a_public_version_that_fails_costs_neither_the_sheet_nor_the_week(data, capsys, monkeypatch):
    def broken(*_):
        raise KeyError("a payload text")

    monkeypatch.setattr(warehouse.publish.public, "read_public", broken)
    assert main(["picture", "--weekly", "--public"]) == 3
    told = capsys.readouterr()
    assert "no public picture: KeyError" in told.err and "payload" not in told.err + told.out
    assert list((data / "published" / "veckobild").glob("*.html"))
    assert (data / "published" / "latest.html").exists()


def test_a_feed_that_is_not_there_cannot_be_agreed_to(tmp_path):
    folder = open_settings("lindvik").folder
    for path in folder.rglob("*"):
        if path.is_file():
            (tmp_path / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path.relative_to(folder)).write_bytes(path.read_bytes())
    town = tmp_path / "municipality.toml"
    town.write_text(town.read_text().replace('feeds = ["guard_nordvakt"', 'feeds = ["guard_nobody"'))
    with pytest.raises(SettingsError, match=r"public\.feeds.*guard_nobody"):
        read_settings(tmp_path)
