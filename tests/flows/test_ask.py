"""SQL over the picture's tables: the query behind a number, and nothing beyond the tables."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet
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


def test_the_versions_of_all_years_can_be_asked_for_too(where, capsys):
    assert main(["sql", "SELECT count(*) AS n FROM core.report_version", *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [{"n": 9}]


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


@pytest.mark.parametrize("query", sorted(BY_COMMAND))
def test_a_refusal_is_a_plain_line_with_code_2_and_no_limit_is_passed(where, query, capsys):
    store = Store.at(where[-1])
    before = held(store)
    assert main(["sql", query.format(lake=store.lake.folder, data=store.folder), *where]) == 2
    told = capsys.readouterr()
    assert REFUSED[query] in told.err and "Traceback" not in told.err and told.out == ""
    assert held(store) == before


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
        if query == "PRAGMA enable_profiling":  # a setting of the session alone: it writes nowhere but to the answer
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


INSATS = (
    "SELECT 'I-1' AS entry_id, DATE '2026-10-16' AS start_day, NULL::DATE AS stop_day, 59.1 AS latitude,"
    " 18.1 AS longitude"
)


def test_every_form_has_all_of_run_manifest_code_and_label_inside_it(where, tmp_path):
    store = Store.at(where[-1])
    manifest = hashlib.sha256(store.lake.manifest().to_bytes()).hexdigest()
    for form in ("csv", "json", "parquet", "geojson", "ics"):
        target = tmp_path / f"a.{form}"
        assert main(["sql", INSATS, "--out", str(target), *where]) == 0  # the ending says the form
        beside = json.loads((tmp_path / f"a.{form}.datapackage.json").read_text())
        if form == "parquet":
            told = json.loads(pyarrow.parquet.read_metadata(target).metadata[b"provenance"])
            assert pyarrow.parquet.read_metadata(target).metadata[b"sql"].decode() == INSATS
        elif form == "ics":
            text = target.read_bytes().replace(b"\r\n ", b"").decode()
            told = {name.lower().replace("-", "_"): v for name, v in re.findall(r"X-LAGESBILD-(\S+?):(\S+)", text)}
        elif form == "csv":
            line = next(csv.DictReader(io.StringIO(target.read_text())))["provenance"]
            told = beside["provenance"]
            assert all(str(told[name]) in line for name in ("tlp", "run", "code_version", "picture", "lake_state"))
            assert manifest[:12] in line
        else:
            told = json.loads(target.read_text())["provenance"]
        assert told["tlp"] == "TLP:AMBER" and told["run"].startswith("20") and told["code_version"], form
        assert told["manifest_sha256"] == manifest and int(told["lake_state"]), form
        assert beside["provenance"]["manifest_sha256"] == manifest and beside["resources"][0]["format"] == form


def test_what_was_handed_out_is_logged_without_a_row_of_it_and_listed(where, tmp_path, capsys):
    secret = "SELECT 'hemligt ord' AS a FROM range(3)"
    for query, name in ((secret, "a.csv"), ("q:0.1", "b.parquet")):
        assert main(["sql", query, "--out", str(tmp_path / name), *where]) == 0
    assert main(["sql", "SELECT 1 AS a", *where, "--format", "csv"]) == 0  # a look is no hand-out
    capsys.readouterr()
    assert main(["handouts", *where, "--rows", "2", "--json"]) == 0
    free, number = json.loads(capsys.readouterr().out)["handouts"]
    assert free["question"].startswith("sql ") and number["question"] == "q:0.1"
    assert (free["form"], free["rows"], free["tlp"]) == ("csv", 3, "TLP:AMBER") and number["form"] == "parquet"
    assert free["sha256"] == hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert free["sql_sha256"] == hashlib.sha256(secret.encode()).hexdigest() and free["manifest_sha256"]
    assert "hemligt" not in Store.at(where[-1]).handouts.read_text()
    assert main(["handouts", *where]) == 0 and "q:0.1" in capsys.readouterr().out


def test_what_cannot_be_logged_is_not_handed_out(where, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Store, "handouts", tmp_path)  # a folder in the log's place
    assert main(["sql", "SELECT 1 AS a", "--out", str(tmp_path / "c.csv"), *where]) == 2
    assert "nothing was written" in capsys.readouterr().err and not (tmp_path / "c.csv").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--format", "table", "--out", "{folder}/d.txt"], "for the screen"),
        (["--format", "json", "--excel"], "kind of csv"),
        (["--format", "ics"], "FROM core.insats"),
        (["--format", "geojson"], "latitude and longitude"),
    ],
)
def test_a_form_that_does_not_fit_is_a_plain_line(where, words, says, tmp_path, capsys):
    assert main(["sql", "SELECT 1 AS a", *[w.format(folder=tmp_path) for w in words], *where]) == 2
    assert says in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_no_cell_becomes_a_formula_in_a_spreadsheet(where, tmp_path):
    cells = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a", "ord"]
    query = "SELECT unnest([" + ", ".join(f"'{cell}'" for cell in cells) + "]) AS a, -1.5 AS n"
    assert main(["sql", query, "--out", str(tmp_path / "f.csv"), *where]) == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "f.csv").read_bytes().decode(), newline="")))
    assert [row["a"] for row in rows] == [*(f"'{cell}" for cell in cells[:-1]), "ord"]
    assert {row["n"] for row in rows} == {"-1.5"}


def test_the_shell_goes_on_after_a_form_that_does_not_fit(where, capfdbinary, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 1 AS a;\nSELECT 1 AS latitude, 2 AS longitude;\n"))
    assert main(["sql", "--format", "geojson", *where]) == 0
    told = capfdbinary.readouterr()
    assert b"latitude and longitude" in told.err and b"FeatureCollection" in told.out


def test_each_form_of_an_answer_says_what_it_was_made_from(where, tmp_path):
    query = "SELECT '=1+1' AS a, -1 AS n, 1.5 AS x, 59.1 AS latitude, 18.1 AS longitude"
    for form in ("csv", "json", "parquet", "geojson"):
        assert main(["sql", query, "--format", form, "--out", str(tmp_path / f"a.{form}"), *where]) == 0
    plain = (tmp_path / "a.csv").read_bytes().decode()
    assert "'=1+1,-1,1.5,59.1,18.1,TLP:AMBER · lägesbild 20" in plain and "· run 20" in plain
    assert json.loads((tmp_path / "a.json").read_text())["provenance"]["tlp"] == "TLP:AMBER"
    assert b"lake_state" in pyarrow.parquet.read_schema(tmp_path / "a.parquet").metadata[b"provenance"]
    shape = json.loads((tmp_path / "a.geojson").read_text())
    assert shape["features"][0]["geometry"]["coordinates"] == [18.1, 59.1] and shape["provenance"]["run"]
    assert main(["sql", query, "--excel", "--out", str(tmp_path / "b.csv"), *where]) == 0
    assert (tmp_path / "b.csv").read_bytes().startswith(b"\xef\xbb\xbfa;n;x;")
    assert b"'=1+1;-1;1,5;" in (tmp_path / "b.csv").read_bytes()
    assert main(["sql", query, "--out", str(tmp_path / "b.csv"), *where]) == 2


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


def test_a_file_has_a_data_package_beside_it_with_its_hash_its_columns_meaning_and_its_label(where, tmp_path):
    target = tmp_path / "svar.csv"
    query = "SELECT area_id, population, 1.5 AS rate FROM reference.area ORDER BY area_id"
    assert main(["sql", query, "--format", "csv", "--excel", "--out", str(target), *where]) == 0
    told = json.loads((tmp_path / "svar.csv.datapackage.json").read_text(encoding="utf-8"))
    (resource,) = told["resources"]
    body = target.read_bytes()
    assert resource["hash"] == "sha256:" + hashlib.sha256(body).hexdigest() and resource["bytes"] == len(body)
    assert [one["name"] for one in resource["schema"]["fields"]] == ["area_id", "population", "rate", "provenance"]
    assert [one["type"] for one in resource["schema"]["fields"]] == ["string", "integer", "number", "string"]
    assert "nhabitants" in resource["schema"]["fields"][1]["description"]
    assert resource["dialect"] == {"delimiter": ";", "decimalChar": ","}
    assert told["provenance"]["tlp"].startswith("TLP:") and told["provenance"]["sql"] == query


def test_no_table_holds_the_fingerprint_of_an_unknown_word(where, capsys):
    query = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'detail'"
    assert main(["sql", query, *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []
