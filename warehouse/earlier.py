"""What an earlier picture said of deviations and places in focus, to tell what is new, stronger and gone since.

It is taken from the picture that was published, not worked out again: a report that came late must not change what the
meeting was told then. Counts and names of the settings alone; no report and no text of anybody's is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.contract import INSTANT

#: The tables of ``stage`` by name. The picture's own row first: without one there was no earlier picture.
TABLES = {
    "earlier_picture": pa.schema([pa.field("earlier_at", INSTANT), pa.field("earlier_number", pa.string())]),
    "earlier_deviation": pa.schema(
        [pa.field(name, pa.string()) for name in ("level", "area_id", "area_name", "category", "category_sv")]
        + [pa.field(name, pa.string()) for name in ("category_en", "verdict")]
        + [pa.field("count", pa.int32())]
    ),
    "earlier_place": pa.schema(
        [pa.field(name, pa.string()) for name in ("place_id", "place_name", "area_name")]
        + [pa.field(name, pa.int32()) for name in ("count_7d", "count_28d")]
    ),
}
GRAIN = {
    "earlier_picture": "One row where there was an earlier picture: which.",
    "earlier_deviation": "One row per deviation the earlier picture listed.",
    "earlier_place": "One row per place in focus the earlier picture listed.",
}
#: Said of an earlier picture that there was, and that cannot be read: the next one is then not called the first.
UNREADABLE: dict[str, Any] = {"moment_at": None, "picture_number": None, "deviation": [], "focus_place": []}
_KEPT = {"deviation": TABLES["earlier_deviation"].names, "focus_place": TABLES["earlier_place"].names}


def said_by(picture: Mapping[str, Any]) -> dict[str, Any]:
    """What ``picture`` (what ``picture_….json`` holds) said, in JSON's own types. Raises KeyError where it lacks it."""
    head = picture["head"]
    rows = {table: [{name: row[name] for name in kept} for row in picture[table]] for table, kept in _KEPT.items()}
    return {"moment_at": head["moment_at"], "picture_number": head["picture_number"], **rows}


def load_earlier(con: duckdb.DuckDBPyConnection, said: Mapping[str, Any] | None) -> None:
    """Make ``TABLES`` in ``stage`` of what was said; empty where there was no earlier picture.

    Raises KeyError or ValueError where ``said`` is not of :func:`said_by`'s shape.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    if said is not None:
        at = said["moment_at"] and datetime.fromisoformat(said["moment_at"])
        rows["earlier_picture"] = [{"earlier_at": at, "earlier_number": said["picture_number"]}]
        rows["earlier_deviation"], rows["earlier_place"] = said["deviation"], said["focus_place"]
    for name, schema in TABLES.items():
        con.register("given", pa.Table.from_pylist(rows[name], schema=schema))
        con.execute(f"CREATE OR REPLACE TABLE stage.{name} AS SELECT * FROM given")
        con.execute(f"COMMENT ON TABLE stage.{name} IS '{GRAIN[name]}'")
        con.unregister("given")
