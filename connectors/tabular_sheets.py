"""A workbook's sheets as one table. Each that holds the table's header is read: a company may keep a sheet a week."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.kit import DeliveryError
from connectors.tabular_csv import HEAD_ROWS, Rows
from connectors.tabular_header import best_header, folded, header_missing, known_headers
from connectors.tabular_table import TableNotice, TableReject, TableSpec, Tabular, assembled, set_aside
from connectors.tabular_workbook import CELL_TYPES, Sheet, read_workbook

#: A reject reason when a cell has no usable value, by cell type (see ``tabular_xlsx.CELL_TYPES``).
UNUSABLE_CELLS = {"v": "formula_without_value", "e": "cell_error"}


def read_sheets(body: bytes, spec: TableSpec) -> Tabular:
    """The records of every visible sheet that holds the spec's table, or of the one it names, in the book's order.

    A sheet that holds something else (a front page, a summary) is told of by its place: the notice ``sheet_unread``.
    Raises DeliveryError as ``tabular.read_table`` does; of several sheets that all lack something the first that comes
    nearest speaks.
    """
    tables: list[Tabular] = []
    unread: list[tuple[int, int]] = []  # (place from 1, filled rows)
    faults: list[DeliveryError] = []
    for place, sheet in enumerate(read_workbook(body, spec.sheet), start=1):
        try:
            tables.append(_read_sheet(sheet, spec))
        except DeliveryError as error:
            faults.append(error)
            if filled := sum(any(cell.strip() for cell in cells) for cells, _ in sheet):
                unread.append((place, filled))
    if not tables:
        known = known_headers(spec.columns, spec.ignored)
        raise next((fault for fault in faults if fault.reason != "header_missing"), header_missing(known))
    if hurt := next((fault for fault in faults if fault.reason not in ("header_missing", "column_missing")), None):
        raise hurt
    table = _joined(tables)
    table.notices += [
        TableNotice("sheet_unread", f"blad {place} har inte tabellens rubriker", n) for place, n in unread
    ]
    if len(tables) > 1:
        table.notices.append(TableNotice("several_sheets", f"{len(tables)} blad lästa efter varandra", len(tables)))
    return table


def _read_sheet(sheet: Sheet, spec: TableSpec) -> Tabular:
    cells, types = [row for row, _ in sheet], [kinds for _, kinds in sheet]
    known = known_headers(spec.columns, spec.ignored)
    index = best_header(cells[:HEAD_ROWS], known)
    if index is None:
        raise header_missing(known)
    header = list(cells[index])
    width, body_rows, body_types = len(header), cells[index + 1 :], types[index + 1 :]
    columns = [pa.chunked_array([pa.array([r[i] for r in body_rows], pa.string())]) for i in range(width)]
    rows = Rows(columns, np.arange(1, len(body_rows) + 1, dtype=np.int32), len(body_rows))
    table = assembled(header, rows, spec)
    letters = {name: [row[i] for row in body_types] for i, name in enumerate(table.columns.column_names)}
    table.types = pa.table({name: pa.array([CELL_TYPES[x] for x in column]) for name, column in letters.items()})
    unusable: dict[int, TableReject] = {}
    for field_name, name in table.fields.items():
        for row, letter in enumerate(letters[name]):
            if letter in UNUSABLE_CELLS and row not in unusable:
                reason = UNUSABLE_CELLS[letter]
                unusable[row] = TableReject(row + 1, reason, field_name, "cellen har inget beräknat värde")
    set_aside(table, unusable)
    return table


def _joined(tables: Sequence[Tabular]) -> Tabular:
    """The tables one after the other, by field and header; their records are numbered on."""
    whole = tables[0]
    for more in tables[1:]:
        mine = {folded(name): name for name in whole.columns.column_names}
        served = {header: whole.fields[field] for field, header in more.fields.items() if field in whole.fields}
        names = [served.get(name) or mine.get(folded(name), name) for name in more.columns.column_names]
        for field, header in more.fields.items():
            whole.fields.setdefault(field, served.get(header, header))
        seen = {header for _, header in whole.new_columns}
        whole.new_columns += [each for each in more.new_columns if mine.get(folded(each[1]), each[1]) not in seen]
        whole.rejects += [
            TableReject(each.record_number + whole.record_count, each.reason, each.field, each.detail)
            for each in more.rejects
        ]
        numbers = more.record_numbers + np.int32(whole.record_count)
        whole.record_numbers = np.concatenate([whole.record_numbers, numbers])
        whole.filled_counts = np.concatenate([whole.filled_counts, more.filled_counts])
        whole.record_count += more.record_count
        whole.columns = _stacked(whole.columns, more.columns.rename_columns(names), "")
        assert whole.types is not None and more.types is not None
        whole.types = _stacked(whole.types, more.types.rename_columns(names), "empty")
    return whole


def _stacked(above: pa.Table, below: pa.Table, missing: str) -> pa.Table:
    """One table over the other, ``missing`` where one of them has no such column."""
    both = pa.concat_tables([above, below], promote_options="default")
    return pa.table({name: pc.fill_null(both.column(name), missing) for name in both.column_names})
