"""One name, one meaning, written once; the dictionary follows from it and is never stale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from warehouse import dictionary, snapshot
from warehouse.build import ATTEMPT
from warehouse.contract import LAKE_TABLES, OBSERVATION
from warehouse.dictionary import main, read_columns, table_columns
from warehouse.snapshot import SCHEMAS

DUCKDB_TYPES = {
    pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int8(): "TINYINT", pa.int32(): "INTEGER",
    pa.int64(): "BIGINT", pa.binary(): "BLOB",
    pa.float64(): "DOUBLE", pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ", pa.date32(): "DATE",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _made_once() -> Iterator[None]:
    """The empty snapshot that the dictionary is written from: a hundred tables, made once for all of these tests."""
    with snapshot.empty_snapshot() as con, pytest.MonkeyPatch.context() as patched:
        (used,) = con.execute("SELECT current_catalog()").fetchall()

        @contextmanager
        def made_once() -> Iterator[duckdb.DuckDBPyConnection]:
            con.execute(f"USE {used[0]}")
            yield con

        patched.setattr(snapshot, "empty_snapshot", made_once)
        yield


def columns_in_use() -> dict[str, set[str]]:
    used: dict[str, set[str]] = {}
    for schema in (OBSERVATION, ATTEMPT, *LAKE_TABLES.values()):
        for field in schema:
            used.setdefault(field.name, set()).add(DUCKDB_TYPES[field.type])
    with snapshot.empty_snapshot() as con:
        described = table_columns(con, SCHEMAS)
        con.execute("USE memory")
        for _, _, name, kind in [*described, *table_columns(con)]:
            used.setdefault(name, set()).add(kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"))
    return used


def test_columns_csv_names_exactly_the_columns_in_use_each_with_its_one_type() -> None:
    assert {name: {column.type} for name, column in read_columns().items()} == columns_in_use()


def test_the_dictionary_is_not_stale() -> None:
    assert main(["--check"]) == 0


def test_the_dictionary_names_only_what_an_analyst_can_ask_for() -> None:
    text = dictionary.DICTIONARY.read_text(encoding="utf-8")
    assert not re.findall(r"\b(?:config|landed|stage)\.\w+", text)
    with snapshot.empty_snapshot() as con:
        present = {name for _, _, name, _ in table_columns(con, SCHEMAS)}
        words = con.execute(
            "SELECT comment FROM duckdb_columns() WHERE comment IS NOT NULL AND database_name = 'snapshot'"
        ).fetchall()
    assert set(re.findall(r"(?m)^\| (\w+) \|", text.split("## Columns")[1])) - {"column"} == present
    assert words and not [w for (w,) in words if re.search(r"\b(?:config|landed|stage)\.", w)]


def test_the_snapshot_s_incidents_are_said_to_be_of_all_years() -> None:
    with snapshot.empty_snapshot() as con:
        told = con.execute(
            "SELECT comment FROM duckdb_tables() WHERE database_name = 'snapshot' AND table_name = 'incident'"
        ).fetchall()
    assert ["of all years" in comment for (comment,) in told] == [True]


def test_a_stale_dictionary_is_told_and_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "DICTIONARY.md"
    stale.write_text("# Dictionary\n", encoding="utf-8")
    monkeypatch.setattr(dictionary, "DICTIONARY", stale)
    assert main(["--check"]) == 1 and stale.read_text(encoding="utf-8") == "# Dictionary\n"
    assert main([]) == 0 and main(["--check"]) == 0


def test_a_name_with_two_meanings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "columns.csv"
    path.write_text("name,type,unit,meaning_sv,meaning\nb,DATE,,,One.\nb,DATE,,,Two.\na,,,,\n", encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        read_columns(path)
    for part in ("b stands more than once", "a lacks type or meaning", "not in alphabetical order"):
        assert part in str(caught.value)
