"""A partner's table file into columns of text: encoding, separator, header row, ragged rows, workbooks.

Liberal about form, strict about structure. What can be read in one way only is read; what can be read in
two ways is refused. No value is interpreted here: every cell leaves as the text that stood in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.kit import DeliveryError, fingerprint
from connectors.tabular_csv import HEAD_ROWS, SEPARATORS, Rows, read_rows, refuse_long_lines
from connectors.tabular_header import best_header, find_header, folded, header_missing, known_headers
from connectors.tabular_text import ENCODINGS, decode
from connectors.tabular_workbook import CELL_TYPES, read_workbook

__all__ = ["ENCODINGS", "SEPARATORS", "TableSpec", "Tabular", "column_label", "folded", "read_table"]

#: Largest file read, bytes: a million reports of 150 bytes twice over. Larger back-fills come in parts.
BYTE_CAP = 300_000_000

#: Columns a table may have: spreadsheets of people stay far below.
WIDTH_CAP = 500

#: Words that open a totals row, in lower case.
TOTALS_WORDS = ("summa", "totalt", "total", "delsumma", "antal rader", "antal poster")

_BLANK = pa.scalar("", pa.string())

#: A reject reason when a cell has no usable value, by cell type (see ``tabular_xlsx.CELL_TYPES``).
UNUSABLE_CELLS = {"v": "formula_without_value", "e": "cell_error"}


@dataclass(frozen=True)
class TableSpec:
    """What a table must look like. ``columns`` gives for each field the headers it may stand under."""

    columns: Mapping[str, Sequence[str]]
    required: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()  # headers known and not wanted
    kind: str = "csv"  # csv or xlsx
    encoding: str | None = None
    separator: str | None = None
    quote: str = '"'  # empty where the sender never quotes
    sheet: str | None = None
    allow_empty: bool = False  # a file of no bytes says "nothing happened"
    byte_cap: int = BYTE_CAP


@dataclass(frozen=True)
class TableReject:
    """One record that is no row. ``field`` is the spec's field name where one cell was at fault."""

    record_number: int
    reason: str
    field: str | None
    detail: str


@dataclass(frozen=True)
class TableNotice:
    notice: str
    detail: str
    count: int


@dataclass
class Tabular:
    """A table as read. Columns bear the sender's headers; ``fields`` says which header serves which field."""

    columns: pa.Table
    record_numbers: np.ndarray  # int32, from 1, counted below the header, blank lines not counted
    record_count: int  # rows and rejects together
    fields: dict[str, str] = field(default_factory=dict)
    new_columns: list[tuple[int, str]] = field(default_factory=list)  # (place from 1, header) nobody named
    rejects: list[TableReject] = field(default_factory=list)
    notices: list[TableNotice] = field(default_factory=list)
    filled_counts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))  # non-blank cells per row
    types: pa.Table | None = None  # workbooks: the type of each cell, one of CELL_TYPES' words
    encoding: str | None = None
    separator: str | None = None
    is_empty_file: bool = False
    is_fast: bool = False


def read_table(body: bytes, spec: TableSpec, *, careful: bool = False) -> Tabular:
    """The table in ``body``; ``careful`` forces the slow path (for tests: both must agree).

    Raises kit.DeliveryError: ``too_large``, ``empty_file``, ``format_unexpected``, ``encoding_unreadable``,
    ``header_missing``, ``column_missing``, ``duplicate_header``, ``unterminated_quote``, ``field_too_large``,
    ``line_too_long``, ``too_many_columns`` and the workbook reasons of ``tabular_workbook``.
    """
    if len(body) > spec.byte_cap:
        raise DeliveryError("too_large", f"filen är {len(body)} byte, gränsen är {spec.byte_cap}; dela upp den")
    if not body.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        if spec.allow_empty:
            return Tabular(pa.table({}), np.zeros(0, np.int32), 0, is_empty_file=True)
        raise DeliveryError("empty_file", "filen är tom; den här avsändaren skickar alltid en rubrikrad")
    table = _read_workbook(body, spec) if spec.kind == "xlsx" else _read_text(body, spec, careful=careful)
    _set_aside_totals(table)
    return table


def _read_text(body: bytes, spec: TableSpec, *, careful: bool) -> Tabular:
    if body.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DeliveryError("format_unexpected", "filen är en arbetsbok men mappningen väntar CSV; spara som CSV")
    text = decode(body, spec.encoding)
    refuse_long_lines(text.utf8)
    known = known_headers(spec.columns, spec.ignored)
    separator, header_index, header_lines, header = find_header(text.utf8, known, spec.separator, spec.quote)
    rows = read_rows(
        text.utf8,
        separator,
        spec.quote,
        header_index=header_index,
        header_lines=header_lines,
        width=len(header),
        careful=careful,
    )
    table = _assembled(header, rows, spec)
    table.encoding, table.separator, table.is_fast = text.encoding, separator, rows.is_fast
    for number, found in rows.ragged:
        detail = f"{found} fält i stället för {len(header)}"
        table.rejects.append(TableReject(number, "ragged_row", None, detail))
    if spec.encoding and _family(spec.encoding) != _family(text.encoding) and not body.isascii():
        table.notices.append(TableNotice("encoding_differs", f"{text.encoding}, mappningen {spec.encoding}", 1))
    if spec.separator and separator != spec.separator:
        table.notices.append(TableNotice("separator_differs", f"{separator!r}, mappningen {spec.separator!r}", 1))
    if text.control_count:
        table.notices.append(TableNotice("control_characters", "utskrivna som \\x..", text.control_count))
    if rows.record_count and not text.utf8.endswith((b"\n", b"\r")):
        table.notices.append(TableNotice("last_line_open", "ingen radbrytning sist: filen kan vara avklippt", 1))
    if text.mojibake_count:
        table.notices.append(TableNotice("mojibake_suspected", "dubbelkodade bokstäver", text.mojibake_count))
    return table


def _family(encoding: str) -> str:
    return "utf-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig")


def _read_workbook(body: bytes, spec: TableSpec) -> Tabular:
    cells, types = read_workbook(body, spec.sheet)
    known = known_headers(spec.columns, spec.ignored)
    index = best_header(cells[:HEAD_ROWS], known)
    if index is None:
        raise header_missing(known)
    header = list(cells[index])
    width, body_rows, body_types = len(header), cells[index + 1 :], types[index + 1 :]
    columns = [pa.chunked_array([pa.array([r[i] for r in body_rows], pa.string())]) for i in range(width)]
    rows = Rows(columns, np.arange(1, len(body_rows) + 1, dtype=np.int32), len(body_rows))
    table = _assembled(header, rows, spec)
    letters = {name: [row[i] for row in body_types] for i, name in enumerate(table.columns.column_names)}
    table.types = pa.table({name: pa.array([CELL_TYPES[x] for x in column]) for name, column in letters.items()})
    unusable: dict[int, TableReject] = {}
    for field_name, name in table.fields.items():
        for row, letter in enumerate(letters[name]):
            if letter in UNUSABLE_CELLS and row not in unusable:
                reason = UNUSABLE_CELLS[letter]
                unusable[row] = TableReject(row + 1, reason, field_name, "cellen har inget beräknat värde")
    _set_aside(table, unusable)
    return table


def _assembled(header: list[str], rows: Rows, spec: TableSpec) -> Tabular:
    """The table with its header checked: each known once, none twice, the required ones there."""
    if len(header) > WIDTH_CAP:
        raise DeliveryError("too_many_columns", f"{len(header)} kolumner, gränsen är {WIDTH_CAP}")
    known = known_headers(spec.columns, spec.ignored)
    names: list[str] = []
    fields: dict[str, str] = {}
    new_columns: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for place, cell in enumerate(header, start=1):
        fold = folded(cell)
        name = cell if fold else f"#{place}"
        if fold and fold in seen:
            detail = f"samma rubrik i kolumn {seen[fold]} och {place}; ge kolumnerna skilda namn"
            raise DeliveryError("duplicate_header", detail, rows.record_count)
        seen[fold or name] = place
        names.append(name)
        field_name = known.get(fold) if fold else None
        if field_name and field_name in fields:
            detail = f"två kolumner ({seen[folded(fields[field_name])]} och {place}) för fältet {field_name}"
            raise DeliveryError("duplicate_header", detail, rows.record_count)
        if field_name:
            fields[field_name] = name
        elif field_name is None and (fold or _is_filled(rows.columns[place - 1])):
            new_columns.append((place, name))
    if missing := sorted(spec.required - fields.keys()):
        wanted = "; ".join(f"{name} ({' eller '.join(spec.columns[name])})" for name in missing)
        detail = f"kolumn saknas: {wanted}. Leveransen hålls; lägg till rubriken i mappningen om den bytt namn"
        raise DeliveryError("column_missing", detail, rows.record_count)
    table = pa.table(dict(zip(names, rows.columns, strict=True)))
    result = Tabular(table, rows.record_numbers, rows.record_count, fields, new_columns)
    result.filled_counts = _filled_counts(table)
    return result


def _is_filled(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(_has_text(column)).as_py())


def _has_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which cells hold more than white space: those that are neither empty nor all of it."""
    return pc.invert(pc.or_(pc.equal(column, _BLANK), pc.utf8_is_space(column)))


def _filled_counts(table: pa.Table) -> np.ndarray:
    counts = np.zeros(len(table), dtype=np.int32)
    for column in table.columns:
        counts += np.asarray(_has_text(column))
    return counts


def _set_aside_totals(table: Tabular) -> None:
    """Make blank rows and totals rows rejects: neither is a report, both are accounted for."""
    if not len(table.columns):
        return
    found = {
        int(row): TableReject(int(table.record_numbers[row]), "blank_row", None, "raden är tom")
        for row in np.flatnonzero(table.filled_counts == 0)
    }
    words = "|".join(re.escape(word) for word in TOTALS_WORDS)
    is_sparse = table.filled_counts * 2 <= table.columns.num_columns
    # Further to the right the word may begin a note; only where it stands alone with a figure is it a total.
    is_pair = is_sparse & (table.filled_counts <= 2)
    for place, column in enumerate(table.columns.columns):
        rows = np.flatnonzero((is_sparse if place < 2 else is_pair) & (table.filled_counts > 0))
        if not len(rows):
            continue
        opens = pc.match_substring_regex(column.take(pa.array(rows)), rf"(?i)^\s*(?:{words})\b")
        for row in rows[np.asarray(opens, dtype=bool)]:
            found[int(row)] = TableReject(int(table.record_numbers[row]), "totals_row", None, "summarad, ingen rapport")
    _set_aside(table, found)


def _set_aside(table: Tabular, rejects: Mapping[int, TableReject]) -> None:
    """Move the rows at these places out of the table and into its rejects."""
    if not rejects:
        return
    keep = np.ones(len(table.columns), dtype=bool)
    keep[list(rejects)] = False
    table.rejects.extend(reject for _, reject in sorted(rejects.items()))
    table.columns = table.columns.filter(pa.array(keep))
    table.types = table.types.filter(pa.array(keep)) if table.types is not None else None
    table.record_numbers, table.filled_counts = table.record_numbers[keep], table.filled_counts[keep]


def column_label(place: int, header: str) -> str:
    """How a column nobody named is spoken of: its place and a fingerprint, for a header may hold a name."""
    return f"kolumn {place}, {fingerprint(header)}"
