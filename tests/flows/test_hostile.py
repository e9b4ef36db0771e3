"""No record, file name or header of a delivery can become SQL, HTML, a path or a terminal code."""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser

import duckdb
import pytest

from flows.cli import main
from flows.store import Store
from tests.conftest import PROJECT
from tests.flows.crash_sweep import HEADER

HOSTILE = [
    "'); DROP TABLE core.report; --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "../../../../tmp/lagesbild-escaped",
    "\x1b]0;owned\x07\x1b[2J",
    "‮txt.exe",
    "=cmd|' /C calc'!A0",
    "$(touch /tmp/lagesbild-escaped)",
]


class Elements(HTMLParser):
    """The elements and attributes a page really has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory) -> Store:
    """A run over deliveries whose every field, header and name is hostile, among them eighty honest reports."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    columns = HEADER.split(";")
    quoted = ['"' + text.replace('"', '""') + '"' for text in HOSTILE]
    honest = [f"N{i};2026-10-{1 + i % 28:02d};23.10;;Torget;Klotter;;;Nej;;;;;" for i in range(80)]
    guard = data / "drop" / "guard_nordvakt"
    guard.mkdir(parents=True)
    for number, text in enumerate(quoted):
        lines = list(honest)
        for column in range(len(columns)):
            cells = f"H{column};2026-10-01;23.10;;Torget;Klotter;;;Nej;;;;;".split(";")
            cells[column] = text
            lines.append(";".join(cells))
        name = "x" + HOSTILE[number].replace("/", "_") + f"{number}.csv"
        header = HEADER + ";" + text
        body = "\r\n".join([header, *(line + ";" for line in lines), ""]).encode("cp1252", "xmlcharrefreplace")
        (guard / name).write_bytes(body)
    requests = data / "drop" / "felanmalan"
    requests.mkdir(parents=True)
    for number, text in enumerate(HOSTILE):
        fields = (
            "service_request_id",
            "status",
            "service_name",
            "service_code",
            "description",
            "address",
            "lat",
            "long",
        )
        whole = {"requested_datetime": "2026-10-01T10:00:00+02:00", **dict.fromkeys(fields, text), text: text}
        (requests / f"r{number}.json").write_text(json.dumps([whole]), encoding="utf-8")
    assert main(["run", "--no-prefect", "--settings", "lindvik", "--data", str(data)]) in (0, 3)
    return Store.at(data)


def test_the_honest_reports_among_the_hostile_ones_are_there(attacked):
    with duckdb.connect(str(attacked.database), read_only=True) as con:
        keys = con.sql("SELECT DISTINCT report_id FROM core.report WHERE source_id = 'guard_nordvakt'").fetchall()
    assert {f"guard_nordvakt:N{i}" for i in range(80)} <= {key for (key,) in keys}


def test_the_page_has_no_element_or_attribute_that_an_honest_page_has_not(attacked):
    pages = []
    golden = PROJECT / "tests" / "warehouse" / "publish" / "golden" / "ordinary_sv.html"
    for path in (attacked.published / "latest.html", golden):
        page = Elements()
        page.feed(path.read_text(encoding="utf-8"))
        pages.append(page)
    hostile, honest = pages
    assert hostile.tags <= honest.tags
    assert hostile.attributes <= honest.attributes


def test_no_hostile_text_stands_in_any_table(attacked):
    marks = ("DROP TABLE", "<script", "onerror", "lagesbild-escaped", "\x1b", "‮", "=cmd|", "7*7")
    with duckdb.connect(str(attacked.database), read_only=True) as con:
        names = con.sql(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('core', 'picture')"
            " AND table_name <> 'query'"
        ).fetchall()
        assert len(names) > 20
        for schema, name in names:
            text = str(con.sql(f'FROM "{schema}"."{name}"').fetchall())
            assert not [mark for mark in marks if mark in text], (schema, name)


def test_what_the_operator_reads_is_printable(attacked, capsys):
    where = ["--settings", "lindvik", "--data", str(attacked.folder)]
    for words in (
        ["status"],
        ["rejects", "--rows", "200"],
        ["rejects", "--notices"],
        ["words", "guard_nordvakt"],
        ["doctor"],
    ):
        main([*words, *where])
    told = capsys.readouterr()
    assert all(c.isprintable() or c == "\n" for c in told.out + told.err)
    assert "owned" in told.out, "the operator is shown the unknown words, made harmless"


def test_nothing_was_written_outside_the_data_folder(attacked):
    assert not os.path.lexists("/tmp/lagesbild-escaped")
    stored = [path for path in (attacked.folder / "landed" / "objects").rglob("*") if path.is_file()]
    assert stored and all(len(path.name) == 64 and path.name.isalnum() for path in stored)


def test_every_hostile_file_is_accounted_for(attacked):
    assert len(attacked.landing.deliveries("guard_nordvakt")) == len(HOSTILE)
    files = [str(path) for path in attacked.lake.files("delivery")]
    with duckdb.connect() as con:
        row = con.execute(
            "SELECT count(*), bool_and(seen_count = accepted_count + rejected_count + duplicate_count)"
            " FROM read_parquet($1)",
            [files],
        ).fetchone()
    assert row == (2 * len(HOSTILE), True)
