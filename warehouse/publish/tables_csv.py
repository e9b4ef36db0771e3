"""Each table of the picture as a file for a spreadsheet, with nothing in it that a spreadsheet would carry out.

Made for a double click in Swedish Excel or LibreOffice: UTF-8 with a mark, semicolons, decimal comma. Who computes
reads ``picture.json``.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from typing import Any

from warehouse.publish.formats import visible
from warehouse.publish.picture_json import picture_schema

#: A text that opens with one of these, wide ones too, is a formula to a spreadsheet, after blanks and signs unseen too.
_FORMULA = frozenset("=+-@|%＝＋－＠")
#: Columns of query ids: a bare 5.2 would be read as a day.
_QUERY_IDS = ("query_id", "fault_query_id", "because_id")
#: Outlines stand in the map's GeoJSON: a cell holds 32,767 letters, an outline more.
_ELSEWHERE = "_geojson"


def tables_csv(picture: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the bytes of one CSV per table of the picture, by the table's name; a table of one row is one row.

    The columns are the schema's, in its order. Unknown is an empty cell, a query id is written ``q:5.2`` as
    ``lagesbild sql`` takes it. Raises KeyError where a table or column is missing.
    """
    files = {}
    for table, shape in picture_schema()["$defs"].items():
        columns = [column for column in shape["properties"] if not column.endswith(_ELSEWHERE)]
        rows = picture[table] if isinstance(picture[table], list) else [picture[table]]
        told = io.StringIO()
        writer = csv.writer(told, delimiter=";", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([_cell(column, row[column]) for column in columns] for row in rows)
        files[table] = told.getvalue().encode("utf-8-sig")
    return files


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value).replace(".", ",")
    return guarded(visible(f"q:{value}" if column in _QUERY_IDS else str(value)))


def guarded(text: str) -> str:
    """Return a cell's text, behind an apostrophe where a spreadsheet would take it for a formula."""
    if text[:1].isalnum():  # most are
        return text
    seen = next((sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cf"), "")
    # The mark is an apostrophe, as spreadsheets themselves write "this is text".
    return f"'{text}" if seen in _FORMULA or text.startswith(("\t", "\r", "\n")) else text
