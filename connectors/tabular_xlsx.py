"""A workbook into rows of text, in a process of its own: ``python -m connectors.tabular_xlsx``.

The workbook reader aborts the whole process on a far cell (calamine issue 693) and a small file can unpack to
gigabytes. So it runs here, under limits on memory, processor time and output, and its death is the answer.
Workbook bytes come on standard input; one JSON line comes out for the outcome, one where a sheet begins (``null``) and
one per row: ``[[cell, …], "types"]`` with one letter per cell from ``CELL_TYPES``. Nothing here imports the rest of the
house: what a hostile file can reach is small.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO
from xml.parsers import expat

#: What a cell was: one letter each. ``v`` and ``e`` have no usable value.
CELL_TYPES = {
    " ": "empty",
    "s": "text",
    "n": "number",
    "d": "date",
    "m": "moment",
    "t": "time",
    "i": "duration",
    "b": "boolean",
    "v": "formula_without_value",
    "e": "cell_error",
}

#: What the standard library raises where a zip is damaged; RuntimeError is also its word for a compression that it does
#: not know, which one flipped bit can name.
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)

#: Address space, bytes: a workbook of 5 million cells reads in 700 MB; a far cell asks for hundreds of GB.
MEMORY_CAP = 1_000_000_000

#: Processor seconds: 5 million cells take about 25.
SECONDS_CAP = 50

#: Cells in the sheet's used rectangle, empty ones included: 100 columns of 50,000 rows.
CELL_CAP = 5_000_000

#: Characters written: one long text can stand in every cell of a small file.
OUTPUT_CAP = 256_000_000

#: Rows that one merged cell may speak for.
MERGED_ROWS_CAP = 10_000

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Refused(Exception):
    """The workbook is refused: ``args`` are a reason word and a sentence without payload text."""


def main() -> int:
    """Read a workbook from standard input and write its rows to standard output; 0 when refused too."""
    _limit()
    options = json.loads(sys.argv[1])
    body = sys.stdin.buffer.read()
    try:
        written = 0
        for line in rows(body, options.get("sheet")):
            text = json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n"
            written += len(text)
            if written > OUTPUT_CAP:
                raise Refused("sheet_too_large", f"bladets text är större än {OUTPUT_CAP} tecken; spara som CSV")
            sys.stdout.write(text)
    except Refused as refusal:
        reason, detail = refusal.args
        sys.stdout.write("\n" + json.dumps({"reason": reason, "detail": detail}))
        return 0
    sys.stdout.write("\n" + json.dumps({"reason": None}))
    return 0


def rows(body: bytes, sheet_name: str | None) -> Iterator[list[Any] | None]:
    """Each row of the named sheet, or of every visible one: None where a sheet begins, then ``[[text, …], "types"]``.

    Raises Refused for a document type declaration, a missing sheet, a rectangle above CELL_CAP, or a file
    the reader cannot open.
    """
    import python_calamine

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        _refuse_declarations(archive)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
        visible = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
            and sheet.visible == python_calamine.SheetVisibleEnum.Visible
        ]
    except Exception as error:
        raise Refused("workbook_damaged", f"arbetsboken kan inte öppnas ({type(error).__name__})") from None
    names = [sheet_name] if sheet_name is not None else visible
    if not names or not set(names) <= set(workbook.sheet_names):
        raise Refused("sheet_missing", "arbetsboken saknar det blad som mappningen anger")
    for name in names:
        with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(_member_of(archive, name)) as member:
            empty_cells = _empty_cells(member)
        try:
            sheet = workbook.get_sheet_by_name(name)
            merged = sheet.merged_cell_ranges or []
        except Exception as error:
            raise Refused("workbook_damaged", f"bladet kan inte läsas ({type(error).__name__})") from None
        yield None
        if sheet.start is not None:
            yield from _rows_of(sheet, empty_cells, merged)


def _rows_of(sheet: Any, empty_cells: dict[tuple[int, int], str], merged: list[Any]) -> Iterator[list[Any]]:
    """The rows of one sheet, from the first that is used."""
    row_offset, column_offset = sheet.start
    # A cell merged downwards speaks for all its rows (the date stands once for the night); to the right it is one.
    below = {
        (row, first[1]): first
        for first, last in merged
        for row in range(first[0] + 1, min(last[0], first[0] + MERGED_ROWS_CAP) + 1)
    }
    spoken: dict[tuple[int, int], tuple[str, str]] = {}
    starts = set(below.values())
    for row_index, row in enumerate(sheet.iter_rows()):
        cells, types = [], []
        for column_index, value in enumerate(row):
            text, kind = _cell(value)
            place = (row_index, column_index + column_offset)
            if kind == " ":
                # iter_rows starts at the sheet's first row and at its leftmost used column
                kind = empty_cells.get(place, " ")
                if kind == " " and place in below:
                    text, kind = spoken.get(below[place], (text, kind))
            if place in starts:
                spoken[place] = text, kind
            cells.append(text)
            types.append(kind)
        if row_index >= row_offset:
            yield [cells, "".join(types)]


def _cell(value: Any) -> tuple[str, str]:
    """A cell's value as text and its type's letter; dates and times in ISO form, whole numbers without .0."""
    if isinstance(value, str):
        return value, "s" if value else " "
    if isinstance(value, bool):
        return ("true" if value else "false"), "b"
    if isinstance(value, float | int):
        return (str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)), "n"
    if isinstance(value, datetime):
        return value.isoformat(), "m"
    if isinstance(value, date):
        return value.isoformat(), "d"
    if isinstance(value, time):
        return value.isoformat(), "t"
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}", "i"
    return "", " "


def _refuse_declarations(archive: zipfile.ZipFile) -> None:
    """Raise Refused when any XML part declares a document type: no office program writes one."""

    def refuse(*_: object) -> None:
        raise Refused("xml_declaration", "arbetsboken innehåller en DOCTYPE; spara som CSV eller xlsx på nytt")

    for info in archive.infolist():
        if not info.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = refuse
        with archive.open(info) as member:
            _parse(parser, member)


def _parse(parser: expat.XMLParserType, member: BinaryIO | Any) -> None:
    try:
        while block := member.read(1 << 20):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, *BROKEN_ZIP):
        raise Refused("workbook_damaged", "arbetsboken är skadad eller avkortad; spara den på nytt") from None


def _member_of(archive: zipfile.ZipFile, sheet_name: str) -> str:
    from defusedxml import ElementTree

    book = ElementTree.fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
    relation = next((s.get(_RELATION) for s in book.iter(f"{_SPACE}sheet") if s.get("name") == sheet_name), None)
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    target = next((r.get("Target") or "" for r in relations if r.get("Id") == relation), "")
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    if relation is None or path not in archive.namelist():
        raise Refused("workbook_damaged", "arbetsbokens bladförteckning stämmer inte; spara den på nytt")
    return path


def _empty_cells(member: BinaryIO | Any) -> dict[tuple[int, int], str]:
    """(row, column) → ``v`` for a formula never calculated, ``e`` for an error cell, counted from 0.

    The reader gives both as empty text; only the XML tells them from a cell nobody filled in. Raises Refused
    when the used rectangle is above CELL_CAP.
    """
    found: dict[tuple[int, int], str] = {}
    last = [0, 0]
    cell: dict[str, Any] = {}
    place = [-1, -1]

    def start(name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if name == "row":
            place[:] = [int(attributes.get("r", place[0] + 2)) - 1, -1]
        elif name == "c":
            place[1] = _column(attributes["r"]) if "r" in attributes else place[1] + 1
            cell.clear()
            cell["is_error"] = attributes.get("t") == "e"
            cell["has_value"] = attributes.get("t") == "str"  # a formula that gave an empty text was calculated
            last[:] = [max(last[0], place[0] + 1), max(last[1], place[1] + 1)]
            if last[0] * last[1] > CELL_CAP:
                raise Refused("sheet_too_large", f"bladet spänner över mer än {CELL_CAP} celler; spara som CSV")
        elif name == "f":
            cell["has_formula"] = True
        elif name in ("v", "is"):
            cell["in_value"] = True

    def text(data: str) -> None:
        if cell.get("in_value") and data:
            cell["has_value"] = True

    def end(name: str) -> None:
        name = name.rpartition(" ")[2]
        if name in ("v", "is"):
            cell["in_value"] = False
        elif name == "c":
            if cell.get("is_error"):
                found[(place[0], place[1])] = "e"
            elif cell.get("has_formula") and not cell.get("has_value"):
                found[(place[0], place[1])] = "v"

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        _parse(parser, member)
    except ValueError:
        raise Refused("workbook_damaged", "bladets celladresser går inte att läsa; spara det på nytt") from None
    return found


def _column(reference: str) -> int:
    """The column's number from 0 of a cell reference such as ``AB12``."""
    number = 0
    for letter in reference.rstrip("0123456789").upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_CAP, MEMORY_CAP))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_CAP, SECONDS_CAP + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
