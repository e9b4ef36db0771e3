"""Workbooks of several sheets, and cells merged over several rows: nothing is passed over unsaid."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import xlsxwriter

from connectors.kit import DeliveryError
from connectors.tabular import TableSpec, Tabular, read_table

SPEC = TableSpec(
    {"id": ("ID",), "day": ("Dag",), "place": ("Plats",)}, frozenset({"id", "day"}), ("Notering",), kind="xlsx"
)
HEADER = ["ID", "Dag", "Plats"]


def book(sheets: Mapping[str, Sequence[Sequence[Any]]], *merged: tuple[int, int, int, int], hidden: str = "") -> bytes:
    """A workbook; ``merged`` are (first row, first column, last row, last column) of each sheet."""
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = made.add_worksheet(name)
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
            for place in (place for place, cell in enumerate(cells) if cell == "#N/A"):
                sheet.write_formula(row, place, "=NA()", None, "#N/A")
        for area in merged:
            sheet.merge_range(*area, rows[area[0]][area[1]])
        if name == hidden:
            sheet.hide()
    made.close()
    return buffer.getvalue()


def column(table: Tabular, field: str) -> list[str]:
    return table.columns.column(table.fields[field]).to_pylist()


def notices(table: Tabular) -> list[tuple[str, str, int]]:
    return [(one.notice, one.detail, one.count) for one in table.notices]


def test_every_sheet_that_holds_the_table_is_read_and_its_records_numbered_on() -> None:
    sheets = {
        "v 46": [HEADER, ["1", "a", "Torget"], ["Summa", "", ""]],
        "v 47": [["Rapport", "", "", ""], ["Dag", "Notering", "ID", "Ny"], ["b", "x", "2", "y"], ["#N/A", "", "3", ""]],
    }
    table = read_table(book(sheets), SPEC)
    assert (column(table, "id"), column(table, "day")) == (["1", "2"], ["a", "b"])
    assert column(table, "place") == ["Torget", ""]
    assert table.record_numbers.tolist() == [1, 3]
    assert {(one.record_number, one.reason) for one in table.rejects} == {(2, "totals_row"), (4, "cell_error")}
    assert table.record_count == len(table.columns) + len(table.rejects)
    assert notices(table) == [("several_sheets", "2 blad lästa efter varandra", 2)]
    assert [header for _, header in table.new_columns] == ["Ny"]
    assert table.types is not None and table.types.column("Plats").to_pylist() == ["text", "empty"]


def test_a_front_page_and_a_summary_are_passed_over_and_told_of() -> None:
    sheets = {
        "Läs mig": [["Rapport för Torget"], ["Anna Andersson"]],
        "Data": [HEADER, ["1", "a", "Torget"]],
        "Tomt": [],
        "Summering": [["Plats", "Dag", "Antal"], ["Torget", "a", 1]],
    }
    table = read_table(book(sheets), SPEC)
    assert column(table, "id") == ["1"]
    assert notices(table) == [
        ("sheet_unread", "blad 1 har inte tabellens rubriker", 2),
        ("sheet_unread", "blad 4 har inte tabellens rubriker", 2),
    ]


def test_a_named_sheet_is_read_alone_and_hidden_ones_are_not() -> None:
    sheets = {"A": [HEADER, ["1", "a", ""]], "B": [HEADER, ["2", "b", ""]]}
    spec = TableSpec(SPEC.columns, SPEC.required, kind="xlsx", sheet="B")
    assert column(read_table(book(sheets), spec), "id") == ["2"]
    assert column(read_table(book(sheets, hidden="B"), SPEC), "id") == ["1"]


def test_a_book_whose_sheets_all_lack_a_column_says_which() -> None:
    sheets = {"Läs mig": [["Hej"]], "Data": [["Dag", "Plats"], ["a", "Torget"]]}
    with pytest.raises(DeliveryError) as caught:
        read_table(book(sheets), SPEC)
    assert (caught.value.reason, "id (ID)" in caught.value.detail) == ("column_missing", True)


def test_a_sheet_that_cannot_be_read_in_one_way_holds_the_book() -> None:
    sheets = {"A": [HEADER, ["1", "a", ""]], "B": [["ID", "Dag", "Dag"], ["2", "b", "c"]]}
    with pytest.raises(DeliveryError) as caught:
        read_table(book(sheets), SPEC)
    assert caught.value.reason == "duplicate_header"


def test_a_cell_merged_downwards_speaks_for_all_its_rows() -> None:
    rows = [HEADER, ["1", "måndag", "Torget"], ["2", "", ""], ["3", "", "Hamnen"], ["4", "", ""]]
    table = read_table(book({"A": rows}, (1, 1, 3, 1)), SPEC)
    assert column(table, "day") == ["måndag", "måndag", "måndag", ""]
    assert column(table, "place") == ["Torget", "", "Hamnen", ""]


def test_a_heading_of_two_rows_is_read_where_the_upper_cells_reach_down() -> None:
    rows = [["ID", "Dag", "Var", ""], ["", "", "Plats", "Notering"], ["1", "a", "Torget", "x"]]
    table = read_table(book({"A": rows}, (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3)), SPEC)
    assert (column(table, "id"), column(table, "place"), table.record_count) == (["1"], ["Torget"], 1)
