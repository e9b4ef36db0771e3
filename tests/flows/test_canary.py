"""Personal data in every field of every feed, also where none belongs; none of it may leave the landing zone.

Names are the exception in one field: the police's own summary is shown as they published it, without numbers,
addresses and plates, and nobody can tell a name from another word. It is therefore sent no name here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet
import pytest
import xlsxwriter

from flows.cli import main
from flows.store import Store
from tests.flows.crash_sweep import HEADER as NORDVAKT

pytestmark = pytest.mark.snapshot

#: Test numbers and made-up people: what stands in a field, and what of it no output may hold.
CANARIES = {
    "identity_number": ("19811218-9876", ("811218-9876", "8112189876")),
    "bare_identity_number": ("198112189876", ("8112189876",)),
    "coordination_number": ("701063-2391", ("701063-2391", "7010632391")),
    "phone": ("070-174 06 58", ("174 06 58", "1740658")),
    "bare_phone": ("0701740658", ("1740658",)),
    "plate": ("JHG 482", ("jhg 482", "jhg482")),
    "bare_plate": ("JHG482", ("jhg482",)),
    "email": ("kanarina@example.org", ("kanarina", "example.org")),
    "name": ("Kanarina Provsson", ("kanarina", "provsson")),
    "one_name": ("Kanarina", ("kanarina",)),
}
TOKENS = sorted({token for _, tokens in CANARIES.values() for token in tokens})
TEXTS = [text for text, _ in CANARIES.values()]

TRYGGVE = "Ärendenr;Händelsedatum;Klockslag;Plats;Kategori;Insats;Polis;Lat;Long;Antal;Notering;Väktare"
LINDHEM = "ID;Anmäld;Område;Rubrik;Status;Åtgärdad;Fritext"
WALK = "Nr;Datum;Plats;Iakttagelse;Status;Anteckning;Föreslagen åtgärd;Ansvarig;Klart senast"
HONEST = {
    "guard_nordvakt": (NORDVAKT, "N{0};2026-10-01;23.10;;Torget;Klotter;;Tillsägelse;Nej;;;;;"),
    "guard_tryggve": (TRYGGVE, "T{0};2026-10-01;23:10;Torget;Graffiti;Tillsägelse;Nej;;;1;;"),
    "bostad_lindhem": (LINDHEM, "L{0};01.10.2026 23.10;Centrum;Klotter;Ny;;"),
    "trygghetsvandring": (WALK, "W{0};2026-10-01;Torget;Klotter;Ny;;;;"),
}


def table_of(feed: str) -> list[list[str]]:
    """The feed's header with one strange column more, honest rows, and a row for each canary in each cell."""
    header, honest = HONEST[feed]
    rows = [[*header.split(";"), TEXTS[8]]]
    rows += [[*honest.format(number).split(";"), ""] for number in range(120)]
    for number, text in enumerate(TEXTS):
        for column in range(len(rows[0])):
            cells = [*honest.format(f"{number}-{column}").split(";"), ""]
            cells[column] = text
            rows.append(cells)
    return rows


def separated(rows: Sequence[Sequence[str]], separator: str, encoding: str) -> bytes:
    return "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet(TEXTS[8])
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()
    return buffer.getvalue()


def requests() -> bytes:
    fields = (
        *("service_request_id", "status", "status_notes", "service_code", "service_name", "description", "address"),
        *("updated_datetime", "lat", "long", "media_url", "requestor_name", "agency_responsible", "token"),
    )
    honest = {"status": "open", "service_code": "KLO", "requested_datetime": "2026-10-01T10:00:00+02:00"}
    records: list[dict[str, Any]] = [{**honest, "service_request_id": f"LF-{n}"} for n in range(40)]
    for number, text in enumerate(TEXTS):
        for field in fields:
            records.append({**honest, "service_request_id": f"LF-{number}-{field[:2]}", field: text})
        records.append({**honest, "service_request_id": f"LF-x{number}", text: text, "extended_attributes": {text: 1}})
    return json.dumps(records, ensure_ascii=False).encode()


def notices() -> Iterator[dict[str, Any]]:
    """A window of the police, 500 long: each canary in each field, honest notices for the rest."""

    def notice(number: int, **changes: Any) -> dict[str, Any]:
        kind = ("Brand", "Misshandel", "Stöld", "Rån", "Klotter", "Bråk", "Inbrott", "Bedrägeri", "Djur", "Övrigt")[
            number % 10
        ]
        honest = {
            "id": 700_000 + number,
            "datetime": "2026-10-01 12:00:00 +02:00",
            "name": f"1 oktober 11.30, {kind}, Lindvik",
            "summary": "Påhittad.",
            "url": f"/x/{number}/",
            "type": kind,
            "location": {"name": "Lindö län", "gps": "58.9,17.0"},
        }
        return {**honest, **changes}

    number = 0
    for kind, (text, _) in CANARIES.items():
        for changes in (
            {"name": f"1 oktober 11.30, Brand, {text}"},
            {"name": f"1 oktober 11.30, {text}, Lindvik"},
            {"name": text},
            {"type": text},
            {"location": {"name": text, "gps": text}},
            {"url": text, text: text},
            {} if "name" in kind else {"summary": f"Ring {text} om du såg något. {text}"},
        ):
            number += 1
            yield notice(number, **changes)
    yield notice(number + 1, id=198112189876)
    for honest in range(number + 2, 501):
        yield notice(honest)


def refused() -> Iterator[tuple[str, str, bytes]]:
    """(feed, file name, bytes) of deliveries that cannot be read, with a name where the reason lies."""
    text, header = TEXTS[8], NORDVAKT
    yield "guard_nordvakt", "twice.csv", f"{header};{text};{text}\r\n".encode("cp1252")
    yield "guard_nordvakt", "missing.csv", f"{header.replace('Datum', text)}\r\n{text}\r\n".encode("cp1252")
    yield "guard_nordvakt", "quote.csv", f'{header}\r\n"{text}'.encode("cp1252")
    yield "guard_nordvakt", "rows.csv", f"{header}\r\n{(text + ';' + text + chr(13) + chr(10)) * 9}".encode("cp1252")
    yield "guard_tryggve", "other.xlsx", workbook([[text] * 3, [text] * 3])
    yield "guard_tryggve", "text.xlsx", text.encode()
    yield "polisen_events", "keys.json", json.dumps([{text: text}] * 500).encode()
    yield "polisen_events", "cut.json", json.dumps([text]).encode()[:-3]
    yield "polisen_events", "twice.json", f'[{{"{text}": 1, "{text}": 2}}]'.encode()
    yield "felanmalan", "error.json", json.dumps({"errors": [{"code": text, "description": text}]}).encode()
    yield "felanmalan", "broken.xml", f"<service_requests><{text.split()[0]}>{text}".encode()
    yield (
        "felanmalan",
        "entity.xml",
        f'<!DOCTYPE a [<!ENTITY e "{text}">]><service_requests>&e;</service_requests>'.encode(),
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A run over all feeds of the made-up town."""
    data = tmp_path_factory.mktemp("canary") / "data"
    files = {
        "guard_nordvakt": ("natt.csv", separated(table_of("guard_nordvakt"), ";", "cp1252")),
        "guard_tryggve": ("natt.xlsx", workbook(table_of("guard_tryggve"))),
        "bostad_lindhem": ("dygn.txt", separated(table_of("bostad_lindhem"), "\t", "utf-8-sig")),
        "trygghetsvandring": ("protokoll.csv", separated(table_of("trygghetsvandring"), ";", "utf-8-sig")),
        "felanmalan": ("requests.json", requests()),
        "polisen_events": ("events.json", json.dumps(list(notices()), ensure_ascii=False).encode()),
    }
    for feed, (name, body) in files.items():
        folder = data / "drop" / feed
        folder.mkdir(parents=True)
        (folder / name).write_bytes(body)
    for feed, name, body in refused():
        (data / "drop" / feed / name).write_bytes(body)
    assert main(["run", "--no-prefect", "--settings", "lindvik", "--data", str(data)]) == 3
    return Store.at(data)


def found_in(text: str) -> list[str]:
    """The canaries in a text, whatever the letters' case and however JSON writes them."""
    lower = text.lower()
    return [token for token in TOKENS if token in lower]


def test_every_delivery_was_read_and_every_record_accounted_for(house: Store) -> None:
    rows = [row for file in house.lake.files("delivery") for row in pyarrow.parquet.read_table(file).to_pylist()]
    read = [row for row in rows if row["disposition"] == "accepted"]
    assert {row["source_id"] for row in read} == {*HONEST, "felanmalan", "polisen_events"}
    assert (len(read), len(rows)) == (6, 6 + len(list(refused())))
    for row in rows:
        assert row["seen_count"] == row["accepted_count"] + row["rejected_count"] + row["duplicate_count"]
    for row in read:
        assert row["accepted_count"] > 100 and row["rejected_count"] < row["seen_count"] / 4


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


@pytest.mark.parametrize("form", ["csv", "json", "geojson", "parquet"])
def test_no_canary_is_in_an_export(house: Store, form: str, tmp_path: Path) -> None:
    """All years of every version, as an analyst would take them out."""
    out = tmp_path / f"all.{form}"
    words = ["--settings", "lindvik", "--data", str(house.folder), "--format", form, "--out", str(out)]
    assert main(["sql", "SELECT r.*, NULL AS a FROM core.report AS r", *words]) == 0
    text = str(pyarrow.parquet.read_table(out).to_pylist()) if form == "parquet" else out.read_text(encoding="utf-8")
    assert len(text) > 1000 and not found_in(text)


def test_no_canary_is_in_the_bytes_of_the_snapshot_and_no_temporary_file_is_left(house: Store) -> None:
    assert not found_in(house.snapshot.read_bytes().decode("latin-1"))
    left = [p.name for p in house.folder.rglob("*") if ".tmp" in p.name or p.suffix in (".wal", ".tmp")]
    assert left == []


def test_no_canary_is_published_or_in_the_journal(house: Store) -> None:
    pages = [path for path in house.published.rglob("*") if path.is_file()]
    assert {path.suffix for path in pages} >= {".html", ".json"}
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
