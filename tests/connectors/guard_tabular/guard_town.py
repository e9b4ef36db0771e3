"""A made-up town for the guard companies' deliveries: two square areas, a square and a school."""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from shapely.geometry import box

from connectors.guard_tabular.connector import normalise
from connectors.kit import Category, Delivery, FeedContext, Municipality
from connectors.normalised import Normalised
from connectors.places import Area, NamedPlace, Places

PROJECT = Path(__file__).resolve().parents[3]
MAPPINGS = PROJECT / "connectors" / "guard_tabular" / "mappings"
RECEIVED_AT = datetime(2026, 8, 23, 4, 30, tzinfo=UTC)

PLACES = Places(
    [
        Area("L1", "Norra", "kommundel", 4_000, box(18.00, 59.10, 18.10, 59.20), False),
        Area("L2", "Södra", "kommundel", 3_000, box(18.00, 59.00, 18.10, 59.10), False),
    ],
    [
        NamedPlace("P1", "Stora torget", ("Torget",), "torg", "public", "L1", 59.15, 18.05),
        NamedPlace("P2", "Ekskolan", (), "skola", "semi_public", "L2", 59.05, 18.05),
    ],
)

NORDVAKT_HEADER = (
    "Rapportnr;Datum;Tid från;Tid till;Objekt;Händelsetyp;Beskrivning;Åtgärd;"
    "Polis tillkallad;K-nr;Tjänstenr;N;E;Skada kr"
)
NORDVAKT_ROW = {
    "Rapportnr": "R1",
    "Datum": "2026-08-22",
    "Tid från": "21.15",
    "Tid till": "",
    "Objekt": "Torget",
    "Händelsetyp": "Bråk",
    "Beskrivning": "Anna Andersson slog",
    "Åtgärd": "Avvisning",
    "Polis tillkallad": "Nej",
    "K-nr": "",
    "Tjänstenr": "4711",
    "N": "",
    "E": "",
    "Skada kr": "",
}


def categories() -> dict[str, Category]:
    with (PROJECT / "warehouse" / "categories.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Category(
                row["code"],
                row["sv"],
                row["en"],
                row["counts_as"],
                int(row["default_severity"]),
                row["max_location_precision"],
            )
            for row in csv.DictReader(file)
        }


def mapping(name: str) -> dict[str, Any]:
    return tomllib.loads((MAPPINGS / f"{name}.toml").read_text(encoding="utf-8"))


def context(given: Mapping[str, Any] | None) -> FeedContext:
    town = Municipality("0199", "Lindby", "01", "Provlän")
    return FeedContext(
        feed="guard_prov",
        owner_org="Provbolaget AB",
        timezone=ZoneInfo("Europe/Stockholm"),
        municipality=town,
        municipalities=(town,),
        categories=categories(),
        places=PLACES,
        retain_days=730,
        mapping=given,
    )


def delivery(folder: Path, body: bytes, received_at: datetime = RECEIVED_AT) -> Delivery:
    sha256 = hashlib.sha256(body).hexdigest()
    path = folder / sha256
    path.write_bytes(body)
    return Delivery("guard_prov", sha256, received_at, "natt.csv", "run-1", path)


def nordvakt_file(*rows: Mapping[str, str], header: str = NORDVAKT_HEADER) -> bytes:
    names = header.split(";")
    lines = [";".join((NORDVAKT_ROW | row).get(name, "") for name in names) for row in rows]
    return ("\r\n".join([header, *lines]) + "\r\n").encode("cp1252")


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    clock = book.add_format({"num_format": "hh:mm"})
    sheet = book.add_worksheet()
    for row, cells in enumerate(rows):
        for place, value in enumerate(cells):
            if hasattr(value, "hour") and not hasattr(value, "year"):
                sheet.write_datetime(row, place, value, clock)
            else:
                sheet.write(row, place, value)
    book.close()
    return buffer.getvalue()


def read(
    folder: Path,
    *bodies: bytes,
    name: str = "nordvakt",
    given: Mapping[str, Any] | None = None,
    received_at: Sequence[datetime] = (),
) -> Normalised:
    times = [*received_at, *[RECEIVED_AT] * len(bodies)]
    deliveries = [delivery(folder, body, moment) for body, moment in zip(bodies, times, strict=False)]
    return normalise(deliveries, context(given if given is not None else mapping(name)), None)


def rows(result: Normalised) -> list[dict[str, Any]]:
    return result.observations.to_pylist()


def one(folder: Path, **cells: str) -> dict[str, Any]:
    """The observation of one Nordvakt row with these cells; ``_`` in a name stands for a space."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    found = rows(read(folder, nordvakt_file(named)))
    assert len(found) == 1
    return found[0]


def reasons(result: Normalised) -> list[tuple[int | None, str, str | None]]:
    return [(row["record_number"], row["reason"], row["field"]) for row in result.rejects.to_pylist()]


def told(result: Normalised, notice: str) -> list[tuple[str | None, str | None, int, int | None]]:
    return [
        (row["field"], row["detail"], row["record_count"], row["first_record_number"])
        for row in result.notices.to_pylist()
        if row["notice"] == notice
    ]
