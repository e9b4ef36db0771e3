"""SQL over the picture's tables: the query behind a number, and nothing beyond the tables."""

from __future__ import annotations

import json

import pytest

from flows.cli import main
from flows.store import Store
from tests.flows.crash_sweep import deliver


@pytest.fixture(scope="module")
def where(tmp_path_factory) -> list[str]:
    data = tmp_path_factory.mktemp("ask") / "data"
    words = ["--settings", "lindvik", "--data", str(data)]
    deliver(data, 1)
    assert main(["run", "--no-prefect", *words]) in (0, 3)
    return words


def test_the_query_behind_a_number_is_shown_with_its_rows(where, capsys):
    assert main(["sql", "q:2.3", *where, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "SELECT" in answer["sql"].upper() and answer["rows"]


def test_every_number_of_the_sheet_has_a_query_that_runs(where, capsys):
    assert main(["sql", "SELECT query_id FROM picture.query", *where, "--json"]) == 0
    ids = [row["query_id"] for row in json.loads(capsys.readouterr().out)["rows"]]
    assert len(ids) > 5
    failed = [number for number in ids if main(["sql", f"q:{number}", *where]) != 0]
    assert failed == []


def test_the_versions_of_all_years_can_be_asked_for_too(where, capsys):
    assert main(["sql", "SELECT count(*) AS n FROM core.report_version", *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [{"n": 9}]


def test_an_unknown_number_and_a_faulty_query_are_plain_lines_with_code_2(where, capsys):
    assert main(["sql", "q:99.9", *where]) == 2
    assert "no such number; it has" in capsys.readouterr().err
    assert main(["sql", "SELEKT 1", *where]) == 2
    assert "ParserException" in capsys.readouterr().err


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/lagesbild-out.csv'",
        "ATTACH '/tmp/lagesbild-other.duckdb'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "DROP TABLE core.report",
        "DELETE FROM core.report",
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO '{lake}/manifest.json'",
        "EXPORT DATABASE '{lake}/out'",
    ],
)
def test_nothing_outside_the_tables_is_read_or_written_and_nothing_in_them_changed(where, query, capsys):
    lake = Store.at(where[-1]).lake
    before = lake.pointer.read_bytes()
    assert main(["sql", query.format(lake=lake.folder), *where]) == 2
    assert lake.pointer.read_bytes() == before
    assert main(["sql", "SELECT count(*) FROM core.report", *where]) == 0


def test_no_table_an_analyst_reads_holds_fingerprints(where, capsys):
    columns = "SELECT table_name, schema_name FROM duckdb_columns() WHERE column_name = 'field_fingerprints'"
    query = f"SELECT table_name FROM ({columns}) WHERE schema_name IN ('core', 'picture')"
    assert main(["sql", query, *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []
