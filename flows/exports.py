"""An answer as a file: CSV, JSON, Parquet, GeoJSON or a calendar, each with what it was made from inside it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from flows.insats_calendar import calendar
from flows.opened import UsageError
from warehouse.publish.tables_csv import guarded


def render(answer: pa.Table, form: str, *, is_excel: bool = False) -> bytes:
    """``answer`` (with sql and provenance in its metadata) as the bytes of a file. Raises UsageError."""
    made_from = made_from_of(answer)
    if form == "parquet":
        sink = io.BytesIO()
        pyarrow.parquet.write_table(answer, sink, compression="zstd")  # the schema's metadata goes along
        return sink.getvalue()
    if form == "geojson":
        return _json(_features(answer, made_from))
    if form == "ics":
        return calendar(answer.to_pylist(), made_from, provenance_line(made_from))
    if form == "json":
        return _json({"provenance": made_from, "rows": answer.to_pylist()})
    return _csv(answer, made_from, is_excel=is_excel)


def made_from_of(answer: pa.Table) -> dict[str, Any]:
    """What the answer was made from, and the SQL that asked for it."""
    told = answer.schema.metadata
    return {**json.loads(told[b"provenance"]), "sql": told[b"sql"].decode()}


def provenance_line(made_from: dict[str, Any]) -> str:
    """Who may read it and what it was made from, in a line that stays with each row that is cut out."""
    held = made_from.get("held_back")
    held_back = f" · rader som inte visas (känsliga, på vecka): {held}" if held else ""
    return (
        f"{made_from['tlp']} · lägesbild {made_from['picture']} · run {made_from['run']} · lake state"
        f" {made_from['lake_state']} ({str(made_from['manifest_sha256'])[:12]}) · lagesbild {made_from['code_version']}"
        + held_back
    )


def data_package(
    answer: pa.Table, name: str, form: str, content: bytes, comments: dict[str, str], *, is_excel: bool
) -> bytes:
    """A Frictionless data package of the file ``name``: its hash, its columns with their meaning, its provenance."""
    names = [*answer.column_names, *(["provenance"] if form == "csv" else [])]
    kinds = {field.name: _kind(field.type) for field in answer.schema}
    fields = [
        {"name": one, "type": kinds.get(one, "string")}
        | ({"description": comments[one]} if comments.get(one) else {})
        for one in names
    ]  # fmt: skip
    resource: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9._-]+", "-", name.rsplit(".", 1)[0].lower()),
        "path": name,
        "format": form,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": fields},
    }
    if form == "csv":
        dialect = {"delimiter": ";", "decimalChar": ","} if is_excel else {"delimiter": ","}
        resource |= {"encoding": "utf-8", "dialect": dialect}
    return _json({"name": resource["name"], "resources": [resource], "provenance": made_from_of(answer)})


def _kind(column: pa.DataType) -> str:
    """The column's type in Frictionless' words."""
    for holds, kind in (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_timestamp, "datetime"),
        (pa.types.is_date, "date"),
        (pa.types.is_floating, "number"),
        (pa.types.is_decimal, "number"),
    ):
        if holds(column):
            return kind
    return "string"


def _csv(answer: pa.Table, made_from: dict[str, Any], *, is_excel: bool) -> bytes:
    """UTF-8 with the provenance as the last column: comment lines would be rows to a spreadsheet."""
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=";" if is_excel else ",", lineterminator="\r\n")
    line = provenance_line(made_from)
    writer.writerow([guarded(name) for name in [*answer.column_names, "provenance"]])
    for row in zip(*(column.to_pylist() for column in answer.columns), strict=True):
        writer.writerow([*(_cell(value, is_excel=is_excel) for value in row), line])
    return sink.getvalue().encode("utf-8-sig" if is_excel else "utf-8")


def _cell(value: Any, *, is_excel: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value).replace(".", ",") if is_excel else str(value)
    return guarded(str(value))  # a number never is text here, so -1 stays -1


def _features(answer: pa.Table, made_from: dict[str, Any]) -> dict[str, Any]:
    names = set(answer.column_names)
    if "geometry_geojson" not in names and not {"latitude", "longitude"} <= names:
        raise UsageError("geojson: the answer needs the columns latitude and longitude, or geometry_geojson")
    features = []
    for row in answer.to_pylist():
        shape = row.pop("geometry_geojson", None)
        geometry = json.loads(shape) if shape else None
        if geometry is None and row.get("latitude") is not None and row.get("longitude") is not None:
            geometry = {"type": "Point", "coordinates": [float(row["longitude"]), float(row["latitude"])]}
        features.append({"type": "Feature", "geometry": geometry, "properties": row})
    return {"type": "FeatureCollection", "provenance": made_from, "features": features}


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n").encode()


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
