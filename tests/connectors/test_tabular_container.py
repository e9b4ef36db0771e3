"""Files that are not what they should be: what they are is said, with what to do."""

from __future__ import annotations

import io
import zipfile

import pytest

from connectors.kit import DeliveryError
from connectors.tabular import TableSpec, read_table

COLUMNS = {"id": ("ID",), "day": ("Dag",)}
CSV, XLSX = TableSpec(COLUMNS, frozenset(COLUMNS)), TableSpec(COLUMNS, frozenset(COLUMNS), kind="xlsx")


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


PDF, OLE = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("body", "reason", "word"),
    [
        (PDF, "format_unexpected", "PDF"),
        (OLE, "format_unexpected", "gammal"),
        (zipped("xl/workbook.xml"), "format_unexpected", "arbetsbok"),
        (zipped("word/document.xml"), "format_unexpected", "Word-dokument"),
        (zipped("mimetype", "content.xml"), "format_unexpected", "LibreOffice"),
        (zipped("mapp/natt.csv"), "format_unexpected", "packa upp"),
        (zipped("natt.csv")[:40], "format_unexpected", "avkortat"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><title>Logga in</title>", "header_missing", "webbsida"),
        (b"<table><tr><td>ID</td></tr></table>", "header_missing", "webbsida"),
        (b'<?xml version="1.0"?><a/>', "header_missing", "XML"),
        (b'[{"id": 1}]', "header_missing", "JSON"),
        (b"1;2\n3;4\n", "header_missing", "ingen rubrikrad"),
    ],
)
def test_what_is_no_table_of_text_is_named(body: bytes, reason: str, word: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        read_table(body, CSV)
    assert (caught.value.reason, word in caught.value.detail) == (reason, True), caught.value.detail


@pytest.mark.parametrize(
    ("body", "reason", "word"),
    [
        (PDF, "not_a_workbook", "PDF"),
        (b"ID;Dag\n1;a\n", "not_a_workbook", "CSV"),
        (b"<html><table/></html>", "not_a_workbook", "webbsida"),
        (zipped("word/document.xml"), "workbook_format", "Word-dokument"),
        (zipped("xl/workbook.bin"), "workbook_format", ".xlsb"),
        (zipped("mapp/natt.xlsx"), "workbook_format", "packa upp"),
    ],
)
def test_what_is_no_workbook_is_named(body: bytes, reason: str, word: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        read_table(body, XLSX)
    assert (caught.value.reason, word in caught.value.detail) == (reason, True), caught.value.detail
