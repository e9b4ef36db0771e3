"""One commit is seen whole or not at all; what the manifest lists is what counts; damage is found."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from tests.warehouse.observed import FIRST, new_versions, observations, observed
from warehouse.lake import Lake, batch_id
from warehouse.manifest import FeedState, LakeError, Manifest


def commit(lake: Lake, *rows, batch: str = "b1") -> Manifest:
    before = lake.manifest()
    result = new_versions(observations(*rows))
    files = lake.write_batch("guard_test", batch, {"report_version": result.versions, "note": result.notes})
    return lake.commit(
        before,
        files=[*before.files, *files],
        feeds={"guard_test": FeedState(journal_seq=1)},
        written_at=FIRST,
        run_id="r",
        code_version="0",
        what="test",
    )


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(tmp_path / "lake")


def test_an_empty_lake_has_an_empty_manifest(lake):
    assert lake.manifest() == Manifest()
    assert lake.content_hash("report_version") == "0-0-0"


def test_files_are_cut_by_the_month_they_became_known(lake):
    commit(lake, observed("1", 0), observed("2", 24 * 40))
    assert [path.parent.name for path in lake.files("report_version")] == ["known_month=2026-10", "known_month=2026-11"]


def test_the_manifest_survives_being_written_and_read(lake):
    written = commit(lake, observed("1", 0))
    assert Lake(lake.folder).manifest() == written
    assert written.feeds["guard_test"].journal_seq == 1


def test_a_manifests_head_is_all_of_it_but_its_files(lake):
    present = commit(lake, observed("1", 0))
    content = lake.pointer.read_bytes()
    assert present.files and Manifest.head(content, lake.pointer) == replace(present, files=())
    as_one_line = json.dumps(json.loads(content)).encode()  # as another program might write it
    assert Manifest.head(as_one_line, lake.pointer).number == present.number
    with pytest.raises(LakeError, match="cannot be read"):
        Manifest.head(content[:40], lake.pointer)


def test_each_state_names_the_one_before_it(lake):
    commit(lake, observed("1", 0))
    second = commit(lake, observed("2", 1), batch="b2")
    kept = sorted((lake.folder / "manifests").iterdir())
    assert [path.name for path in kept] == ["00000001.json", "00000002.json"]
    import hashlib

    assert second.parent_sha256 == hashlib.sha256(kept[0].read_bytes()).hexdigest()


def test_files_without_a_commit_are_not_there(lake):
    result = new_versions(observations(observed("1", 0)))
    lake.write_batch("guard_test", "b1", {"report_version": result.versions})
    assert lake.files("report_version") == []
    assert len(lake.stray_files()) == 1


def test_a_commit_made_on_an_older_state_is_refused(lake):
    before = lake.manifest()
    commit(lake, observed("1", 0))
    with pytest.raises(LakeError, match="Two runs"):
        lake.commit(before, files=[], feeds={}, written_at=FIRST, run_id="r", code_version="0", what="t")


def test_a_commit_made_on_its_own_last_state_is_refused_where_another_stands(lake):
    own = commit(lake, observed("1", 0))
    commit(Lake(lake.folder), observed("2", 1), batch="b2")
    stands = lake.pointer.read_bytes()
    with pytest.raises(LakeError, match="Two runs"):
        lake.commit(own, files=[], feeds={}, written_at=FIRST, run_id="r", code_version="0", what="t")
    assert lake.pointer.read_bytes() == stands


@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_file_is_found_by_its_hash(lake, damage):
    commit(lake, observed("1", 0))
    path = lake.files("report_version")[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(content if damage == "flip" else content[:-8])
    assert len(lake.verify()) == 1 and path.name in lake.verify()[0]


def test_a_lake_of_a_newer_format_is_refused_politely(lake):
    commit(lake, observed("1", 0))
    values = json.loads(lake.pointer.read_bytes())
    lake.pointer.write_text(json.dumps({**values, "format": 9, "minimum_reader": 9}))
    with pytest.raises(LakeError, match="Upgrade"):
        lake.manifest()


def test_a_manifest_that_is_no_json_says_what_to_do(lake):
    commit(lake, observed("1", 0))
    lake.pointer.write_bytes(b'{"number":')
    with pytest.raises(LakeError, match="rebuild"):
        lake.manifest()


def test_the_content_hash_does_not_depend_on_files_but_on_every_value(lake, tmp_path):
    commit(lake, observed("1", 0), observed("2", 1))
    split = Lake(tmp_path / "split")
    commit(split, observed("2", 1))
    commit(split, observed("1", 0), batch="b2")
    assert lake.content_hash("report_version") == split.content_hash("report_version")
    other = Lake(tmp_path / "other")
    commit(other, observed("1", 0), observed("2", 1, quantity=2))
    assert other.content_hash("report_version") != lake.content_hash("report_version")


def test_a_batch_is_named_by_its_deliveries():
    assert batch_id([("a", FIRST)]) == batch_id([("a", FIRST)]) != batch_id([("b", FIRST)])


def test_another_engine_reads_the_listed_files(lake):
    commit(lake, observed("1", 0))
    assert pq.read_table(lake.files("report_version")[0]).num_rows == 1


def test_the_lake_is_read_the_same_under_any_time_zone_of_the_host(lake):
    commit(lake, observed("1", 0))
    where = repr(str(lake.folder))
    code = (
        "import pathlib; from warehouse.lake import Lake; "
        f"print(Lake(pathlib.Path({where})).content_hash('report_version'))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code], env={"TZ": zone, "PATH": ""}, capture_output=True, text=True, check=True
        ).stdout
        for zone in ("UTC", "America/New_York", "Europe/Stockholm")
    }
    assert answers == {lake.content_hash("report_version") + "\n"}
