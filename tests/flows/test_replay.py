"""Two weeks of real answers, end to end: landed, read, versioned; the same in any order and twice."""

from __future__ import annotations

import csv
import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from flows.archive import land_archive
from flows.ingest import ingest_feed
from flows.opened import open_settings
from flows.results import FeedResult
from flows.store import Run, Store

pytestmark = pytest.mark.feeds
FEED = "polisen_events"


@pytest.fixture(scope="module")
def haninge():
    return open_settings("haninge")


def fill(folder: Path, archives: list[Path], haninge) -> Store:
    store = Store.at(folder)
    for archive in archives:
        land_archive(store, FEED, archive, haninge.timezone, Run.start())
        ingest_feed(store, haninge, FEED, Run.start())
    return store


@pytest.fixture(scope="module")
def replay(feeds_folder) -> Path:
    return feeds_folder / "police" / "replay"


@pytest.fixture(scope="module")
def store(replay, haninge, tmp_path_factory) -> Store:
    return fill(tmp_path_factory.mktemp("replay"), [replay], haninge)


def rows(store: Store, table: str, query: str = "SELECT * FROM t") -> list[tuple]:
    files = [str(path) for path in store.lake.files(table)]
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.read_parquet(files, hive_partitioning=False).create_view("t")
        return con.sql(query).fetchall()


def content(store: Store) -> dict[str, list[tuple]]:
    """All the lake holds, save the name of the run that received it."""
    found = {}
    for table in ("report_version", "note", "reject", "notice", "delivery", "presence"):
        if store.lake.files(table):
            leave_out = "EXCLUDE (run_id)" if table in ("report_version", "delivery") else ""
            found[table] = sorted(map(repr, rows(store, table, f"SELECT * {leave_out} FROM t")))
    return found


def test_exactly_the_answers_to_other_peoples_queries_are_in_quarantine(store, replay):
    with (replay / "manifest.csv").open() as file:
        bad = {row["sha256"] for row in csv.DictReader(file) if row["class"] != "ok"}
    held = rows(store, "delivery", "SELECT delivery_sha256 FROM t WHERE disposition = 'quarantined'")
    assert {sha for (sha,) in held} == bad and bad


def test_every_edit_the_police_made_is_a_version_that_names_the_field(store, replay):
    with (replay / "expected_edits.csv").open() as file:
        expected = {(row["id"], row["first_file_with_new"][:18], row["field"]) for row in csv.DictReader(file)}
    found = set()
    query = "SELECT source_key, ingested_at, changed_fields FROM t WHERE change_kind = 'changed'"
    for key, at, fields in rows(store, "report_version", query):
        for field in fields.split(","):
            found.add((key, f"{at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}", field.replace("location.", "location_")))
    assert found == expected
    assert len({key for key, _, _ in found}) == 25


def test_exactly_two_notices_were_taken_down(store):
    query = "SELECT source_key FROM t WHERE change_kind = 'withdrawn' ORDER BY 1"
    assert rows(store, "report_version", query) == [("610137",), ("611245",)]


def test_a_notice_given_the_wrong_town_moves_when_the_police_correct_it(store):
    query = """SELECT municipality_code FROM t WHERE source_key = '610109' AND ingested_at <= '{}'
        ORDER BY version DESC LIMIT 1"""
    assert rows(store, "report_version", query.format("2025-10-22T05:00:00Z")) == [("0763",)]
    assert rows(store, "report_version", query.format("2025-10-22T06:00:00Z")) == [("1080",)]


def test_seen_is_accepted_and_rejected_and_known_before_for_every_delivery(store):
    query = "SELECT count(*) FROM t WHERE seen_count <> accepted_count + rejected_count + duplicate_count"
    assert rows(store, "delivery", query) == [(0,)]


def test_the_lake_is_the_same_in_any_order_and_twice(store, replay, haninge, tmp_path):
    files = sorted(replay.glob("*.json.gz"))
    random.Random(5).shuffle(files)
    parts = []
    for number in range(3):
        part = tmp_path / f"part{number}"
        part.mkdir()
        for path in files[number::3]:
            shutil.copy(path, part)
        parts.append(part)
    shuffled = fill(tmp_path / "data", [*parts, parts[1], replay], haninge)
    assert content(shuffled) == content(store)


def test_a_reading_cut_short_goes_on_where_it_stopped(store, replay, haninge, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.pending.CHUNK_DELIVERIES", 20)
    monkeypatch.setattr("flows.ingest.COMMIT_S", 0.0)
    cut = Store.at(tmp_path)
    land_archive(cut, FEED, replay, haninge.timezone, Run.start())
    progress = iter(range(4))

    def stop(line: str, share: float | None = None) -> None:
        if next(progress, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest_feed(cut, haninge, FEED, Run.start(progress=stop))
    done = cut.lake.manifest().number
    assert done == 5, "four, and what was read whole when it was stopped"
    result = ingest_feed(Store.at(tmp_path), haninge, FEED, Run.start())
    assert not result.remade and result.deliveries == 171 - 5 * 20
    assert content(cut) == content(store)


def test_an_erased_text_is_gone_from_lake_and_landing_zone_and_a_rebuild_gives_the_same(
    replay, haninge, tmp_path, monkeypatch
):
    from flows.erasing import erase_withdrawn_texts

    files = sorted(replay.glob("2025-10-2[1-3]*.json.gz"))
    archive = tmp_path / "archive"
    archive.mkdir()
    for path in files:
        shutil.copy(path, archive)
    store = fill(tmp_path / "data", [archive], haninge)
    late = Run.start(now=lambda: datetime(2025, 12, 1, tzinfo=UTC))
    copies = [store.past_lake / "lake" / "note" / "x.parquet", store.past_database, store.part_database]
    for copy in copies:  # made of what stood here before, and not asked for since
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(b"a text")
    erased = erase_withdrawn_texts(store, haninge, late)
    assert not any(copy.exists() for copy in copies)
    assert erased["notes"] > 0 and erased["objects"] > 0
    assert erase_withdrawn_texts(store, haninge, late) == {"notes": 0, "objects": 0}
    before = content(store)
    assert not store.lake.verify()
    ingest_feed(store, haninge, FEED, Run.start(), remake=True)
    assert content(store) == before


def test_the_nights_run_erases_what_is_due_and_a_fault_there_does_not_cost_the_sheet(
    replay, haninge, tmp_path, monkeypatch
):
    from flows import erasing, job

    archive = tmp_path / "archive"
    archive.mkdir()
    for path in sorted(replay.glob("2025-10-2[1-2]*.json.gz")):
        shutil.copy(path, archive)
    store = fill(tmp_path / "data", [archive], haninge)
    monkeypatch.setattr(job, "collect_feed", lambda store, settings, feed, run: FeedResult(feed, "nothing_new"))
    late = Run.start(now=lambda: datetime(2025, 12, 1, tzinfo=UTC))
    result = job.run_all(store, haninge, late)
    assert result.erased_texts > 0 and result.picture.sheet and result.exit_code == 0

    def broken(*_):
        raise RuntimeError("a text that must not be told")

    monkeypatch.setattr(erasing, "erase_withdrawn_texts", broken)
    result = job.run_all(store, haninge, late)
    assert result.picture.sheet and result.exit_code == 3
    assert "RuntimeError" in result.housekeeping_fault and "must not be told" not in result.housekeeping_fault


def test_an_erased_text_does_not_survive_in_older_states_nor_come_back_by_going_back(replay, haninge, tmp_path):
    from flows.erasing import erase_withdrawn_texts
    from flows.lake_commands import tidy
    from warehouse.manifest import LakeError
    from warehouse.states import roll_back, verify_all

    days = []
    for day in ("21", "22", "23"):
        archive = tmp_path / f"archive{day}"
        archive.mkdir()
        for path in replay.glob(f"2025-10-{day}*.json.gz"):
            shutil.copy(path, archive)
        days.append(archive)
    store = fill(tmp_path / "data", days, haninge)
    late = Run.start(now=lambda: datetime(2025, 12, 1, tzinfo=UTC))
    before = content(store)
    tidy(store, late)  # the merged file and the files it was made of both hold the texts now
    assert content(store) == before and len(store.lake.files("note")) == 1
    texts = set(rows(store, "note", "SELECT report_id, version, note_public FROM t"))
    assert erase_withdrawn_texts(store, haninge, late)["notes"] > 0
    erased = texts - set(rows(store, "note", "SELECT report_id, version, note_public FROM t"))
    assert erased
    with duckdb.connect() as con:
        everywhere = [str(path) for path in (store.lake.folder / "note").rglob("*.parquet")]
        con.read_parquet(everywhere, hive_partitioning=False).create_view("t")
        left = set(con.sql("SELECT report_id, version, note_public FROM t").fetchall())
    assert not erased & left
    found = verify_all(store.lake)
    assert found.faults == [] and found.closed
    with pytest.raises(LakeError, match="held a text since erased"):
        roll_back(store.lake, min(found.closed), written_at=late.now(), run_id="r", code_version="0")
