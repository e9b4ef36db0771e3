"""Workbooks from strangers: values as text with types, and hostile files that only cost a child process."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from connectors import tabular_workbook
from connectors.kit import DeliveryError
from connectors.tabular import TableSpec, Tabular, read_table

SPEC = TableSpec({"id": ("ID",), "day": ("Dag",)}, frozenset({"id"}), ("Klockslag", "Summa"), kind="xlsx")
SHEET = "xl/worksheets/sheet1.xml"


def workbook(rows: list[list[object]], *, title_rows: int = 0) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("Blad")
    formats = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        time: book.add_format({"num_format": "hh:mm"}),
    }
    for row, cells in enumerate(rows, start=title_rows):
        for place, value in enumerate(cells):
            if type(value) in formats:
                sheet.write_datetime(row, place, value, formats[type(value)])
            else:
                sheet.write(row, place, value)
    book.close()
    return buffer.getvalue()


def edited(body: bytes, old: bytes, new: bytes, member: str = SHEET) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == member:
                assert old in data
                data = data.replace(old, new)
            target.writestr(info.filename, data)
    return buffer.getvalue()


def refusal(body: bytes, spec: TableSpec = SPEC) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        read_table(body, spec)
    return caught.value


PLAIN = workbook([["ID", "Dag"], ["1", "a"], ["2", "b"]])


def read(rows: list[list[object]], **options: int) -> Tabular:
    return read_table(workbook(rows, **options), SPEC)


def test_cells_come_out_as_text_with_their_types() -> None:
    table = read(
        [
            ["ID", "Dag", "Klockslag", "Summa"],
            [12345, date(2026, 8, 22), time(23, 15), 1.5],
            ["A-1", datetime(2026, 8, 22, 23, 15), 0.96875, True],  # noqa: DTZ001
        ]
    )
    assert [list(row.values()) for row in table.columns.to_pylist()] == [
        ["12345", "2026-08-22", "23:15:00", "1.5"],
        ["A-1", "2026-08-22T23:15:00", "0.96875", "true"],
    ]
    assert [list(row.values()) for row in table.types.to_pylist()] == [
        ["number", "date", "time", "number"],
        ["text", "moment", "number", "boolean"],
    ]


def test_the_header_is_found_below_empty_and_title_rows() -> None:
    table = read([["Rapport"], ["ID", "Dag"], ["1", "a"]], title_rows=2)
    assert table.columns.to_pylist() == [{"ID": "1", "Dag": "a"}]


def test_a_formula_never_calculated_rejects_its_row_and_an_error_cell_too() -> None:
    body = edited(PLAIN, b'<c r="B2" t="s"><v>3</v></c>', b'<c r="B2"><f>TODAY()</f><v></v></c>')
    body = edited(body, b'<c r="B3" t="s"><v>5</v></c>', b'<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    table = read_table(body, SPEC)
    assert len(table.columns) == 0
    assert [(r.record_number, r.reason, r.field) for r in table.rejects] == [
        (1, "formula_without_value", "day"),
        (2, "cell_error", "day"),
    ]


def test_a_formula_whose_answer_is_an_empty_text_is_a_value() -> None:
    body = edited(PLAIN, b'<c r="B2" t="s"><v>3</v></c>', b'<c r="B2" t="str"><f>""</f><v></v></c>')
    assert read_table(body, SPEC).rejects == []


def test_one_cell_at_the_far_corner_is_refused() -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    body = edited(PLAIN, b"</sheetData>", far)
    assert len(body) < 10_000
    assert refusal(body).reason == "sheet_too_large"


def test_a_child_that_dies_takes_only_itself() -> None:
    # The reader allocates for the row in the cell's address and aborts, whatever the row element says.
    error = refusal(edited(PLAIN, b'r="A2"', b'r="A99999999999"'))
    assert error.reason == "workbook_unreadable"
    assert "spara som CSV" in error.detail


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    sleeper.chmod(0o755)
    monkeypatch.setattr(tabular_workbook.sys, "executable", str(sleeper))
    monkeypatch.setattr(tabular_workbook, "TIMEOUT_SECONDS", 0.2)
    assert refusal(PLAIN).reason == "workbook_unreadable"


def flipped(body: bytes, member: str) -> bytes:
    """The workbook with the first packed byte of ``member`` changed on the way, so that it cannot be unpacked."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        start = archive.getinfo(member).header_offset + 30 + len(member)
    return body[:start] + b"\xff" + body[start + 1 :]


def test_a_document_type_declaration_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet '
    assert refusal(edited(PLAIN, b"<worksheet ", bomb)).reason == "xml_declaration"
    hidden = edited(PLAIN, b"<sst ", b"<!--" + b"x" * 9000 + b"--><!DOCTYPE x><sst ", "xl/sharedStrings.xml")
    assert refusal(hidden).reason == "xml_declaration"


def test_a_workbook_that_declares_too_much_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular_workbook, "UNPACKED_CAP", 1_000)
    monkeypatch.setattr(tabular_workbook.subprocess, "run", lambda *_, **__: pytest.fail("was opened"))
    assert refusal(PLAIN).reason == "workbook_too_large"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (PLAIN[: len(PLAIN) // 2], "workbook_damaged"),
        (b"<html><table><tr><td>ID</td></tr></table></html>", "not_a_workbook"),
        (b"\xef\xbb\xbf\n<html>", "not_a_workbook"),
        (b"ID;Dag\n1;a\n", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook_protected_or_old"),
        (edited(PLAIN, b"</sheetData>", b"</sheetDat>"), "workbook_damaged"),
        (flipped(PLAIN, "xl/worksheets/sheet1.xml"), "workbook_damaged"),
    ],
)
def test_what_is_no_whole_workbook_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    assert refusal(body).reason == reason


@pytest.mark.parametrize("member", ["xl/workbook.bin", "mimetype"])
def test_other_office_formats_are_refused_with_advice(member: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "x")
    error = refusal(buffer.getvalue())
    assert error.reason == "workbook_format"
    assert "spara som CSV eller xlsx" in error.detail


def test_a_named_sheet_that_is_missing_is_refused() -> None:
    spec = TableSpec(SPEC.columns, SPEC.required, kind="xlsx", sheet="Annat")
    assert refusal(PLAIN, spec).reason == "sheet_missing"
    assert len(read_table(PLAIN, TableSpec(SPEC.columns, kind="xlsx", sheet="Blad")).columns) == 2
