"""A snapshot renewed night by night is the one made whole, and where that is not certain it is made whole."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

import warehouse.snapshot
from tests.warehouse.renewed import House, steady_town
from tests.warehouse.rows import MOMENT, Town, local, rows_of
from warehouse.snapshot import renewal

#: Mornings, the last a briefing an hour after the one before it.
MORNINGS = [local(9, "06:15"), local(3, "06:15"), local(1, "06:15"), MOMENT, MOMENT + timedelta(hours=1)]


@pytest.mark.slow
def test_a_snapshot_renewed_over_nights_is_the_one_made_whole(tmp_path: Path) -> None:
    house = House(tmp_path, steady_town(1))
    told = []
    for morning in MORNINGS:
        house.read(morning - timedelta(minutes=20))
        told.append(house.morning(morning))
        assert house.differs() == []
    assert told == ["there is none yet", "", "", "", ""]
    counts = "SELECT (SELECT count(*) FROM core.report_version WHERE NOT is_current) AS corrected, renewed_count,"
    counts += " (SELECT count(*) FROM core.incident WHERE is_person_sensitive) AS sensitive FROM quality.provenance"
    assert [min(row["corrected"], row["sensitive"]) > 20 for row in rows_of(house.snapshot, counts)] == [True]
    assert rows_of(house.snapshot, counts)[0]["renewed_count"] == 4


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A small town of which two mornings are to be told; the first one's snapshot stands."""
    house = House(tmp_path_factory.mktemp("two_nights"), Town())
    for number in range(6):
        house.town.report(
            f"old{number}", local(4 + number, "03:33"), place_id="torget", place_text=f"Kanariegatan {number}"
        )
    house.town.report("ahead", local(1, "05:30"), ingested_at=local(3))
    house.town.delivery("guard_a", local(3))
    house.read(local(2))
    house.morning(local(2))
    house.first = house.snapshot.read_bytes()
    return house


@pytest.fixture
def house(two_nights: House, tmp_path: Path) -> House:
    """The same town in a folder of its own."""
    for path in (two_nights.folder / "lake").rglob("*"):
        target = tmp_path / path.relative_to(two_nights.folder)
        target.mkdir(parents=True) if path.is_dir() else os.link(path, target)
    town = Town()
    town.lake = {name: list(rows) for name, rows in two_nights.town.lake.items()}
    own = House(tmp_path, town, two_nights.read_until)
    own.built = two_nights.built
    own.snapshot.write_bytes(two_nights.first)
    return own


def again(house: House, key: str, event_at, **values) -> None:
    row = next(row for row in house.town.lake["report_version"] if row["source_key"] == key)
    known = {"version": 2, "change_kind": "changed", "first_seen_at": row["first_seen_at"], "ingested_at": local(1)}
    house.town.report(key, event_at, **{**known, **values})


def test_what_came_changed_and_went_and_what_was_told_ahead_of_its_time_is_put_into_the_last_one(house: House) -> None:
    house.town.report("fresh", local(1), ingested_at=local(1))
    again(house, "old0", local(6, "04:44"), category="vald.ran")
    again(house, "old1", local(5, "03:33"), change_kind="withdrawn")
    house.read(MOMENT)
    assert (house.morning(MOMENT), house.differs()) == ("", [])
    asked = "SELECT report_id FROM core.incident ORDER BY ALL"
    names = [row["report_id"].split(":")[1] for row in rows_of(house.snapshot, asked)]
    assert names == ["ahead", "fresh", "old0", "old2", "old3", "old4", "old5"]


def test_a_report_that_turns_sensitive_leaves_nothing_of_its_minute_in_the_file(house: House) -> None:
    assert b"Kanariegatan 1" in house.snapshot.read_bytes()
    again(house, "old1", local(5, "03:33"), category="vald.sexualbrott", place_text=None, place_id=None)
    house.read(MOMENT)
    assert house.morning(MOMENT) == "a report turned sensitive"
    told = "SELECT occurred_from, place_id FROM core.report_version WHERE source_key = 'old1'"
    week = {"occurred_from": local(7, "00:00"), "place_id": None}
    assert rows_of(house.snapshot, told) == [week, week]
    assert b"Kanariegatan 1" not in house.snapshot.read_bytes()


#: An analyst's session: a process that opens the snapshot once, and answers whenever it is asked.
SESSION = """
import sys
from pathlib import Path
from warehouse.locked import open_locked
with open_locked(Path(sys.argv[1])) as con:
    for _ in sys.stdin:
        found = con.execute("SELECT moment_at, (SELECT count(*) FROM core.report) FROM reference.moment").fetchall()
        print(found, flush=True)
"""


class Session:
    def __init__(self, snapshot: Path) -> None:
        command = [sys.executable, "-c", SESSION, str(snapshot)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self) -> str:
        assert self.process.stdin and self.process.stdout
        print("?", file=self.process.stdin, flush=True)
        return self.process.stdout.readline()

    def close(self) -> None:
        self.process.communicate()


def test_a_session_of_before_keeps_its_snapshot_while_and_after_a_new_one_is_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, asked = Session(house.snapshot), []
    before = old.ask()

    def swap_in(
        unfinished: Path, target: Path
    ) -> None:  # the new one is whole beside the old, and has not its name yet
        asked.append(old.ask())
        swap(unfinished, target)
        asked.append(old.ask())

    swap = warehouse.snapshot.swap_in
    monkeypatch.setattr(warehouse.snapshot, "swap_in", swap_in)
    house.town.report("fresh", local(1), ingested_at=local(1))
    house.read(MOMENT)
    assert house.morning(MOMENT) == ""
    new = Session(house.snapshot)
    assert asked == [before, before] and "7" in before
    assert new.ask() != old.ask() == before
    old.close()
    new.close()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is decided is looked at: no table is copied."""
    monkeypatch.setattr(warehouse.snapshot, "_fill", lambda *_: None)
    monkeypatch.setattr(warehouse.snapshot, "swap_in", lambda *_: None)


@pytest.mark.parametrize("what", ["roll back to state 1", "erase withdrawn texts of guard_a", "rebuilt by hand"])
@pytest.mark.usefixtures("told")
def test_a_lake_changed_otherwise_than_by_reading_makes_it_whole(house: House, what: str) -> None:
    house.town.report("fresh", local(1), ingested_at=local(1))
    house.read(MOMENT, what)
    assert "changed otherwise" in house.renew()


@pytest.mark.usefixtures("told")
def test_another_program_rules_or_a_month_of_nights_make_it_whole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.renew() == ""
    house.code_version = "2"
    assert house.renew() == "the program is another"
    house.code_version = "1"
    monkeypatch.setattr(renewal, "RENEWED_MOST", 0)
    assert house.renew() == "it was renewed 0 times"
    monkeypatch.setattr(renewal, "edition", lambda: "other")
    assert house.renew() == "the program is another"


@pytest.mark.usefixtures("told")
def test_other_settings_and_an_earlier_moment_make_it_whole(house: House) -> None:
    house.town.feeds[0]["is_trend_source"] = False
    assert house.morning(local(2)) == "the settings changed: feed"
    assert house.morning(local(2) - timedelta(minutes=1)).startswith("the zone is another")


@pytest.mark.usefixtures("told")
def test_a_last_snapshot_that_is_damaged_of_an_unknown_state_or_short_of_rows_makes_it_whole(house: House) -> None:
    with duckdb.connect(str(house.snapshot)) as con:
        con.execute("DELETE FROM core.report_version WHERE source_key = 'old2'")
    assert house.renew() == "the versions do not add up"
    with duckdb.connect(str(house.snapshot)) as con:
        con.execute("UPDATE quality.provenance SET manifest_sha256 = 'x'")
    assert "not known any more" in house.renew()
    house.snapshot.write_bytes(b"no database")
    assert "cannot be renewed" in house.renew()


@pytest.mark.usefixtures("told")
def test_a_source_that_was_read_anew_makes_it_whole(house: House) -> None:
    before = house.lake.manifest()
    house.lake.commit(
        before, files=[file for file in before.files if file.table != "delivery"], feeds=before.feeds,
        written_at=MOMENT, run_id="r", code_version="1", what="ingest guard_a",
    )  # fmt: skip
    assert house.renew() == "guard_a was read anew"
