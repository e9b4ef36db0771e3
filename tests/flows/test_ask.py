"""SQL over the picture's tables: the query behind a number, and nothing beyond the tables."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import threading
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from flows.store import Store
from tests.flows.crash_sweep import deliver
from warehouse.locked import Refused, ask, open_locked


@pytest.fixture(scope="module")
def where(tmp_path_factory) -> list[str]:
    data = tmp_path_factory.mktemp("ask") / "data"
    words = ["--settings", "lindvik", "--data", str(data)]
    deliver(data, 1)
    assert main(["run", "--no-prefect", *words]) in (0, 3)
    return words


@pytest.mark.limits
def test_the_query_behind_a_number_is_shown_with_its_rows(where, capsys):
    assert main(["sql", "q:2.3", *where, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "SELECT" in answer["sql"].upper() and answer["rows"]


def test_every_number_of_the_sheet_has_a_query_that_runs(where):
    with open_locked(Store.at(where[-1]).snapshot) as con:
        ids = [number for (number,) in con.execute("SELECT query_id FROM picture.query").fetchall()]
        assert len(ids) > 5
        for number in ids:
            assert ask(con, f"q:{number}").schema.metadata[b"sql"]


def test_an_answer_says_how_many_of_a_number_s_rows_it_holds_back_and_says_nothing_of_none(where, capsys, monkeypatch):
    for held, said in ((0, None), (1, "1 rad visas inte: känsliga, på vecka. (1 row is"), (2, "2 rader visas inte")):
        monkeypatch.setattr("flows.ask.made_from_of", lambda _, held=held: {"held_back": held})
        assert main(["sql", "q:2.3", *where]) == 0
        told = capsys.readouterr().out
        assert ("visas inte" in told) == bool(said) and (said or "") in told


def test_every_question_in_the_documents_can_be_asked(where):
    house = Path(__file__).parents[2]
    texts = [(house / name).read_text(encoding="utf-8") for name in ("README.md", "docs/analysts.md")]
    asked = {question for text in texts for question in re.findall(r'lagesbild sql "([^"]+)"', text)}
    assert len(asked) >= 3
    with open_locked(Store.at(where[-1]).snapshot) as con:
        for question in asked:
            ask(con, question)


def test_the_versions_of_all_years_can_be_asked_for_too(where, capsys):
    assert main(["sql", "SELECT count(*) AS n FROM core.report_version", *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [{"n": 9}]


@pytest.mark.limits
def test_an_unknown_number_and_a_faulty_query_are_plain_lines_with_code_2(where, capsys):
    assert main(["sql", "q:99.9", *where]) == 2
    assert "no such number; it has" in capsys.readouterr().err
    assert main(["sql", "SELEKT 1", *where]) == 2
    assert "ParserException" in capsys.readouterr().err


REFUSED = {
    "SELECT * FROM read_csv('/etc/passwd')": "Cannot access file",
    "FROM '/etc/passwd'": "does not exist",
    "SELECT * FROM read_text('/etc/passwd')": "Cannot access file",
    "SELECT * FROM glob('/etc/*')": "Cannot access file",
    "FROM read_parquet('{lake}/report_version/*.parquet')": "Cannot access",
    "FROM 'http://127.0.0.1:9/a.csv'": "Cannot access file",
    "COPY (SELECT 1) TO '{data}/out.csv'": "only questions",
    "COPY (SELECT 1) TO '{data}/lake/manifest.json'": "only questions",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{data}/out.csv'": "Cannot access file",
    "EXPORT DATABASE '{data}/out'": "only questions",
    "ATTACH '{data}/lagesbild-build.duckdb' AS b": "only questions",
    "ATTACH ':memory:' AS b": "only questions",
    "INSTALL httpfs": "only questions",
    "LOAD httpfs": "only questions",
    "SET enable_external_access = true": "only questions",
    "SET memory_limit = '1TB'": "only questions",
    "PRAGMA threads = 64": "only questions",
    "PRAGMA enable_profiling": "only questions",
    "RESET lock_configuration": "only questions",
    "DROP TABLE core.report": "only questions",
    "DELETE FROM core.report": "only questions",
    "CREATE TABLE core.mine AS SELECT 1": "only questions",
    "UPDATE picture.head SET tlp = 'TLP:CLEAR'": "only questions",
    "SELECT 1; SELECT 2": "one question at a time",
    "SELECT 1 /* ; */; DROP TABLE core.report": "one question at a time",
    "SELECT 1 -- ;\n; DROP TABLE core.report": "one question at a time",
    "WITH x AS (DELETE FROM core.report RETURNING *) FROM x": "A CTE needs a SELECT",
    "EXPLAIN DELETE FROM core.report": "read-only mode",
    "SELECT 1\0; DROP TABLE core.report": "a NUL character",
    "SELECT getenv('HOME')": "getenv does not exist",
    "FROM sniff_csv('/etc/passwd')": "Cannot access file",
    "FROM read_blob('/proc/self/environ')": "Cannot access file",
    "FROM parquet_metadata('{lake}/x.parquet')": "Cannot access file",
    "FROM query('FROM read_text(''/etc/passwd'') ')": "Cannot access file",
    "FROM query('COPY (SELECT 1) TO ''{data}/out.csv'' ')": "single SELECT",
    "FROM duckdb_secrets()": "Cannot access directory",
    "CREATE SECRET s (TYPE s3)": "only questions",
    "CREATE MACRO x() AS 1": "only questions",
    "PREPARE p AS SELECT 1": "only questions",
    "CALL enable_logging()": "only questions",
    "FROM enable_logging(storage := 'file', storage_path := '{data}/l')": "enable_logging: asks something",
    "FROM \"ENABLE_PROFILING\"(save_location := '{data}/p.json')": "ENABLE_PROFILING: asks something",
    "FROM query('FROM force_checkpoint()')": "force_checkpoint: asks something of the engine",
    "FROM arrow_scan(1, 1, 1)": "arrow_scan: asks something of the engine",
    "FROM pandas_scan(1)": "pandas_scan: asks something of the engine",
    ".shell id": "syntax error",
    ".read /etc/passwd": "syntax error",
    "SELECT list(repeat('x', 1000000) || a.range) FROM range(3000000000) AS a": "stopped: the question needs more than",
    "SELECT length(repeat('x', 4200000000))": "stopped: the question needs more than",
}
#: One of each kind goes the whole way, by the command and its limited process; the others only as far as they differ.
BY_COMMAND = {"SELECT * FROM read_csv('/etc/passwd')", "EXPORT DATABASE '{data}/out'", "SELECT 1; SELECT 2"}
BY_COMMAND |= {query for query, why in REFUSED.items() if why.startswith("stopped")}


def held(store: Store) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("query", [query for query in REFUSED if query not in BY_COMMAND])
def test_nothing_else_is_read_and_nothing_is_written(where, query):
    store = Store.at(where[-1])
    before = held(store)
    with open_locked(store.snapshot) as con:
        with pytest.raises((Refused, duckdb.Error), match=REFUSED[query]):
            ask(con, query.format(lake=store.lake.folder, data=store.folder))
    assert held(store) == before


@pytest.mark.limits
@pytest.mark.parametrize("query", sorted(BY_COMMAND))
def test_a_refusal_is_a_plain_line_with_code_2_and_no_limit_is_passed(where, query, capsys):
    store = Store.at(where[-1])
    before = held(store)
    assert main(["sql", query.format(lake=store.lake.folder, data=store.folder), *where]) == 2
    told = capsys.readouterr()
    assert REFUSED[query] in told.err and "Traceback" not in told.err and told.out == ""
    assert held(store) == before


@pytest.mark.limits
@pytest.mark.parametrize(
    "query",
    [
        "SELECT sum(a.range * b.range % 7) FROM range(100000000000) AS a, range(1000) AS b",
        "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT (x + 1) % 9 FROM t) SELECT count(*) FROM t",
    ],
)
def test_a_question_without_end_is_stopped_in_time(where, query, capsys):
    assert main(["sql", query, "--timeout", "2", *where]) == 2
    assert capsys.readouterr().err.strip() == "stopped after 2 s (--timeout gives it longer); nothing was changed"


@pytest.mark.parametrize("query", [q for q, why in REFUSED.items() if why == "only questions"])
def test_the_engine_refuses_too_what_the_question_check_would_let_through(where, query):
    """The second wall, without the first: what is run is refused by DuckDB itself."""
    store = Store.at(where[-1])
    with open_locked(store.snapshot) as con:
        # of the session alone, and over with it
        if query in ("PRAGMA enable_profiling", "PREPARE p AS SELECT 1", "CALL enable_logging()"):
            return
        with pytest.raises(duckdb.Error):
            con.execute(query.format(lake=store.lake.folder, data=store.folder))


@pytest.mark.snapshot
def test_an_open_session_keeps_its_snapshot_when_a_newer_one_takes_the_name(where, tmp_path):
    store = Store.at(where[-1])
    with open_locked(store.snapshot) as old:
        first = old.execute("SELECT moment_at FROM reference.moment").fetchone()
        assert main(["picture", *where]) in (0, 3)
        assert old.execute("SELECT moment_at FROM reference.moment").fetchone() == first
        assert old.execute("SELECT count(*) FROM core.report_version").fetchone() == (9,)
        with duckdb.connect(str(shutil.copy(store.snapshot, tmp_path / "copy.duckdb")), read_only=True) as new:
            assert new.execute("SELECT moment_at FROM reference.moment").fetchone() != first


def test_the_snapshot_has_the_analysts_schemas_and_no_column_of_text(where):
    with open_locked(Store.at(where[-1]).snapshot) as con:
        schemas = con.execute("SELECT DISTINCT schema_name FROM duckdb_columns() WHERE NOT internal").fetchall()
        assert {name for (name,) in schemas} == {"core", "picture", "reference", "quality"}
        held = {
            name for (name,) in con.execute("SELECT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
        }
        assert "note_public" not in held and "report_id" in held
        unexplained = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
        assert con.execute(unexplained).fetchall() == []


def test_tables_columns_and_macros_explain_themselves(where, capsys):
    assert main(["sql", "\\d", *where]) == 0 and "core.incident · One row per incident" in capsys.readouterr().out
    assert main(["sql", "\\d core.incident", *where]) == 0 and "local_day · DATE · Day by" in capsys.readouterr().out
    assert main(["sql", "\\m", *where]) == 0 and "core.as_of(moment)" in capsys.readouterr().out


def test_the_shell_goes_on_after_a_faulty_question(where, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("SELEKT 1;\n\nSELECT 40\n+ 2 AS n;\nq:0.1\n\\x\nSELECT 9 AS never;\n"))
    assert main(["sql", *where]) == 0
    told = capsys.readouterr()
    assert "ParserException" in told.err and "42" in told.out and "SELECT * FROM core.report" in told.out
    assert "never" not in told.out


def test_a_question_comes_from_a_pipe_too(where, tmp_path, capsys):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("SELECT 42 AS a",))
    writer.start()
    assert main(["sql", "-f", str(pipe), *where]) == 0 and "42" in capsys.readouterr().out
    writer.join()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["\\d core.nothing"], "no table of that name"),
        (["SELECT 1", "--timeout", "0"], "more than 0"),
        (["SELECT 1", "--timeout", "nan"], "more than 0"),
        (["-f", "{folder}"], "Is a directory"),
        (["-f", "{folder}/latin1.sql"], "not text in UTF-8"),
        (["-f", "{folder}/none.sql"], "No such file"),
    ],
)
def test_what_cannot_be_asked_is_a_plain_line(where, words, says, tmp_path, capsys):
    (tmp_path / "latin1.sql").write_bytes("SELECT 'å'".encode("latin-1"))
    assert main(["sql", *[word.format(folder=tmp_path) for word in words], *where]) == 2
    assert says in capsys.readouterr().err


def test_a_number_a_report_and_a_delivery_are_traced_to_what_was_sent(where, capsys):
    assert main(["trace", "q:0.1", *where, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    landed = {entry.sha256 for entry in Store.at(where[-1]).landing.entries() if hasattr(entry, "sha256")}
    assert told["rows"] == len({row["report_id"] for row in told["report_versions"]}) > 0
    assert {row["delivery_sha256"] for row in told["deliveries"]} <= landed and told["made_by"][0]["run_id"]
    version = told["report_versions"][0]
    assert main(["trace", version["report_id"], *where, "--json"]) == 0
    of_report = json.loads(capsys.readouterr().out)
    assert of_report["report_versions"][-1]["delivery_sha256"] in landed and version["code_version"]
    assert main(["trace", version["delivery_sha256"][:10], *where, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert version["report_id"] in {row["report_id"] for row in told["report_versions"]}
    assert main(["trace", "nothing", *where]) == 2 and "no number" in capsys.readouterr().err
    assert main(["trace", "' OR ''='", *where]) == 2 and "no number" in capsys.readouterr().err  # no part of the SQL


def test_a_count_of_one_to_four_is_not_shown_and_nought_and_five_are(where, capsys):
    query = "SELECT list(core.shown(n) ORDER BY n) AS told FROM range(7) AS r(n)"
    assert main(["sql", query, *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [{"told": [0, None, None, None, None, 5, 6]}]


def test_no_table_an_analyst_reads_holds_fingerprints(where, capsys):
    columns = "SELECT table_name, schema_name FROM duckdb_columns() WHERE column_name = 'field_fingerprints'"
    query = f"SELECT table_name FROM ({columns}) WHERE schema_name IN ('core', 'picture')"
    assert main(["sql", query, *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []


def test_no_table_holds_the_fingerprint_of_an_unknown_word(where, capsys):
    query = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'detail'"
    assert main(["sql", query, *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []
