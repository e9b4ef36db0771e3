"""What an operator is told of what was not understood: enough to mend it, and nothing of what stood there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from guard_town import mapping, nordvakt_file, read, reasons, rows, told, workbook

from connectors.guard_tabular.notices import shape_of
from connectors.guard_tabular.numbers import read_quantity
from connectors.normalised import Normalised


def details(result: Normalised) -> list[str | None]:
    return [row["detail"] for row in result.rejects.to_pylist()]


def test_a_date_that_is_not_read_is_told_by_its_shape_beside_what_the_mapping_reads(tmp_path: Path) -> None:
    result = read(tmp_path, nordvakt_file({}, {"Rapportnr": "R2", "Datum": "22/08 2026"}))
    assert details(result) == ["skrivet som 99/99 9999; mappningen läser %Y-%m-%d"]


def test_a_delivery_held_for_its_dates_says_how_they_are_written_now(tmp_path: Path) -> None:
    result = read(tmp_path, nordvakt_file(*[{"Rapportnr": f"R{n}", "Datum": "22 aug 2026"} for n in range(8)]))
    (detail,) = details(result)
    assert detail and detail.endswith("post 1, fältet date: skrivet som 99 a 9999; mappningen läser %Y-%m-%d"), detail


def test_each_shape_of_a_cell_that_is_not_read_is_told_once_with_its_count(tmp_path: Path) -> None:
    written = ["21.15", "21:15:00", "22:15:00", "kl 9", ""]
    body = nordvakt_file(*[{"Rapportnr": f"R{n}", "Tid från": text} for n, text in enumerate(written)])
    result = read(tmp_path, body)
    assert told(result, "cell_unreadable") == [("time", "99:99:99", 2, 2), ("time", "a 9", 1, 4)]
    assert len(rows(result)) == 5


def test_a_position_written_with_the_other_decimal_sign_is_told_by_its_shape(tmp_path: Path) -> None:
    result = read(tmp_path, nordvakt_file({"N": "6562853.6", "E": "679083.3"}, {"Rapportnr": "R2", "N": "6562853"}))
    assert sorted(told(result, "cell_unreadable")) == [
        ("easting", "999999.9", 1, 1),
        ("northing", "9999999", 1, 2),
        ("northing", "9999999.9", 1, 1),
    ]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("2026-08-22 23:15", "9999-99-99 99:99"),
        ("Anna Andersson 19900101-1234", "a a 99999999-9999"),
        ("=cmd|' /C calc'!A0", "?a?? /a a??a9"),
        ("\x1b[2J\u202eabc\U0001f600", "??9a?a?"),
        ("１２ aug", "99 a"),
        ("x1" * 40, "a9a9a9a9a9a9a9a9a9a9a9a9a9a9a…"),
    ],
)
def test_a_shape_tells_nothing_of_what_stood_there(text: str, shape: str) -> None:
    assert shape_of(text) == shape


FOOT = ["Antal;;;12", "Antal händelser;12", "Kontakt;;;;070-1740605", ";;;;Utskriven;;av Anna"]


@pytest.mark.parametrize("foot", FOOT)
def test_a_foot_of_two_cells_is_no_report_and_no_fault(tmp_path: Path, foot: str) -> None:
    line = foot + ";" * (13 - foot.count(";"))
    result = read(tmp_path, nordvakt_file({}) + (line + "\r\n").encode("cp1252") * 3)
    assert [row["source_key"] for row in rows(result)] == ["R1"]
    assert [reason for _, reason, _ in reasons(result)] == ["outside_table"] * 3
    assert all(detail and "fotnot" in detail for detail in details(result))


@pytest.mark.parametrize(
    "cells", [{"Datum": "2026-08-21"}, {"Händelsetyp": "Bråk"}, {"Objekt": "Torget", "Tid från": "21.15"}]
)
def test_a_report_of_few_cells_that_says_what_or_when_is_kept(tmp_path: Path, cells: dict[str, Any]) -> None:
    blank = dict.fromkeys(("Datum", "Tid från", "Objekt", "Händelsetyp", "Beskrivning", "Åtgärd"), "")
    blank |= dict.fromkeys(("Polis tillkallad", "Tjänstenr"), "")
    result = read(tmp_path, nordvakt_file({}, {"Rapportnr": "R2", **blank, **cells}))
    assert [row["source_key"] for row in rows(result)] == ["R1", "R2"]


def test_a_mapping_reads_short_months_and_weekdays(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["time"]["date_formats"] = ["%A %d %b %Y"]
    result = read(tmp_path, nordvakt_file({"Datum": "fre 21 aug. 2026"}), given=given)
    assert [row["occurred_precision"] for row in rows(result)] == ["minute"]


@pytest.mark.parametrize("written", ["3 st", "3st.", "3 ST", "3,0", "ca 3", "Ca. 3 st", "c:a 3", "cirka 3", "~3"])
def test_a_count_of_pieces_is_a_count(written: str) -> None:
    assert read_quantity(written, decimal_comma=True) == 3
    assert read_quantity("st", decimal_comma=True) == read_quantity("ca", decimal_comma=True) == "quantity_unreadable"


def test_a_workbook_may_hold_true_numbers_and_texts_with_a_comma(tmp_path: Path) -> None:
    given = mapping("tryggve")
    given["format"]["decimal_comma"] = True
    header = [headers[0] for name, headers in given["columns"].items() if name != "ignored"]
    cells = {"Händelsedatum": date(2026, 8, 22), "Klockslag": "21:00", "Plats": "", "Kategori": "Graffiti"}
    written = [
        cells | {"Ärendenr": "1", "Lat": 59.15, "Long": 18.05},
        cells | {"Ärendenr": "2", "Lat": "59,15", "Long": "18,05"},
    ]
    body = workbook([header, *[[row.get(name, "") for name in header] for row in written]])
    found = rows(read(tmp_path, body, given=given))
    assert [(row["source_key"], row["area_id"]) for row in found] == [("1", "L1"), ("2", "L1")]
    del given["format"]["decimal_comma"]
    assert [row["area_id"] for row in rows(read(tmp_path, body, given=given))] == ["L1", None]


def told_at(folder: Path, *moments: str) -> list[dict[str, Any]]:
    """The rows of a company that writes day and time in one cell, with the end beside it after a bar."""
    given = mapping("nordvakt")
    for name in ("date", "time", "time_until"):
        del given["columns"][name]
    given["columns"] |= {"moment": ["Datum"], "moment_until": ["Tid till"]}
    given["identity"]["natural_key"] = ["moment", "place"]
    given["time"] = {"moment_formats": ["iso"], "time_formats": ["iso"]}
    cells = [dict(zip(("Datum", "Tid till"), each.split("|"), strict=True)) for each in moments]
    body = nordvakt_file(*[{"Rapportnr": str(n), "Tid från": "", **each} for n, each in enumerate(cells)])
    return rows(read(folder, body, given=given, received_at=[datetime(2027, 1, 1, tzinfo=UTC)]))


def test_a_time_with_its_own_offset_is_an_instant_in_the_doubled_hour_too(tmp_path: Path) -> None:
    found = told_at(
        tmp_path,
        "2026-10-25T02:30:00+02:00|2026-10-25T02:30:00+01:00",
        "2026-10-25T01:30:00Z|",
        "2026-10-25T02:30:00|",
        "2026-08-21T23:15:00Z|01:40:00",
    )
    assert [(row["occurred_from"], row["dq_flags"]) for row in found] == [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ""),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ""),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "time_ambiguous"),
        (datetime(2026, 8, 21, 23, 15, tzinfo=UTC), ""),
    ]
    # The end as a time alone is local: 01.15 till 01.40.
    assert found[3]["occurred_until"] == datetime(2026, 8, 21, 23, 40, tzinfo=UTC)
