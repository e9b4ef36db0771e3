"""A table as read: its columns as text, its header checked, what is no record set aside with a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.kit import DeliveryError
from connectors.tabular_csv import Rows
from connectors.tabular_header import folded, known_headers

#: Largest file read, bytes: a million reports of 150 bytes twice over. Larger back-fills come in parts.
BYTE_CAP = 300_000_000

#: Reject reasons of lines that are part of the table's form: no fault of the delivery.
FORM_REASONS = frozenset({"blank_row", "totals_row", "repeated_header"})

#: Columns a table may have: spreadsheets of people stay far below.
WIDTH_CAP = 500

#: Words that open a totals row, in lower case.
TOTALS_WORDS = ("summa", "totalt", "total", "delsumma", "antal rader", "antal poster")

_NOTHING, _NO_ENDS = pa.array([], pa.string()), np.zeros(1, dtype=np.int32)


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


def assembled(header: list[str], rows: Rows, spec: TableSpec) -> Tabular:
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
    return bool(_has_text(pa.concat_arrays(column.chunks or [_NOTHING])).any())


def _has_text(cells: pa.Array) -> npt.NDArray[np.bool_]:
    """Which cells of text hold more than white space. One that begins with a letter of ASCII does; the few others that
    are not empty are looked at."""
    _, at, text = cells.buffers()
    ends = np.frombuffer(at, dtype=np.int32)[cells.offset : cells.offset + len(cells) + 1] if len(cells) else _NO_ENDS
    letters = np.frombuffer(text or b"\0", dtype=np.uint8)
    is_empty = ends[1:] == ends[:-1]
    first = letters[np.minimum(ends[:-1], len(letters) - 1)]
    answer = ~is_empty & (first > ord(" ")) & (first < 127)
    unsure = np.flatnonzero(~answer & ~is_empty)
    if len(unsure):
        answer[unsure] = np.asarray(pc.invert(pc.utf8_is_space(cells.take(pa.array(unsure)))))
    return answer


def _filled_counts(table: pa.Table) -> np.ndarray:
    """How many cells of each row hold more than white space."""
    cells = [chunk for column in table.columns for chunk in column.chunks]
    is_filled = _has_text(pa.concat_arrays(cells or [_NOTHING])).reshape(table.num_columns, len(table))
    return np.asarray(is_filled.sum(axis=0, dtype=np.int32))


def set_aside_form(table: Tabular) -> None:
    """Make blank rows, totals rows and repeated headers rejects: none is a report, all are accounted for."""
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
    for row in _repeated_headers(table.columns):
        detail = "rubrikraden igen: sidor eller filer satta efter varandra"
        found[row] = TableReject(int(table.record_numbers[row]), "repeated_header", None, detail)
    set_aside(table, found)


def _repeated_headers(columns: pa.Table) -> list[int]:
    """The rows that say what the header says, cell by cell."""
    named = [place for place, name in enumerate(columns.column_names) if not name.startswith("#")]
    if not named:
        return []
    first = columns.column(named[0])
    rows = np.flatnonzero(np.asarray(pc.equal(first, columns.column_names[named[0]])))
    return [
        int(row)
        for row in rows
        if all(folded(columns.column(place)[row].as_py()) == folded(columns.column_names[place]) for place in named)
    ]


def set_aside(table: Tabular, rejects: Mapping[int, TableReject]) -> None:
    """Move the rows at these places out of the table and into its rejects."""
    if not rejects:
        return
    keep = np.ones(len(table.columns), dtype=bool)
    keep[list(rejects)] = False
    table.rejects.extend(reject for _, reject in sorted(rejects.items()))
    table.columns = table.columns.filter(pa.array(keep))
    table.types = table.types.filter(pa.array(keep)) if table.types is not None else None
    table.record_numbers, table.filled_counts = table.record_numbers[keep], table.filled_counts[keep]
