"""What was known at a moment: withdrawn, returned, late; in SQL, in Python, and for another engine."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest

from tests.warehouse.observed import FIRST, at, new_versions, observations, observed
from tests.warehouse.rows import Town, local, rows_of
from tests.warehouse.test_compaction import MONTH_OVER, compact
from tests.warehouse.test_lake import commit
from warehouse.as_of import as_of, open_lake
from warehouse.erasure import erased_notes, without
from warehouse.lake import Lake

# The life of four reports: corrected, withdrawn and returned, first heard late, moved in time by its correction.
LIVES = [
    observed("1", 0, "a"),
    observed("2", 0, "a"),
    observed("4", 0, "a", occurred_from=at(-2)),
    observed("1", 10, "b"),
    observed("2", 10, "a", observation="withdrawn", note_public=None),
    observed("4", 10, "b", occurred_from=at(9)),
    observed("2", 20, "a"),
    observed("3", 20, "a", occurred_from=at(-100)),
    observed("1", 30, "c"),
]


@pytest.fixture
def lake(tmp_path) -> Lake:
    lake = Lake(tmp_path / "lake")
    before = lake.manifest()
    result = new_versions(observations(*LIVES))
    whole = lake.write_batch("guard_test", "b", {"report_version": result.versions, "note": result.notes})
    lake.commit(before, files=whole, feeds={}, written_at=FIRST, run_id="r", code_version="0", what="t")
    return lake


def expected(moment: datetime) -> dict[str, tuple[str, str | None]]:
    """The same by a plain dictionary: the last thing said of each report by then."""
    known: dict[str, tuple[str, str | None]] = {}
    for row in LIVES:
        if row["ingested_at"] <= moment:
            known[row["report_id"]] = (row["observation"], row["note_public"])
    return known


def told(table: pa.Table) -> dict[str, tuple[str, str | None]]:
    return {
        r["report_id"]: ("withdrawn" if r["change_kind"] == "withdrawn" else "seen", r["note_public"])
        for r in table.to_pylist()
    }


@pytest.mark.parametrize("hours", [-1, 0, 5, 9.999, 10, 15, 20, 29, 30, 1000])
def test_every_report_is_as_it_was_known_at_the_moment(lake, hours):
    assert told(as_of(lake, at(hours))) == expected(at(hours))


def test_an_edit_that_moves_the_time_does_not_hide_what_was_known_before_it(lake):
    row = {r["report_id"]: r for r in as_of(lake, at(5)).to_pylist()}["guard_test:4"]
    assert row["occurred_from"] == at(-2)


def test_a_moment_without_a_zone_is_refused(lake):
    with pytest.raises(ValueError, match="zone"):
        as_of(lake, datetime(2026, 10, 1, 5, 0))  # noqa: DTZ001 (that is the point)


def test_an_analyst_asks_in_sql_with_the_offset_in_the_text(lake):
    with open_lake(lake.folder) as con:
        # 07.00 summer time is the first delivery's 05.00 UTC; ten hours on come the corrections.
        asked = "SELECT count(*), max(version) FROM as_of('{}') WHERE change_kind <> 'withdrawn'"
        assert con.sql(asked.format("2026-10-01 16:59:59+02")).fetchall() == [(3, 1)]
        assert con.sql(asked.format("2026-10-01 17:00:00+02")).fetchall() == [(2, 2)]
        assert con.sql("FROM heard('2026-10-01 17:00:00+02')").fetchall() == []


def test_an_empty_lake_answers_with_no_rows(tmp_path):
    assert as_of(Lake(tmp_path / "none"), at(0)).num_rows == 0


def test_what_was_known_is_the_same_after_compaction_and_in_many_files(lake, tmp_path):
    split = Lake(tmp_path / "split")
    heads = new_versions(observations(*LIVES))
    for hours in (0, 10, 20, 30):
        before = split.manifest()
        part = {
            "report_version": heads.versions.filter(pc.equal(heads.versions.column("ingested_at"), at(hours))),
            "note": heads.notes.filter(pc.equal(heads.notes.column("ingested_at"), at(hours))),
        }
        files = [*before.files, *split.write_batch("guard_test", f"b{hours}", part)]
        split.commit(before, files=files, feeds={}, written_at=FIRST, run_id="r", code_version="0", what="t")
    assert compact(split, MONTH_OVER).files_after == 2
    for hours in (0, 15, 25, 99):
        assert as_of(split, at(hours)).equals(as_of(lake, at(hours)))


def test_an_erased_text_stays_erased_at_every_moment_and_is_marked(lake):
    (path,) = lake.files("note")
    first = as_of(lake, at(0)).filter(pc.equal(as_of(lake, at(0)).column("report_id"), "guard_test:1"))
    before = lake.manifest()
    files = [f for f in before.files if f.table != "note"]
    notes = {"note": pa.concat_tables([without(path, first), erased_notes(first)])}
    files += lake.write_batch("guard_test", "erased", notes)
    lake.commit(before, files=files, feeds={}, written_at=FIRST, run_id="r", code_version="0", what="t")
    row = as_of(lake, at(5)).to_pylist()[0]
    assert (row["report_id"], row["note_public"], row["is_erased"]) == ("guard_test:1", None, True)
    assert [r["is_erased"] for r in as_of(lake, at(15)).to_pylist()] == [False, False, False]


def test_another_engine_reads_the_present_state_from_the_documented_list_of_files(lake):
    """pyarrow.dataset instead of DuckDB, and json instead of our own reader of manifests."""
    commit(lake, observed("9", 24 * 40), batch="b2")
    manifest = json.loads((lake.folder / "manifest.json").read_text(encoding="utf-8"))
    paths = [str(lake.folder / f["path"]) for f in manifest["files"] if f["table"] == "report_version"]
    in_order = [("report_id", "ascending"), ("version", "ascending")]
    by_arrow = ds.dataset(paths, format="parquet").to_table().sort_by(in_order)
    counted = sum(f["row_count"] for f in manifest["files"] if f["table"] == "report_version")
    assert by_arrow.num_rows == counted == len(LIVES) + 1
    with open_lake(lake.folder) as con:
        by_duckdb = con.sql("FROM report_version ORDER BY report_id, version").to_arrow_table()
    assert by_duckdb.to_pylist() == by_arrow.to_pylist()
    # The layout's own promise: known_month=… is the UTC month of ingested_at, so partition filters are safe.
    for path in paths:
        months = pc.strftime(ds.dataset(path).to_table().column("ingested_at"), format="%Y-%m")
        assert set(months.to_pylist()) == {Path(path).parent.name.removeprefix("known_month=")}


def test_the_built_database_answers_for_every_earlier_moment_and_refuses_later_ones(tmp_path):
    town = Town()
    first = town.report("1", local(3), ingested_at=local(3))
    town.lake["report_version"].append({**first, "version": 2, "change_kind": "withdrawn", "ingested_at": local(1)})
    path = town.build(tmp_path).path
    asked = "SELECT version, change_kind FROM core.as_of('{}')"
    assert rows_of(path, asked.format(local(4).isoformat())) == []
    assert [r["version"] for r in rows_of(path, asked.format(local(2).isoformat()))] == [1]
    assert [r["change_kind"] for r in rows_of(path, asked.format(local(1).isoformat()))] == ["withdrawn"]
    with pytest.raises(duckdb.Error, match="build a newer picture"):
        rows_of(path, asked.format(local(-2).isoformat()))
