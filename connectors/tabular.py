"""A partner's table file into columns of text: encoding, separator, header row, ragged rows, workbooks.

Liberal about form, strict about structure. What can be read in one way only is read; what can be read in
two ways is refused. No value is interpreted here: every cell leaves as the text that stood in it.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pyarrow as pa

from connectors.kit import DeliveryError, fingerprint
from connectors.tabular_container import refuse_container_as_text, what_it_is
from connectors.tabular_csv import SEPARATORS, read_rows, refuse_long_lines
from connectors.tabular_header import find_header, folded, known_headers
from connectors.tabular_sheets import read_sheets
from connectors.tabular_table import (
    FORM_REASONS,
    TableNotice,
    TableReject,
    TableSpec,
    Tabular,
    assembled,
    set_aside_form,
)
from connectors.tabular_text import ENCODINGS, SINGLE_BYTE, Decoded, decode, decode_as

__all__ = [
    "ENCODINGS",
    "FORM_REASONS",
    "SEPARATORS",
    "TableReject",
    "TableSpec",
    "Tabular",
    "column_label",
    "folded",
    "read_table",
]

#: Encodings of one byte a letter, asked only where the one that was believed leaves a promised header unread. A header
#: that then stands there letter for letter is proof enough: its å, ä and ö are other bytes in each.
OTHER_ENCODINGS = ("cp1252", "cp850", "mac-roman")


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
    table = read_sheets(body, spec) if spec.kind == "xlsx" else _read_text(body, spec, careful=careful)
    set_aside_form(table)
    return table


def _read_text(body: bytes, spec: TableSpec, *, careful: bool) -> Tabular:
    refuse_container_as_text(body)
    text = decode(body, spec.encoding)
    try:
        return _read_decoded(text, body, spec, careful=careful)
    except DeliveryError as error:
        if error.reason not in ("header_missing", "column_missing"):
            raise
        if text.encoding in SINGLE_BYTE and not body.isascii():
            for encoding in OTHER_ENCODINGS:
                with suppress(DeliveryError):
                    return _read_decoded(decode_as(body, encoding), body, spec, careful=careful)
        if error.reason == "header_missing" and (found := what_it_is(text.utf8)):
            raise DeliveryError("header_missing", f"{found}; {error.detail}") from None
        raise


def _read_decoded(text: Decoded, body: bytes, spec: TableSpec, *, careful: bool) -> Tabular:
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
    table = assembled(header, rows, spec)
    table.encoding, table.separator, table.is_fast = text.encoding, separator, rows.is_fast
    for number, found in rows.ragged:
        why = "ett skiljetecken i en text utan citattecken" if found > len(header) else "raden kan vara avkortad"
        detail = f"{found} fält i stället för {len(header)}: {why}"
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


def column_label(place: int, header: str) -> str:
    """How a column nobody named is spoken of: its place and a fingerprint, for a header may hold a name."""
    return f"kolumn {place}, {fingerprint(header)}"
