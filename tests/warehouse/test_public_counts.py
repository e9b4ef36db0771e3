"""The macro for counts that leave the house, and somebody who knows their total."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import duckdb
import pytest

import warehouse

SQL = (Path(warehouse.__file__).parent / "snapshot" / "20_counts.sql").read_text(encoding="utf-8")
MACRO = next(part for part in SQL.split(";\n") if "MACRO core.area_counts_public" in part)

Told = tuple[int | None, ...]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA core; CREATE TABLE counted (area_id VARCHAR, area_name VARCHAR, count INTEGER)")
    con.execute("CREATE MACRO core.area_counts(a, b) AS TABLE FROM counted")
    con.execute(MACRO)
    return con


def told(con: duckdb.DuckDBPyConnection, *counts: int) -> Told:
    """What is told of areas a, b … and, last, of what names no area."""
    areas = [f"'area_{n}'" for n in range(len(counts) - 1)] + ["NULL"]
    values = ", ".join(f"({area}, {area}, {count})" for area, count in zip(areas, counts, strict=True))
    con.execute(f"TRUNCATE counted; INSERT INTO counted VALUES {values}")
    rows = con.execute("SELECT count, is_hidden FROM core.area_counts_public('2026-01-01', '2026-01-07')").fetchall()
    assert all((count is None) == is_hidden for count, is_hidden in rows)
    return tuple(count for count, _ in rows)


def test_who_knows_the_total_can_take_each_small_count_for_anything_from_nought_to_five(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """What is hidden is one sum to them: of two numbers at least, and of five at least where there are five in all."""
    for counts in product((0, 1, 3, 4, 5, 6, 9), repeat=3):
        shown = told(con, *counts)
        hidden = [n for n, count in zip(counts, shown, strict=True) if count is None]
        assert all(count is None or count == n >= 5 for n, count in zip(counts, shown, strict=True))
        assert not hidden or (len(hidden) >= 2 and sum(hidden) >= min(5, sum(counts))), (counts, shown)
        assert len(hidden) <= 1 + max(1, sum(n < 5 for n in counts)), (counts, shown)  # no more than it takes


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((4, 4, 20), (None, None, 20)),  # eight of two from 1 to 4 would be four and four
        ((0, 0, 20), (None, None, None)),
        ((0, 9, 20), (None, None, 20)),
        ((1, 2, 2), (None, None, None)),
        ((5, 9, 20), (5, 9, 20)),
    ],
)
def test_nought_is_hidden_and_what_is_hidden_sums_to_five(
    con: duckdb.DuckDBPyConnection, counts: tuple[int, ...], shown: Told
) -> None:
    assert told(con, *counts) == shown
