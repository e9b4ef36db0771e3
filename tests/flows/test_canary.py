"""Personal data in every field of every feed, also where none belongs; none of it may leave the landing zone.

Names are the exception in the few fields whose words are shown as they were told (`canary_town.SHOWN` and the
registers' texts): nobody can tell a name from another word. They are sent no name here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from flows.cli import main
from flows.opened import open_settings
from flows.store import Store
from tests.flows.canary_town import HONEST, TOKENS, deliveries, fields_not_sent, refused, requests

pytestmark = pytest.mark.snapshot


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A run over all feeds of the made-up town, in a process with a folder of its own for temporary files."""
    folder = tmp_path_factory.mktemp("canary")
    data, temporary = folder / "data", folder / "temporary"
    temporary.mkdir()
    sent = [(feed, name, body) for feed, (name, body) in deliveries(open_settings("lindvik")).items()]
    for feed, name, body in [*sent, *refused()]:
        (data / "drop" / feed).mkdir(parents=True, exist_ok=True)
        (data / "drop" / feed / name).write_bytes(body)
    words = ["run", "--no-prefect", "--settings", "lindvik", "--data", str(data)]
    told = subprocess.run(
        [sys.executable, "-m", "flows.cli", *words], env={**os.environ, "TMPDIR": str(temporary)}, capture_output=True
    )
    (folder / "log").write_bytes(told.stdout + told.stderr)
    assert told.returncode == 3, told.stderr.decode()[-2000:]
    return Store.at(data)


def found_in(text: str) -> list[str]:
    """The canaries in a text, whatever the letters' case and however JSON writes them."""
    lower = text.lower()
    return [token for token in TOKENS if token in lower]


def test_every_field_of_every_feed_of_the_town_is_sent_the_canaries() -> None:
    settings = open_settings("lindvik")
    assert deliveries(settings).keys() == settings.feeds.keys()
    assert fields_not_sent() == set()


def test_every_delivery_was_read_and_every_record_accounted_for(house: Store) -> None:
    rows = [row for file in house.lake.files("delivery") for row in pyarrow.parquet.read_table(file).to_pylist()]
    read = [row for row in rows if row["disposition"] == "accepted"]
    feeds = open_settings("lindvik").feeds
    assert {row["source_id"] for row in read} == feeds.keys()
    assert (len(read), len(rows)) == (len(feeds), len(feeds) + len(list(refused())))
    for row in rows:
        assert row["seen_count"] == row["accepted_count"] + row["rejected_count"] + row["duplicate_count"]
    for row in read:
        least, part = (100, 4) if row["source_id"] in {*HONEST, "felanmalan", "polisen_events"} else (60, 2)
        assert row["accepted_count"] > least and row["rejected_count"] < row["seen_count"] / part, row["source_id"]


def test_no_canary_is_in_the_lake(house: Store) -> None:
    tables = [path for path in (house.folder / "lake").rglob("*") if path.is_file()]
    assert sum(path.suffix == ".parquet" for path in tables) >= 6 * 4
    for path in tables:
        is_table = path.suffix == ".parquet"
        encoding = "latin-1" if path.suffix == ".keys" else "utf-8"  # keys are numbers: any bytes
        text = str(pyarrow.parquet.read_table(path).to_pylist()) if is_table else path.read_text(encoding)
        assert not found_in(text), path.name


def test_no_canary_is_in_any_table_of_the_database(house: Store) -> None:
    for database in (house.database, house.snapshot):
        _refuse_canaries(database)


def _refuse_canaries(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as con:
        names = con.sql("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
        assert len(names) > 40
        for schema, name in names:
            assert not found_in(str(con.sql(f'FROM "{schema}"."{name}"').fetchall())), (schema, name)


@pytest.mark.parametrize("form", ["csv", "json", "geojson", "parquet", "ics"])
def test_no_canary_is_in_an_export_or_the_log_of_hand_outs(house: Store, form: str, tmp_path: Path) -> None:
    """All years of every report, and every insats, as an analyst would take them out."""
    out = tmp_path / f"all.{form}"
    words = ["--settings", "lindvik", "--data", str(house.folder), "--format", form, "--out", str(out)]
    assert main(["sql", "FROM core.insats" if form == "ics" else "SELECT r.* FROM core.report AS r", *words]) == 0
    text = str(pyarrow.parquet.read_table(out).to_pylist()) if form == "parquet" else out.read_text(encoding="utf-8")
    beside = out.with_name(f"{out.name}.datapackage.json").read_text(encoding="utf-8")
    assert len(text) > 1000 and not found_in(text + beside)
    assert not found_in(house.handouts.read_text(encoding="utf-8"))


def test_no_canary_is_in_the_bytes_of_the_snapshot_and_no_temporary_file_is_left(house: Store) -> None:
    assert not found_in(house.snapshot.read_bytes().decode("latin-1"))
    left = [p.name for p in house.folder.rglob("*") if ".tmp" in p.name or p.suffix in (".wal", ".tmp")]
    assert left == [] == list((house.folder.parent / "temporary").iterdir())


def test_no_canary_is_in_what_the_run_said(house: Store) -> None:
    said = (house.folder.parent / "log").read_text(encoding="utf-8")
    assert "guard_nordvakt" in said and not found_in(said)


def test_no_canary_is_published_or_in_the_journal(house: Store) -> None:
    pages = [path for path in house.published.rglob("*") if path.is_file()]
    assert {path.suffix for path in pages} >= {".html", ".json", ".csv", ".geojson", ".txt"}
    for path in (*pages, house.landing.journal):
        assert not found_in(path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    "words",
    [
        ["status", "--json"],
        ["rejects", "--rows", "900"],
        ["rejects", "--json"],
        ["rejects", "--notices"],
        ["doctor"],
        ["run", "--no-prefect", "--json"],
    ],
    ids=" ".join,
)
def test_no_canary_is_told_to_the_operator(house: Store, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    main([*words, "--settings", "lindvik", "--data", str(house.folder)])
    told = capfd.readouterr()
    assert len(told.out) > 20 and not found_in(told.out + told.err)


def test_only_the_words_the_operator_asks_for_are_shown(house: Store, capfd: pytest.CaptureFixture[str]) -> None:
    main(["words", "guard_nordvakt", "--settings", "lindvik", "--data", str(house.folder)])
    assert "kanarina" in capfd.readouterr().out


def test_a_canary_is_found_where_there_is_one(tmp_path: Path) -> None:
    assert found_in(requests().decode()) == [t for t in TOKENS if t in requests().decode().lower()] != []
    assert len(found_in(requests().decode())) >= len(TOKENS) - 2
