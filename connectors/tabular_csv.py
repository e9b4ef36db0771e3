"""Separated text into columns: a fast path for regular files and a careful one for all others.

Both give the same columns for the same file; a test holds them together. The fast path (pyarrow) is taken
only when nothing in the file can be read in two ways: quotes stand at field edges, every row has the
header's number of fields, lines end in LF or CRLF. Everything else goes through the csv module.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from connectors.kit import DeliveryError

#: Separators a table may use, and the order in which they are tried.
SEPARATORS = (";", ",", "\t", "|")

#: Longest field in characters: the csv module's own limit, four times what a spreadsheet cell can hold.
FIELD_CAP = 131_072

#: Longest line in bytes. A line above this is not a table: 500 full spreadsheet cells would fit.
LINE_CAP = 16_000_000

#: Rows searched for the header, and bytes read for that: title rows are few. Most often the first bytes hold them all.
HEAD_ROWS, HEAD_BYTES, FIRST_BYTES = 50, 262_144, 16_384

#: pyarrow's block: a row must fit in it, and LINE_CAP is the longest row.
_BLOCK = 2 * LINE_CAP


@dataclass
class Rows:
    """The records under the header: equally long columns of text, numbered from 1 in file order."""

    columns: list[pa.ChunkedArray]
    record_numbers: np.ndarray
    record_count: int  # with the ragged ones
    ragged: list[tuple[int, int]] = field(default_factory=list)  # (record number, fields found)
    is_fast: bool = False


def refuse_long_lines(body: bytes) -> None:
    """Raise DeliveryError ``line_too_long`` when a line is longer than LINE_CAP, before it is parsed."""
    start = 0
    while len(body) - start > LINE_CAP:
        window = start + LINE_CAP
        end = max(body.rfind(b"\n", start, window), body.rfind(b"\r", start, window))
        if end < 0:
            raise DeliveryError("line_too_long", f"en rad är längre än {LINE_CAP} byte; filen är ingen tabell")
        start = end + 1


def head_rows(utf8: bytes, separator: str, quote: str) -> list[tuple[int, list[str]]]:
    """The first rows as (physical lines read so far, fields); stops where the head is cut or broken."""
    rows = _rows_within(utf8[:FIRST_BYTES], separator, quote)
    if len(rows) <= HEAD_ROWS and len(utf8) > FIRST_BYTES:  # the last one may be cut
        rows = _rows_within(utf8[:HEAD_BYTES], separator, quote)
    return rows[:HEAD_ROWS]


def _rows_within(head: bytes, separator: str, quote: str) -> list[tuple[int, list[str]]]:
    """The first rows of ``head``, one more than HEAD_ROWS at most."""
    reader = csv.reader(
        io.StringIO(head.decode("utf-8", "ignore"), newline=""), **_dialect(separator, quote, strict=False)
    )
    rows = []
    try:
        for row in reader:
            rows.append((reader.line_num, row))
            if len(rows) > HEAD_ROWS:
                break
    except csv.Error:
        pass
    return rows


def read_rows(
    utf8: bytes,
    separator: str,
    quote: str,
    *,
    header_index: int,
    header_lines: int,
    width: int,
    careful: bool,
) -> Rows:
    """The rows under the header.

    ``header_index`` is the header's place among the rows and ``header_lines`` the physical lines up to and
    including it, both from ``head_rows``; ``width`` is the header's number of fields. Raises DeliveryError
    ``unterminated_quote`` when the file cannot be cut into rows and ``field_too_large`` above FIELD_CAP.
    """
    rows = None
    if not careful and header_lines == header_index + 1:
        rows = _read_fast(utf8, separator, quote, header_lines, width)
    if rows is None:
        rows = _read_careful(utf8, separator, quote, header_index, width)
    return rows


def _dialect(separator: str, quote: str, *, strict: bool) -> dict:
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    return {"delimiter": separator, "quotechar": quote or None, "quoting": quoting, "strict": strict}


def _read_careful(utf8: bytes, separator: str, quote: str, header_index: int, width: int) -> Rows:
    kept: list[list[str]] = []
    numbers: list[int] = []
    ragged: list[tuple[int, int]] = []
    count = 0
    for row in _records(utf8, separator, quote, header_index):
        count += 1
        if len(row) > width and not any(row[width:]):
            row = row[:width]  # spreadsheets leave empty fields to the right of the table
        if len(row) == width:
            kept.append(row)
            numbers.append(count)
        elif sum(1 for value in row if value.strip()) == sum(1 for value in row[:width] if value.strip()) <= 1:
            # A line of spaces or a footnote without separators: a row, so that it is named as what it is.
            kept.append(([*row, *[""] * width])[:width])
            numbers.append(count)
        else:
            ragged.append((count, len(row)))
    columns = [pa.chunked_array([pa.array(column, pa.string())]) for column in zip(*kept, strict=True)]
    if not kept:
        columns = [pa.chunked_array([], pa.string()) for _ in range(width)]
    return Rows(columns, np.array(numbers, dtype=np.int32), count, ragged)


def _records(utf8: bytes, separator: str, quote: str, header_index: int) -> Iterator[list[str]]:
    text = io.TextIOWrapper(io.BytesIO(utf8), encoding="utf-8", newline="")
    reader = csv.reader(text, **_dialect(separator, quote, strict=True))
    try:
        for index, row in enumerate(reader):
            if index > header_index and row:
                yield row
    except csv.Error as error:
        if "field limit" in str(error):
            detail = f"ett fält är längre än {FIELD_CAP} tecken (vid rad {reader.line_num})"
            raise DeliveryError("field_too_large", detail) from None
        detail = (
            f"citattecken öppnas men stängs inte rätt (vid rad {reader.line_num}); resten av filen går inte"
            " att tyda, exportera den på nytt"
        )
        raise DeliveryError("unterminated_quote", detail) from None


def _read_fast(utf8: bytes, separator: str, quote: str, header_lines: int, width: int) -> Rows | None:
    """The rows by pyarrow, or None when the file is not regular enough for it."""
    if b"\r" in utf8 and not _ends_with_lf(np.frombuffer(utf8, np.uint8)):
        return None
    offset = 0
    for _ in range(header_lines):
        end = utf8.find(b"\n", offset)
        offset = len(utf8) if end < 0 else end + 1
    data = pa.py_buffer(utf8)[offset:]
    if not data.size:
        return Rows([pa.chunked_array([], pa.string()) for _ in range(width)], np.zeros(0, np.int32), 0, is_fast=True)
    has_quotes = bool(quote) and utf8.find(quote.encode(), offset) >= 0
    if has_quotes and not _quotes_are_regular(np.frombuffer(data, np.uint8), separator, quote):
        return None
    names = [str(position) for position in range(width)]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(data),
            pacsv.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False),
            pacsv.ParseOptions(
                delimiter=separator,
                quote_char=quote if has_quotes else False,
                double_quote=True,
                newlines_in_values=has_quotes,
            ),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None  # a ragged row or a row too long for a block: the careful path says which
    is_short = not has_quotes and not _has_line_above(FIELD_CAP, utf8, offset)
    if not is_short and any((pc.max(pc.binary_length(column)).as_py() or 0) > FIELD_CAP for column in table.columns):
        longest = [pc.max(pc.utf8_length(column)).as_py() or 0 for column in table.columns]  # bytes are no fewer
        if max(longest) > FIELD_CAP:
            return None
    numbers = np.arange(1, len(table) + 1, dtype=np.int32)
    return Rows(list(table.columns), numbers, len(table), is_fast=True)


def _ends_with_lf(data: np.ndarray) -> bool:
    """Whether each CR is the first half of a line's end."""
    places = np.flatnonzero(data == ord("\r"))
    return bool(places[-1] + 1 < len(data) and np.all(data[places + 1] == ord("\n")))


def _has_line_above(cap: int, data: bytes, start: int = 0) -> bool:
    """Whether a line from ``start`` on is longer than ``cap`` bytes. A field without quotes is no longer than it."""
    while len(data) - start > cap:
        end = data.rfind(b"\n", start, start + cap + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _quotes_are_regular(data: np.ndarray, separator: str, quote: str) -> bool:
    """Whether every quote opens or closes a field at its edge, or is doubled inside one (RFC 4180)."""
    places = np.flatnonzero(data == ord(quote))
    edges = np.zeros(256, dtype=bool)
    edges[[ord(separator), 10, 13]] = True
    starts = np.flatnonzero(np.diff(places, prepend=-2) > 1)  # a run of quotes is one event
    first, last = places[starts], places[np.append(starts[1:] - 1, len(places) - 1)]
    is_outside_before = starts % 2 == 0
    is_outside_after = np.append(starts[1:], len(places)) % 2 == 0
    opens_at_edge = (first == 0) | edges[data[np.maximum(first - 1, 0)]]
    closes_at_edge = (last == len(data) - 1) | edges[data[np.minimum(last + 1, len(data) - 1)]]
    return bool(
        is_outside_after[-1]
        and np.all(opens_at_edge | ~is_outside_before)
        and np.all(closes_at_edge | ~is_outside_after)
    )
