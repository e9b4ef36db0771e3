"""When the analysts' snapshot follows a picture at once, and when it waits for the night."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.snapshots import RENEWED_AFTER, VERSIONS_AT_ONCE, is_due
from flows.store import Store
from warehouse.manifest import LakeFile, Manifest

NOW = datetime(2026, 11, 26, 6, 15, tzinfo=UTC)
FILE = LakeFile("report_version", "x.parquet", "", VERSIONS_AT_ONCE, 1, "guard", "b", "", "")


def aged(folder: Path, age: timedelta) -> Store:
    store = Store(folder)
    store.snapshot.touch()
    at = (NOW - age).timestamp()
    os.utime(store.snapshot, (at, at))
    return store


def test_a_small_lake_s_snapshot_follows_every_picture(tmp_path):
    assert is_due(aged(tmp_path, timedelta(minutes=5)), Manifest(files=(FILE,)), NOW)


def test_a_large_lake_s_snapshot_is_renewed_once_a_day_and_at_once_where_there_is_none(tmp_path):
    large = Manifest(files=(replace(FILE, row_count=VERSIONS_AT_ONCE + 1),))
    assert is_due(Store(tmp_path), large, NOW)
    assert not is_due(aged(tmp_path, timedelta(minutes=5)), large, NOW)
    assert is_due(aged(tmp_path, RENEWED_AFTER), large, NOW)
    assert is_due(aged(tmp_path, -timedelta(hours=1)), large, NOW)  # made by a clock that was ahead
