"""What the lake knew last of each report is found without looking through its history."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.kept import read_in
from tests.warehouse.rows import MOMENT, Town, local
from warehouse import history
from warehouse.history import read_head
from warehouse.lake import Lake
from warehouse.manifest import LakeError, Manifest

ASKED = pa.array(["guard_a:a", "guard_a:b", "guard_a:unheard"])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


@pytest.fixture
def manifest(lake: Lake) -> Manifest:
    """Report a of years ago, corrected three days ago; b of the day before yesterday; another feed's a."""
    town = Town()
    known = {"ingested_at": local(900), "first_seen_at": local(900)}
    town.report("a", local(900), source_hash=1, **known)
    town.report(
        "a", local(900), **known | {"version": 2, "change_kind": "changed", "ingested_at": local(3)}, source_hash=2
    )
    town.report("b", local(2), source_hash=3)
    town.report("c", local(2))
    town.report("a", local(1), source_id="guard_b", source_hash=9)
    return read_in(lake, town, [local(800), MOMENT])


def test_the_head_of_a_report_is_its_last_version_whichever_file_it_stands_in(lake: Lake, manifest: Manifest) -> None:
    head = read_head(lake, "guard_a", manifest.files, ASKED).to_pylist()
    assert [(h["report_id"], h["version"], h["source_hash"], h["first_seen_at"]) for h in head] == [
        ("guard_a:a", 2, 2, local(900)),
        ("guard_a:b", 1, 3, local(2, "13:00")),
    ]


def test_only_row_groups_of_the_moments_that_last_versions_came_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.lake.GROUP_ROWS", 1)
    monkeypatch.setattr("warehouse.current.GROUP_ROWS", 1)
    town, lake = Town(), Lake(tmp_path)
    for days in range(9, 0, -1):
        known = {"ingested_at": local(days), "first_seen_at": local(days)}
        town.report(f"r{days}", local(days), source_hash=days, **known)
    manifest = read_in(lake, town, [MOMENT])
    read = []
    whole = pq.ParquetFile.read_row_group

    def noted(file: pq.ParquetFile, group: int, columns: list[str], **how: object) -> pa.Table:
        if columns == ["report_id", "version"]:
            read.append(group)
        return whole(file, group, columns=columns, **how)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    head = read_head(lake, "guard_a", manifest.files, pa.array(["guard_a:r8", "guard_a:r3"]))
    assert head.select(["report_id", "source_hash"]).to_pylist() == [
        {"report_id": "guard_a:r3", "source_hash": 3},
        {"report_id": "guard_a:r8", "source_hash": 8},
    ]
    assert read == [1, 6]


def test_who_is_unheard_of_has_no_head_and_no_file_is_read_for_it(
    lake: Lake, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_last", None)
    assert read_head(lake, "guard_a", manifest.files, pa.array(["guard_a:unheard"])).num_rows == 0
    assert read_head(lake, "guard_a", manifest.files, ASKED[:0]).num_rows == 0
    assert read_head(lake, "guard_c", manifest.files, ASKED).num_rows == 0


@pytest.mark.parametrize("table", ["report_key", "report"])
def test_a_damaged_file_is_no_reason_to_begin_a_report_anew(lake: Lake, manifest: Manifest, table: str) -> None:
    for file in manifest.files:
        if file.table == table:
            body = bytearray((lake.folder / file.path).read_bytes())
            body[len(body) // 2] ^= 1
            (lake.folder / file.path).write_bytes(body)
    with pytest.raises(LakeError, match="rebuild"):
        read_head(lake, "guard_a", manifest.files, ASKED)
