"""``lagesbild lake …``: answers, exit codes, and the picture of a past morning through compaction and going back."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from flows.lake_commands import KEEP_STATES_DAYS, tidy
from flows.store import Run, Store
from tests.flows.made_up_nights import FEED, MORNING, read_nights


@pytest.fixture(scope="module")
def four_nights(tmp_path_factory) -> Path:
    """A data folder of four states, one a night; each test works on a copy."""
    data = tmp_path_factory.mktemp("nights") / "data"
    read_nights(data, 1, 4)
    return data


@pytest.fixture
def data(four_nights, tmp_path, monkeypatch, capsys) -> Path:
    monkeypatch.setenv("LAGESBILD_SETTINGS", "lindvik")
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    capsys.readouterr()
    return shutil.copytree(four_nights, tmp_path / "data")


def answer(capsys, *words: str, code: int = 0) -> dict:
    capsys.readouterr()
    assert main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def reports(store: Store) -> list[tuple]:
    files = [str(path) for path in store.lake.files("report_version")]
    query = "SELECT report_id, version, change_kind, ingested_at FROM read_parquet($1) ORDER BY ALL"
    with duckdb.connect() as con:
        return con.execute(query, [files]).fetchall()


def test_a_whole_lake_is_verified_file_by_file(data, capsys):
    found = answer(capsys, "lake", "verify")
    assert (found["states"], found["faults"], found["closed_states"]) == (4, [], {})
    assert found["files"] == sum(len(list((data / "lake").rglob(kind))) for kind in ("*.parquet", "*.keys"))


@pytest.mark.parametrize("table", ["report_version", "report", "report_key"])
def test_a_flipped_bit_is_code_3_and_named(table, data, capsys):
    path = Store.at(data).lake.files(table)[0]
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    assert path.name in answer(capsys, "lake", "verify", code=3)["faults"][0]
    if table == "report_version":  # the others are never merged: a night makes them anew
        assert main(["lake", "compact"]) == 4
        assert "rebuild" in capsys.readouterr().err
    assert main(["rebuild"]) == (3 if table == "report_version" else 0)  # told: it was unreadable before
    assert answer(capsys, "lake", "verify")["faults"] == []


def test_history_tells_who_wrote_what_and_which_states_are_open(data, capsys):
    told = answer(capsys, "lake", "history")["states"]
    assert [row["state"] for row in told] == [1, 2, 3, 4]
    assert all(row["run_id"] and row["code_version"] and row["is_open"] for row in told)
    assert told[1]["what"] == f"ingest {FEED}"
    changed = {c["table"]: c for c in told[1]["tables"]}["report_version"]
    assert (changed["files_added"], changed["files_removed"], changed["rows_more"]) == (1, 0, 6)
    assert main(["lake", "history", "--rows", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[1].startswith("4 ") and "report_version +6" in lines[1]


def test_history_of_an_empty_lake_says_so(tmp_path, capsys):
    words = ["--settings", "lindvik", "--data", str(tmp_path / "none")]
    assert main(["lake", "history", *words]) == 0
    assert "empty" in capsys.readouterr().out


def test_the_picture_of_a_past_morning_is_the_same_to_the_byte_after_compaction(data, capsys):
    before = answer(capsys, "picture", "--at", MORNING)
    stood = [Path(before[name]).read_bytes() for name in ("picture_json", "sheet")]
    done = answer(capsys, "lake", "compact")
    assert done["files_merged"] > 2 * done["files_made"] > 0
    after = answer(capsys, "picture", "--at", MORNING)
    assert after["picture_hash"] == before["picture_hash"]
    assert [Path(after[name]).read_bytes() for name in ("picture_json", "sheet")] == stood
    assert answer(capsys, "lake", "compact")["files_merged"] == 0


def test_going_back_takes_the_marks_with_it_and_the_next_run_reads_the_rest_again(data, capsys):
    store = Store.at(data)
    stood = reports(store)
    done = answer(capsys, "lake", "rollback", "2")
    assert (done["state"], done["equal_to"]) == (5, 2)
    assert len(reports(store)) < len(stood)
    assert main(["collect", FEED]) in (0, 3)
    assert reports(store) == stood
    assert answer(capsys, "lake", "verify")["closed_states"] == {}


def test_a_rollback_after_compaction_brings_the_files_of_before(data, capsys):
    store = Store.at(data)
    before = store.lake.manifest()
    answer(capsys, "lake", "compact")
    answer(capsys, "lake", "rollback", "4")
    assert store.lake.manifest().files == before.files


def test_a_state_that_a_rebuild_closed_is_code_4_and_said_politely(data, capsys):
    assert main(["rebuild"]) == 0
    capsys.readouterr()
    assert main(["lake", "rollback", "2"]) == 4
    told = capsys.readouterr().err
    assert "state 2 cannot be gone back to" in told and "Nothing was changed" in told
    assert main(["lake", "verify"]) == 0
    assert "cannot be gone back to" in capsys.readouterr().out
    assert [row["is_open"] for row in answer(capsys, "lake", "history")["states"]] == [False] * 4 + [True]


def test_a_state_that_is_not_kept_is_code_4_and_nothing_is_changed(data, capsys):
    assert main(["lake", "rollback", "99"]) == 4
    assert "no state 99; kept are 1 to 4" in capsys.readouterr().err
    assert Store.at(data).lake.manifest().number == 4


def test_going_back_to_what_stands_changes_nothing_and_says_so(data, capsys):
    assert main(["lake", "rollback", "4"]) == 0
    assert "already; nothing was changed" in capsys.readouterr().out
    assert Store.at(data).lake.manifest().number == 4


@pytest.mark.parametrize("verb", [["verify"], ["compact"], ["rollback", "1"]])
def test_each_waits_for_the_writers_lock(data, capsys, verb):
    with Store.at(data).writing("the night"):
        assert main(["lake", *verb]) == 5
    assert f"process {os.getpid()} (the night" in capsys.readouterr().err


def test_housekeeping_merges_and_lets_old_states_go_but_not_young_ones(data, capsys):
    done = answer(capsys, "housekeeping")
    assert done["files_merged"] > 0 and done["states_dropped"] == 0
    store = Store.at(data)
    stood = reports(store)
    late = Run.start(now=lambda: datetime.now(UTC) + timedelta(days=KEEP_STATES_DAYS + 1))
    with store.writing("late"):
        done = tidy(store, late)
    assert done["states_dropped"] == 4 and done["files_dropped"] > 0
    assert reports(store) == stood and not store.lake.verify() and store.lake.stray_files() == []
