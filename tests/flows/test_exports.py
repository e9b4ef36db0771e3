"""An answer taken along: what it was made from is inside it, no cell is a formula, and each hand-out leaves a line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re

import pyarrow.parquet
import pytest

from flows.cli import main
from flows.store import Store
from tests.flows.crash_sweep import deliver


@pytest.fixture(scope="module")
def where(tmp_path_factory) -> list[str]:
    data = tmp_path_factory.mktemp("exports") / "data"
    words = ["--settings", "lindvik", "--data", str(data)]
    deliver(data, 1)
    assert main(["run", "--no-prefect", *words]) in (0, 3)
    return words


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
    cells = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]
    cells += [" =1", "\u00a0=1", "\u200b=1", "\ufeff \u2060+1", "|a", "%0A-1", "ord"]
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
