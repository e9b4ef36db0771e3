"""The main job, end to end, over the made-up town's year: what a newcomer runs first."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from random import Random

import duckdb
import pytest

from flows.cli import main
from flows.demo_send import identity_number, person, telephone
from flows.demo_town import truth
from flows.opened import open_settings
from flows.store import Store
from warehouse.contract import LAKE_TABLES

pytestmark = pytest.mark.snapshot


@pytest.fixture(scope="module")
def lindvik():
    return open_settings("lindvik")


@pytest.fixture(scope="module")
def town(demo) -> Store:
    return demo


@pytest.fixture(scope="module")
def picture(town) -> dict:
    (path,) = town.published.glob("picture_*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def asked(store: Store, query: str) -> list[tuple]:
    with duckdb.connect(str(store.database), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return con.sql(query).fetchall()


def test_the_planted_surge_is_a_signal_and_its_count_is_the_planted_one(picture, lindvik):
    surge = truth(lindvik)["surge"]
    found = {
        d["category"]: d for d in picture["deviation"] if d["level"] == "cell" and d["area_id"] == surge["area_id"]
    }
    assert surge["counts"].keys() <= found.keys()
    for category in surge["counts"]:
        assert found[category]["verdict"] == "signal"
        assert found[category]["count"] > found[category]["normal_high"]


def test_the_planted_square_is_among_the_places_in_focus(picture, lindvik):
    assert truth(lindvik)["hot_spot"]["place_id"] in [place["place_id"] for place in picture["focus_place"]]


def test_the_dead_feed_is_said_to_be_down_and_the_unheard_one_never_heard(picture):
    states = {source["source_id"]: source["status"] for source in picture["source"]}
    assert states["bostad_lindhem"] == "down" and states["trygghetsvandring"] == "never"
    assert set(states.values()) == {"fresh", "down", "never"}


def test_police_notices_are_in_no_trend(picture, town):
    from_police = "WHERE source_id = 'polisen_events'"
    assert asked(town, f"SELECT count(*) > 100 FROM core.report {from_police}") == [(True,)]
    assert asked(town, f"SELECT count(*) FROM core.incident {from_police}") == [(0,)]


def test_seen_is_accepted_and_rejected_and_known_before_for_every_feed(town):
    files = [str(path) for path in town.lake.files("delivery")]
    with duckdb.connect() as con:
        sums = con.execute(
            """SELECT sum(seen_count) = sum(accepted_count + rejected_count + duplicate_count), sum(seen_count)
            FROM read_parquet($1)""",
            [files],
        ).fetchone()
    assert sums[0] is True and sums[1] > 30_000


def test_the_demo_run_again_changes_nothing(town):
    watched = [
        town.lake.pointer,
        town.landing.journal,
        *sorted(path for path in town.published.rglob("*") if path.is_file()),
    ]
    before = {path: path.read_bytes() for path in watched}
    assert main(["demo", "--data", str(town.folder)]) == 0
    assert {path: path.read_bytes() for path in watched} == before


def test_the_same_sheet_comes_out_under_another_time_zone_and_hash_seed(town, tmp_path):
    shutil.copytree(town.folder, tmp_path / "data")
    (sheet,) = town.published.glob("utsattningsblad_*.html")
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "demo", "--data", str(tmp_path / "data")],
        env={**os.environ, "TZ": "America/New_York", "PYTHONHASHSEED": "7", "LC_ALL": "C"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "data" / "published" / sheet.name).read_bytes() == sheet.read_bytes()


def test_a_rebuild_from_landed_deliveries_alone_gives_the_same_tables(town, tmp_path, capsys):
    data = tmp_path / "data"
    shutil.copytree(town.folder, data)
    before = {table: town.lake.content_hash(table) for table in LAKE_TABLES}
    shutil.rmtree(data / "lake")
    assert (
        main(["rebuild", "--settings", "lindvik", "--data", str(data), "--json"]) == 3
    )  # there was no lake to be like
    after = {row["table"]: row["after"] for row in json.loads(capsys.readouterr().out)["tables"]}
    assert after == before


@pytest.mark.slow
def test_a_picture_of_a_past_moment_uses_only_what_had_been_received(town, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(town.folder, data)
    latest = (data / "published" / "latest.html").read_bytes()
    assert main(["picture", "--settings", "lindvik", "--data", str(data), "--at", "2026-10-06 06:15"]) == 0
    (path,) = (data / "published").glob("picture_*2026-10-06*.json")
    past = json.loads(path.read_text(encoding="utf-8"))
    assert past["head"]["data_cutoff_at"] <= "2026-10-06T04:15"
    assert {s["source_id"]: s["status"] for s in past["source"]}["bostad_lindhem"] == "fresh"
    assert (data / "published" / "latest.html").read_bytes() == latest
    # The same picture, had nothing been received after that moment:
    young = Store.at(tmp_path / "young")
    for archive in sorted((data / "archive").iterdir()):
        if not archive.is_dir():
            continue
        for path in archive.iterdir():
            if path.name[:17] <= "2026-10-06T041500Z"[:17]:
                target = tmp_path / "before" / archive.name
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
        if (tmp_path / "before" / archive.name).is_dir():
            words = ["backfill", archive.name, str(tmp_path / "before" / archive.name)]
            assert main([*words, "--settings", "lindvik", "--data", str(young.folder)]) == 0
    assert main(["picture", "--settings", "lindvik", "--data", str(young.folder), "--at", "2026-10-06 06:15"]) == 0
    (same,) = young.published.glob("picture_*2026-10-06*.json")
    assert json.loads(same.read_text(encoding="utf-8"))["picture_hash"] == past["picture_hash"]


def test_no_personal_data_of_the_deliveries_is_found_in_what_leaves_the_landing_zone(town):
    landed = b"".join(path.read_bytes() for path in (town.folder / "landed" / "objects").rglob("*") if path.is_file())
    made_up = {made(serial) for made in (identity_number, telephone, person) for serial in range(4000)}
    looked_for = Random(7).sample(sorted(made_up), 500)  # names and numbers alike; all of them take a minute
    planted = [text.encode() for text in looked_for if text.encode() in landed]
    assert len(planted) > 30, "the demo must plant personal data, or this test proves nothing"
    with duckdb.connect(str(town.database), read_only=True) as con:
        tables = con.sql(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        ).fetchall()
        texts = [str(con.sql(f'FROM "{schema}"."{name}"').fetchall()).encode() for schema, name in tables]
    with duckdb.connect() as con:
        for table in LAKE_TABLES:
            files = [str(path) for path in town.lake.files(table)]
            texts.append(str(con.execute("FROM read_parquet($1)", [files]).fetchall()).encode())
    texts += [path.read_bytes() for path in town.published.rglob("*") if path.is_file()]
    texts.append(town.landing.journal.read_bytes())
    for text in texts:
        for canary in planted:
            assert canary not in text, f"{canary!r} left the landing zone"


def test_the_sheet_asks_nothing_of_the_network_and_runs_nothing(town):
    (sheet,) = town.published.glob("utsattningsblad_*.html")
    text = sheet.read_text(encoding="utf-8")
    assert not re.search(r"<script|https?://|url\((?!#)|\bon\w+=", text)


def test_the_moment_of_the_sheet_is_the_demos(picture, lindvik):
    assert datetime.fromisoformat(picture["head"]["moment_at"]).astimezone(UTC) == lindvik.demo_moment


def test_nothing_of_the_data_is_left_open_to_others(town):
    archive = town.folder / "archive"  # invented, and the demo's alone
    kept = [path for path in town.folder.rglob("*") if path != archive and archive not in path.parents]
    assert [path for path in kept if path.stat().st_mode & 0o007] == []


def test_a_demo_of_another_version_is_not_mixed_with_this_ones(town, tmp_path, capsys):
    data = tmp_path / "data"
    shutil.copytree(town.folder / "archive", data / "archive")
    marker = data / "archive" / "generated.txt"
    marker.write_text(marker.read_text(encoding="utf-8").replace("generator ", "generator 0"), encoding="utf-8")
    assert main(["demo", "--data", str(data)]) == 2
    assert "another version" in capsys.readouterr().err
    assert not (data / "landed" / "journal.jsonl").exists()


def test_the_town_s_register_has_something_overdue_something_done_and_a_gap(picture):
    states = [row["due_state"] for row in picture["due_insats"]]
    assert states == ["overdue", "overdue", "due", "not_done", "done"]
    assert picture["due_insats"][0]["problem"] == "Belysning ur funktion i gångtunneln"
    assert {row["cover"] for row in picture["focus_cover"]} >= {"none", "place", "area"}
    assert [row["owner_name"] for row in picture["effort"]][:2] == ["Fältgruppen", "Nordvakt ordningsvakter"]


def test_the_town_s_sheet_proposes_asks_and_reads_out_what_was_decided(picture):
    assert {row["rule"] for row in picture["proposal"]} >= {"signal", "gap", "fault"}
    assert all(row["owner_name"] and row["reason_sv"] for row in picture["proposal"])
    assert picture["question"][0]["is_overdue"] and picture["question"][-1]["question_kind"] == "silence"
    assert [row["entry_id"] for row in picture["decision"]] == ["beslut:B-001"]
    (held,) = picture["area_set"]
    assert (held["set_status"], held["proposed_status"]) == ("gul", "orange")


def test_every_word_of_the_town_s_registers_is_known(town):
    registers = [feed for feed, one in open_settings("lindvik").feeds.items() if one.role == "register"]
    told = ", ".join(f"'{feed}'" for feed in registers)
    assert len(registers) == 7
    assert asked(town, f"SELECT * FROM landed.notice WHERE source_id IN ({told})") == []
    assert asked(town, f"SELECT * FROM landed.reject WHERE source_id IN ({told})") == []
