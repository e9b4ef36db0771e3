"""How DuckDB is opened: the same everywhere."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.connection import connect


def test_the_zone_is_utc_whatever_the_hosts_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    with connect() as con:
        assert con.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
        assert con.execute("SELECT TIMESTAMP '2026-07-01 12:00:00'::TIMESTAMPTZ::VARCHAR").fetchone() == (
            "2026-07-01 12:00:00+00",
        )


def test_no_extension_is_fetched_or_loaded_by_itself_and_memory_is_bounded() -> None:
    with connect(memory_limit="512MiB", threads=1) as con:
        told = dict(con.execute("SELECT name, value FROM duckdb_settings()").fetchall())
    assert told["autoinstall_known_extensions"] == "false" and told["autoload_known_extensions"] == "false"
    assert told["memory_limit"] == "512.0 MiB" and told["threads"] == "1" and told["enable_progress_bar"] == "false"


def test_a_missing_database_is_not_made_by_reading_it(tmp_path: Path) -> None:
    with pytest.raises(duckdb.IOException):
        connect(tmp_path / "none.duckdb", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_small_database_is_small(tmp_path: Path) -> None:
    with connect(tmp_path / "a.duckdb") as con:
        con.execute("CREATE TABLE a AS SELECT 1 AS b")
    assert (tmp_path / "a.duckdb").stat().st_size < 100_000
