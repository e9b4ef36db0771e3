"""Reading the weekly picture: the daily one of the moment, the week's tables, and what is new since the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from warehouse.earlier import said_by
from warehouse.publish.picture_json import picture_hash, picture_schema, read_picture, read_rows

_SCHEMA = Path(__file__).with_name("weekly.schema.json")

Row = dict[str, Any]


@cache
def weekly_schema() -> dict[str, Any]:
    """Return the JSON Schema of the weekly picture (draft 2020-12): the daily one's, and ``week``."""
    own, schema = json.loads(_SCHEMA.read_text(encoding="utf-8")), deepcopy(picture_schema())
    schema |= {"$id": own["$id"], "title": own["title"]}
    schema["required"] = [*schema["required"], "week"]
    schema["properties"] |= own["properties"]
    schema["$defs"] |= own["$defs"]
    return schema


def read_weekly(connection: duckdb.DuckDBPyConnection, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the weekly picture of a built database: the daily picture, and ``week`` with the tables ``week_…``.

    ``before`` is the last weekly picture, as it was published; what is new is marked against it and not against the
    daily picture's own predecessor. Raises ValueError where a table is missing, duckdb.Error.
    """
    picture = read_picture(connection)
    shape = weekly_schema()["properties"]["week"]["properties"]
    days = connection.execute(
        "SELECT min(local_day), max(local_day), config.threshold_of('rate_minimum_population')"
        " FROM picture.week_day WHERE week_ago = 0"
    ).fetchall()[0]
    week: Row = {"from_day": days[0].isoformat(), "until_day": days[1].isoformat(), "rate_minimum_population": days[2]}
    for name in shape:
        if name.startswith("week_"):
            rows = read_rows(connection, f"picture.{name}", list(weekly_schema()["$defs"][name]["properties"]))
            week[name] = rows if shape[name].get("type") == "array" else rows[0]
    week |= _since(picture, before)
    whole = {**picture, "week": week}
    return {**whole, "picture_hash": picture_hash(whole)}


def last_week(folder: Path, until_day: date) -> dict[str, Any] | None:
    """The newest weekly picture published in ``folder`` of a week that ended before ``until_day``; None without one."""
    found = []
    for path in folder.glob("veckobild_*.json"):
        try:
            picture = json.loads(path.read_bytes())
            if date.fromisoformat(picture["week"]["until_day"]) < until_day:
                found.append((picture["week"]["until_day"], picture))
        except (ValueError, KeyError, TypeError):  # another program's: nothing is compared with half of one
            continue
    return max(found, key=lambda pair: str(pair[0]))[1] if found else None


def _since(picture: dict[str, Any], before: Mapping[str, Any] | None) -> Row:
    """Mark what is new in sections 5 and 6 of ``picture``, in place; return what is gone."""
    said = said_by(before) if before else {"deviation": [], "focus_place": []}
    gone: list[Row] = []
    for section, table, count in ((5, "deviation", "count"), (6, "focus_place", "count_7d")):
        then = {_key(row): row for row in said[table]}
        for row in picture[table]:
            known = then.pop(_key(row), None)
            row["since_earlier"] = None if before is None else "same" if known else "new"
            row["earlier_count"] = known and known[count]
        gone += [
            {
                "section": section,
                **{f"label_{x}": _label(row, x) for x in ("sv", "en")},
                "earlier_count": row["count" if section == 5 else "count_28d"],
            }
            for row in then.values()
        ]
    picture["gone"] = []
    return {"earlier": before and before["week"]["until_day"], "gone": gone}


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["place_id"],) if "place_id" in row else (row["level"], row["area_id"], row["category"])


def _label(row: Mapping[str, Any], language: str) -> str:
    if "place_id" in row:
        return str(row["place_name"])
    return " · ".join(str(part) for part in (row["area_name"], row[f"category_{language}"]) if part) or "–"
