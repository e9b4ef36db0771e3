"""The layer ``landed``: what the lake has no file of is empty, and of its contract's columns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from warehouse.build import ATTEMPT, BuildInputs
from warehouse.connection import connect
from warehouse.contract import LAKE_TABLES
from warehouse.landed import load_landed


@pytest.mark.parametrize("name", LAKE_TABLES)
def test_a_table_without_files_has_its_columns_and_no_row(name: str) -> None:
    nothing = BuildInputs({}, {}, ATTEMPT.empty_table(), datetime(2026, 1, 1, tzinfo=UTC))
    with connect() as con:
        con.execute("CREATE SCHEMA landed")
        load_landed(con, nothing, ATTEMPT)
        empty = con.sql(f"FROM landed.{name}")
        given = con.from_arrow(LAKE_TABLES[name].empty_table())
        assert (empty.columns, empty.types) == (given.columns, given.types)
        assert empty.fetchall() == []
