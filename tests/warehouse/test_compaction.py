"""Many small files become few; the rows stay, nothing is rewritten for its own sake, older states stay open."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.warehouse.observed import FIRST, at, observed
from tests.warehouse.test_lake import commit
from warehouse import compaction
from warehouse.as_of import open_lake
from warehouse.compaction import LOOSE_FILES, OVER, RUNNING, Compacted, plan
from warehouse.lake import Lake
from warehouse.manifest import LakeError
from warehouse.states import roll_back, verify_all

RUNNING_MONTH = FIRST + timedelta(days=20)
MONTH_OVER = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(tmp_path / "lake")


def nights(lake: Lake, count: int, first: int = 0) -> None:
    for night in range(first, first + count):
        commit(lake, observed(f"{night}", night), batch=f"b{night}")


def compact(lake: Lake, now: datetime) -> Compacted:
    return compaction.compact(lake, written_at=now, run_id="r", code_version="0")


def content(lake: Lake) -> tuple[str, ...]:
    return tuple(lake.content_hash(table) for table in ("report_version", "note"))


def test_a_month_that_is_over_becomes_one_file_a_table_with_the_same_rows(lake):
    nights(lake, 5)
    before = content(lake)
    done = compact(lake, MONTH_OVER)
    assert (done.files_before, done.files_after) == (10, 2)
    assert content(lake) == before
    assert len(lake.files("report_version")) == 1 and not lake.verify()
    (file,) = [f for f in lake.manifest().files if f.table == "report_version"]
    assert (file.row_count, file.merged) == (5, OVER)
    assert (file.known_from, file.known_until) == (at(0).isoformat(), at(4).isoformat())


def test_compacting_twice_writes_nothing_the_second_time(lake):
    nights(lake, 5)
    compact(lake, MONTH_OVER)
    stands = {path: path.stat().st_mtime_ns for path in lake.folder.rglob("*") if path.is_file()}
    done = compact(lake, MONTH_OVER)
    assert done.files_before == 0 and done.manifest == lake.manifest()
    assert {path: path.stat().st_mtime_ns for path in lake.folder.rglob("*") if path.is_file()} == stands


def test_a_running_month_waits_until_its_loose_files_are_many(lake):
    nights(lake, LOOSE_FILES - 1)
    assert plan(lake.manifest(), RUNNING_MONTH) == []
    nights(lake, 1, first=LOOSE_FILES - 1)
    assert {len(merge.files) for merge in plan(lake.manifest(), RUNNING_MONTH)} == {LOOSE_FILES}


def test_no_row_is_written_again_more_than_twice(lake):
    nights(lake, LOOSE_FILES)
    compact(lake, RUNNING_MONTH)
    nights(lake, LOOSE_FILES, first=100)
    merges = plan(lake.manifest(), RUNNING_MONTH)
    assert all(file.merged == 0 for merge in merges for file in merge.files)
    compact(lake, RUNNING_MONTH)
    assert {f.merged for f in lake.manifest().files} == {RUNNING}
    compact(lake, MONTH_OVER)
    assert {f.merged for f in lake.manifest().files} == {OVER}
    nights(lake, LOOSE_FILES, first=200)  # late arrivals
    assert {file.merged for merge in plan(lake.manifest(), MONTH_OVER) for file in merge.files} == {0}


def test_a_late_arrival_leaves_the_merged_month_alone(lake):
    nights(lake, 5)
    compact(lake, MONTH_OVER)
    nights(lake, 2, first=10)
    assert plan(lake.manifest(), MONTH_OVER) == []


def test_a_large_file_is_left_as_it_is_and_the_small_ones_around_it_are_merged(lake):
    nights(lake, 3)
    manifest = lake.manifest()
    large = [f for f in manifest.files if f.known_from == at(1).isoformat()]
    files = [replace(f, byte_count=compaction.WHOLE_BYTES) if f in large else f for f in manifest.files]
    merges = plan(replace(manifest, files=tuple(files)), MONTH_OVER)
    assert [len(merge.files) for merge in merges] == [2, 2]
    assert not {f.path for f in large} & {f.path for merge in merges for f in merge.files}


def test_no_merged_file_grows_beyond_its_size(lake, monkeypatch):
    nights(lake, 4)
    size = max(f.byte_count for f in lake.manifest().files if f.table == "report_version")
    monkeypatch.setattr(compaction, "WHOLE_BYTES", 2 * size + 10)
    versions = [m for m in plan(lake.manifest(), MONTH_OVER) if m.files[0].table == "report_version"]
    assert [len(merge.files) for merge in versions] == [2, 2]


def test_row_groups_are_filled_across_files(lake, monkeypatch):
    import pyarrow.parquet as pq

    nights(lake, 5)
    before = content(lake)
    monkeypatch.setattr(compaction, "GROUP_ROWS", 2)
    compact(lake, MONTH_OVER)
    (path,) = lake.files("report_version")
    meta = pq.read_metadata(path)
    assert [meta.row_group(n).num_rows for n in range(meta.num_row_groups)] == [2, 2, 1]
    assert content(lake) == before


def test_a_damaged_file_is_not_given_a_fresh_hash(lake):
    nights(lake, 3)
    path = lake.files("report_version")[1]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    before = lake.manifest()
    with pytest.raises(LakeError, match="damaged"):
        compact(lake, MONTH_OVER)
    assert lake.manifest() == before


def test_merged_rows_that_are_not_the_rows_there_were_are_refused(lake, monkeypatch):
    nights(lake, 3)
    before = lake.manifest()
    write = compaction._write_together
    monkeypatch.setattr(compaction, "_write_together", lambda sources, *rest: write(sources[:-1], *rest))
    with pytest.raises(LakeError, match="not the rows"):
        compact(lake, MONTH_OVER)
    assert lake.manifest() == before


def test_the_states_before_a_compaction_stay_open(lake):
    nights(lake, 3)
    before = lake.manifest()
    compact(lake, MONTH_OVER)
    assert verify_all(lake).closed == {} and not verify_all(lake).faults
    after = roll_back(lake, before.number, written_at=MONTH_OVER, run_id="r", code_version="0")
    assert after.files == before.files and after.number == before.number + 2


def test_the_feeds_marks_are_left_as_they_are(lake):
    nights(lake, 3)
    before = lake.manifest()
    assert compact(lake, MONTH_OVER).manifest.feeds == before.feeds


def test_a_session_opened_before_reads_on_beside_a_compaction(lake):
    nights(lake, 5)
    with open_lake(lake.folder) as con:
        before = con.sql("FROM report_version ORDER BY report_id").fetchall()
        compact(lake, MONTH_OVER)
        assert con.sql("FROM report_version ORDER BY report_id").fetchall() == before


def test_a_merged_file_is_for_owner_and_group_only(lake):
    nights(lake, 2)
    compact(lake, MONTH_OVER)
    assert {stat.S_IMODE(path.stat().st_mode) for path in lake.files("note")} == {0o640}
