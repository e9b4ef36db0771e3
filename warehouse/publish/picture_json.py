"""The picture as data: the ``picture.*`` tables in one JSON-able dict, with a hash.

``picture.schema.json`` names what may leave: a column that the schema does not name is not read.
"""

from __future__ import annotations

import hashlib
import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

SCHEMA_FILE = Path(__file__).with_name("picture.schema.json")

#: What JSON has too: nearly all there is, and so asked first.
_AS_THEY_ARE = frozenset({str, int, bool})

#: Tables that do not stand in picture.* but are needed to read it.
_ELSEWHERE = {"made_with": "config.moment"}


@cache
def picture_schema() -> dict[str, Any]:
    """Return the JSON Schema of the picture (draft 2020-12)."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def read_picture(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the picture: one object or list of rows per table, and ``picture_hash``.

    Times are ISO 8601 in UTC with a Z, days ISO dates, unknown None (also what was NaN). Rows stand in order of
    ``position`` where the table has one and then of every other column, so that equal tables give equal bytes.
    Raises ValueError naming every table or column of the schema that the database lacks, and every table of
    one row that has another number of rows.
    """
    schema = picture_schema()
    picture: dict[str, Any] = {}
    faults = []
    for name, shape in schema["properties"].items():
        if name not in schema["$defs"]:
            continue
        table = _ELSEWHERE.get(name, f"picture.{name}")
        columns = list(schema["$defs"][name]["properties"])
        try:
            rows = read_rows(connection, table, columns, is_one=shape.get("type") != "array")
        except (duckdb.CatalogException, duckdb.BinderException):
            # What there is is asked for only now: to list all columns costs as much as to read a dozen tables.
            have = _columns(connection).get(table, frozenset())
            missing = [column for column in columns if column not in have]
            if not missing:
                raise
            faults.append(f"{table} lacks {', '.join(missing)}")
            continue
        if shape.get("type") == "array":
            picture[name] = rows
        elif len(rows) == 1:
            picture[name] = rows[0]
        else:
            faults.append(f"{table} has {len(rows)} rows and must have 1")
    if faults:
        raise ValueError("the picture cannot be read: " + "; ".join(faults))
    return {"picture_hash": picture_hash(picture), **picture}


def canonical_json(picture: dict[str, Any]) -> bytes:
    """Return the picture as UTF-8 JSON: sorted keys, no NaN, a line break at the end."""
    text = json.dumps(picture, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return (text + "\n").encode()


def picture_hash(picture: dict[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON without ``picture_hash`` itself."""
    content = {name: rows for name, rows in picture.items() if name != "picture_hash"}
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for schema, table, column in connection.execute(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema IN ('picture', 'config')"
    ).fetchall():
        found.setdefault(f"{schema}.{table}", set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def read_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], *, is_one: bool = False
) -> list[dict[str, Any]]:
    """Return a table's rows in order, as JSON has them: of the columns named and no other. Raises duckdb.Error.

    A table of one row (``is_one``) is not sorted.
    """
    # Table and column names come from our own schema file, never from the data.
    selected = ", ".join(f'"{column}"' for column in columns)
    order = "" if is_one else " ORDER BY ALL"
    answer = connection.execute(f"SELECT {selected} FROM {table}{order}").fetchall()
    return [{name: _plain(value) for name, value in zip(columns, row, strict=True)} for row in answer]


def _plain(value: Any) -> Any:
    if value is None or type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
