"""What each report says now is kept beside the history, and follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.kept import lively_town, read_in
from tests.warehouse.rows import MOMENT, ZONE, Town, local
from warehouse.contract_current import CURRENT_TABLES
from warehouse.current import Block, completed, edition_of, is_current, renewed
from warehouse.lake import Lake
from warehouse.manifest import FeedState, LakeError, LakeFile, Manifest
from warehouse.waiting import Waiting


def kept(lake: Lake, files: list[LakeFile] | tuple[LakeFile, ...]) -> dict[str, list[tuple[object, ...]]]:
    """The rows of what is kept, in whatever files they lie."""
    rows: dict[str, list[tuple[object, ...]]] = {}
    for table, schema in CURRENT_TABLES.items():
        names = [name for name in schema.names if name != "first_seen_months"]
        paths = [lake.folder / file.path for file in files if file.table == table]
        tables = [pq.read_table(path, partitioning=None).select(names) for path in paths]
        rows[table] = [tuple(row.values()) for row in pa.concat_tables(tables).to_pylist()]
    return rows


def summed(rows: list[tuple[object, ...]], count_at: int) -> dict[tuple[object, ...], int]:
    """Counts of rows that are alike but for their file."""
    sums: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = row[:count_at]
        sums[key] = sums.get(key, 0) + row[count_at]  # type: ignore[operator]
    return sums


def blocks(files: list[LakeFile] | tuple[LakeFile, ...]) -> list[str]:
    return sorted(file.first_seen_months for file in files if file.table == "report")


def known(days: int) -> dict[str, datetime]:
    return {"ingested_at": local(days), "first_seen_at": local(days)}


def committed(lake: Lake, *nights: list[tuple[str, int]]) -> Manifest:
    """Each night tells of reports (key, first seen that many days ago) that nobody knew."""
    town = Town()
    for night in nights:
        for key, days in night:
            town.report(key, local(days), **known(days))
    return read_in(lake, town, [max(local(days) for _, days in night) for night in nights])


def test_night_by_night_and_all_at_once_the_same_is_kept(tmp_path: Path) -> None:
    town, lake = lively_town(3), Lake(tmp_path)
    manifest = read_in(lake, town, [local(days) for days in (600, 599, 90, 35, 5, 4, 1)] + [MOMENT])
    files, feeds = completed(lake, list(manifest.files), {}, ZONE, "again")
    night_by_night, at_once = kept(lake, manifest.files), kept(lake, files)
    newest: dict[object, object] = {}
    for row in town.lake["report_version"]:
        newest[row["report_id"]] = row["version"]  # a report's versions were made in order
    assert len(newest) > 300
    assert sorted(row[:2] for row in night_by_night["report"]) == sorted(newest.items())  # type: ignore[type-var]
    assert sorted(map(repr, night_by_night["report"])) == sorted(map(repr, at_once["report"]))
    assert summed(night_by_night["report_day"], 7) == summed(at_once["report_day"], 7)
    assert summed(night_by_night["report_total"], 7) == summed(at_once["report_total"], 7)
    assert feeds == {
        feed: replace(state, journal_seq=0) for feed, state in manifest.feeds.items()
    }  # also when each was first and last heard
    listed = [file for file in files if not is_current(file)]
    assert listed == [file for file in manifest.files if not is_current(file)]


def test_a_night_makes_anew_only_the_months_it_touched(tmp_path: Path) -> None:
    lake, town = Lake(tmp_path), Town()
    for days in (400, 70, 40, 1):
        town.report(f"r{days}", local(days), **known(days))
    before = read_in(lake, town, [local(300), local(30)])
    town.report("r40", local(40), version=2, change_kind="changed", ingested_at=local(1), first_seen_at=local(40))
    after = read_in(Lake(tmp_path / "again"), town, [local(300), local(30), MOMENT])
    assert blocks(before.files) == ["2025-10", "2026-09", "2026-10"]
    assert blocks(after.files) == ["2025-10", "2026-09", "2026-10", "2026-11"]
    was, now = ({f.first_seen_months: f.path for f in m.files if f.table == "report"} for m in (before, after))
    assert {name for name in was if was[name] == now[name]} == {"2025-10", "2026-09"}
    was, now = ({f.first_seen_months: f.path for f in m.files if f.table == "report_total"} for m in (before, after))
    assert was.keys() == now.keys() == {"2025", "2026"}, "sums that a morning reads whole lie a year to a file"
    assert {name for name in was if was[name] == now[name]} == {"2025"}


def test_the_reports_of_a_month_lie_by_first_sight_also_after_an_early_one_was_corrected(tmp_path: Path) -> None:
    """A morning passes over the row groups whose reports are older than it asks for."""
    lake, town = Lake(tmp_path), Town()
    for key, days in {"early": 6, "late": 4}.items():
        town.report(key, local(days), **known(days))
    town.report("early", local(6), version=2, change_kind="changed", ingested_at=local(1), first_seen_at=local(6))
    manifest = read_in(lake, town, [local(3), MOMENT])
    (file,) = [file for file in manifest.files if file.table == "report"]
    reports = pq.read_table(lake.folder / file.path, partitioning=None).to_pylist()
    assert [(row["report_id"], row["version"]) for row in reports] == [("guard_a:early", 2), ("guard_a:late", 1)]


def test_years_lie_a_year_to_a_file_and_the_newest_months_apart(tmp_path: Path) -> None:
    days = range(0, 900, 15)
    manifest = committed(Lake(tmp_path), [(str(n), n) for n in days])
    assert blocks(manifest.files) == [
        *("2024-06_2024-12", "2025-01_2025-12", "2026-01_2026-08"),
        *("2026-09", "2026-10", "2026-11"),
    ]


def test_what_an_archive_brings_of_months_between_lies_beside_what_stands(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    manifest = committed(lake, [("a", 400), ("b", 250)], [("c", 1)])
    assert blocks(manifest.files) == ["2025-10", "2026-03", "2026-11"]
    town = Town()
    for key, days in {"d": 330, "e": 300, "f": 280}.items():
        town.report(key, local(days), **known(days))
    versions = pa.Table.from_pylist(town.lake["report_version"], pq.read_schema(lake.files("report_version")[0]))
    files = renewed(lake, "guard_a", manifest.files, Waiting(ZONE).with_also(versions), "archive")
    found = [Block.named(name) for name in blocks(files)]
    assert all(one.last < other.first for one, other in pairwise(found))
    assert len(kept(lake, files)["report"]) == 6


def test_a_damaged_file_is_not_given_a_fresh_hash(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    manifest = committed(lake, [("a", 1)])
    (file,) = (file for file in manifest.files if file.table == "report")
    path = lake.folder / file.path
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    town = Town()
    town.report("b", local(1), ingested_at=MOMENT, first_seen_at=MOMENT)
    versions = pa.Table.from_pylist(town.lake["report_version"], pq.read_schema(lake.files("report_version")[0]))
    with pytest.raises(LakeError, match=r"bytes changed since written.*rebuild"):
        renewed(lake, "guard_a", manifest.files, Waiting(ZONE).with_also(versions), "next")


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/St_Johns"])
def test_a_lake_of_an_older_program_and_one_in_another_zone_is_made_anew(zone: str, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    manifest = committed(lake, [("a", 400), ("b", 1)])
    files = [file for file in manifest.files if not is_current(file)] if zone == ZONE.key else list(manifest.files)
    state = manifest.feeds["guard_a"] if zone != ZONE.key else FeedState(journal_seq=7)
    files, feeds = completed(lake, files, {"guard_a": state, "silent": FeedState()}, ZoneInfo(zone), "anew")
    assert {feed: state.current for feed, state in feeds.items()} == dict.fromkeys(feeds, edition_of(ZoneInfo(zone)))
    assert feeds["guard_a"].journal_seq == state.journal_seq
    assert len([file for file in files if file.table == "report"]) == 2
    hours = {row["local_hour"] for row in _reports(lake, files)}
    assert hours == ({12} if zone == ZONE.key else {7}), "noon in Sweden"


def test_what_is_kept_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    manifest = committed(lake, [("a", 400), ("b", 1)])
    files, feeds = completed(lake, manifest.files, manifest.feeds, ZONE, "again")
    assert (tuple(files), feeds) == (manifest.files, manifest.feeds)


def test_every_file_of_reports_is_written_in_one_schema(tmp_path: Path) -> None:
    lake, town = Lake(tmp_path), Town()
    town.report("a", local(40), **known(40))
    town.report("b", local(30), **known(30))
    manifest = read_in(lake, town, [local(35), local(30), MOMENT])  # one file as it came, one put together
    for table, schema in CURRENT_TABLES.items():
        for path in lake.files(table, manifest):
            assert pq.read_schema(path).remove_metadata().equals(schema, check_metadata=False), path


def test_a_file_of_reports_says_how_far_its_reports_reach(tmp_path: Path) -> None:
    lake, town = Lake(tmp_path), Town()
    town.report("ahead", MOMENT + timedelta(days=9), **known(3))
    town.report("past", local(5), **known(2))
    manifest = read_in(lake, town, [MOMENT])
    (file,) = (file for file in manifest.files if file.table == "report")
    assert datetime.fromisoformat(file.reaches) == MOMENT + timedelta(days=9)
    assert datetime.fromisoformat(file.known_until) == local(2)


def _reports(lake: Lake, files: list[LakeFile]) -> list[dict[str, object]]:
    paths = [lake.folder / file.path for file in files if file.table == "report"]
    return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]
