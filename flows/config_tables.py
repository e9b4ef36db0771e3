"""The settings as tables: what SQL may know of the municipality, handed over as Arrow.

Settings are data to the warehouse, so that a test can set them with an INSERT and the picture records
which it used. Each function makes one table of the ``config`` schema; row order follows the files.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from connectors.times import to_utc
from flows.settings_model import WARNING_KINDS

if TYPE_CHECKING:
    from flows.settings import Settings

INSTANT = pa.timestamp("us", tz="UTC")
TEXT, NUMBER, WHOLE, YES_NO = pa.string(), pa.float64(), pa.int32(), pa.bool_()

#: The codes a guard report may carry for what was done, in both languages.
ACTIONS = Path(__file__).resolve().parents[1] / "connectors" / "guard_tabular" / "actions.csv"

Columns = list[tuple[str, pa.DataType]]


def config_tables(settings: Settings, moment: datetime, previous_moment: datetime | None) -> dict[str, pa.Table]:
    """The tables of the ``config`` schema by name.

    ``moment`` is what the picture is made for, ``previous_moment`` what "since last" counts from (None: no
    picture before this one). Raises ValueError for a moment without an offset.
    """
    for name, value in (("moment", moment), ("previous_moment", previous_moment)):
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{name} has no offset; give an aware datetime, best in UTC")
    return {
        "moment": _moment(settings, moment, previous_moment),
        "municipality": _municipality(settings),
        "area": _area(settings),
        "place": _place(settings),
        "category": _category(settings),
        "action": _action(),
        "feed": _feed(settings),
        "threshold": _threshold(settings),
        "owner": _owner(settings),
        "calendar_day": _calendar_day(settings, moment),
    }


def _moment(settings: Settings, moment: datetime, previous_moment: datetime | None) -> pa.Table:
    columns: Columns = [
        ("moment_at", INSTANT),
        ("previous_moment_at", INSTANT),
        ("valid_until_at", INSTANT),
        ("timezone", TEXT),
        ("language", TEXT),
        ("code_version", TEXT),
    ]
    # Until the clock shows so many hours more: the next sheet comes by the clock, also where the night had 23 or 25.
    until = (moment.astimezone(settings.timezone) + timedelta(hours=settings.valid_hours)).replace(tzinfo=None)
    valid_until = to_utc(until, settings.timezone).instant
    row = (moment, previous_moment, valid_until, settings.timezone.key, settings.language, _code_version())
    return _table(columns, [row])


def _municipality(settings: Settings) -> pa.Table:
    columns: Columns = [
        ("municipality_code", TEXT),
        ("municipality_name", TEXT),
        ("county_code", TEXT),
        ("county_name", TEXT),
        ("tlp", TEXT),
        ("is_demo", YES_NO),
    ]
    town = settings.municipality
    row = (town.code, town.name, town.county_code, town.county_name, settings.tlp, settings.is_demo)
    return _table(columns, [row])


def _area(settings: Settings) -> pa.Table:
    """One row per area. The label stands at a point certain to lie inside, which a centroid is not."""
    from shapely.geometry import mapping

    columns: Columns = [
        ("area_id", TEXT),
        ("area_name", TEXT),
        ("area_kind", TEXT),
        ("population", WHOLE),
        ("geometry_geojson", TEXT),
        ("label_longitude", NUMBER),
        ("label_latitude", NUMBER),
        ("is_approximate", YES_NO),
        ("position", WHOLE),
    ]
    rows = []
    for position, area in enumerate(settings.places.areas, 1):
        label = area.geometry.representative_point()
        rows.append(
            (
                area.area_id,
                area.name,
                area.kind,
                area.population,
                json.dumps(mapping(area.geometry), separators=(",", ":")),
                label.x,
                label.y,
                area.is_approximate,
                position,
            )
        )
    return _table(columns, rows)


def _place(settings: Settings) -> pa.Table:
    columns: Columns = [
        ("place_id", TEXT),
        ("place_name", TEXT),
        ("place_type", TEXT),
        ("publicness", TEXT),
        ("area_id", TEXT),
        ("latitude", NUMBER),
        ("longitude", NUMBER),
    ]
    rows = [
        (p.place_id, p.name, p.place_type, p.publicness, p.area_id, p.latitude, p.longitude)
        for p in settings.places.gazetteer
    ]
    return _table(columns, rows)


def _category(settings: Settings) -> pa.Table:
    columns: Columns = [
        ("category", TEXT),
        ("category_sv", TEXT),
        ("category_en", TEXT),
        ("counts_as", TEXT),
        ("severity_default", WHOLE),
        ("finest_precision", TEXT),
        ("family", TEXT),
    ]
    rows = [
        (c.code, c.sv, c.en, c.counts_as, c.severity, c.finest_precision, c.code.split(".")[0])
        for c in settings.categories.values()
    ]
    return _table(columns, rows)


def _action() -> pa.Table:
    """The coded actions in words, as the guard vocabulary has them: the only source that codes what was done."""
    with ACTIONS.open(encoding="utf-8", newline="") as lines:
        rows = [(row["action_taken"], row["sv"], row["en"]) for row in csv.DictReader(lines)]
    return _table([("action", TEXT), ("action_sv", TEXT), ("action_en", TEXT)], rows)


def _feed(settings: Settings) -> pa.Table:
    columns: Columns = [
        ("source_id", TEXT),
        ("kind", TEXT),
        ("role", TEXT),
        ("title_sv", TEXT),
        ("title_en", TEXT),
        ("owner_org", TEXT),
        ("purpose", TEXT),
        ("is_trend_source", YES_NO),
        ("expected_every_hours", NUMBER),
        ("late_after_hours", NUMBER),
        ("down_after_hours", NUMBER),
        ("expected_low", WHOLE),
        ("expected_high", WHOLE),
        ("expected_reason", TEXT),
        ("loss_after_hours", NUMBER),
        ("position", WHOLE),
        ("register", TEXT),
    ]
    rows = [
        (
            f.feed,
            f.kind,
            f.role,
            f.title_sv,
            f.title_en,
            f.owner_org,
            f.purpose,
            f.is_trend_source,
            f.every_hours,
            f.late_after_hours,
            f.down_after_hours,
            f.expected_low,
            f.expected_high,
            f.expected_reason,
            f.loss_after_hours,
            f.position,
            f.options.get("register") if f.role == "register" else WARNING_KINDS.get(f.kind),
        )
        for f in settings.feeds.values()
    ]
    return _table(columns, rows)


def _threshold(settings: Settings) -> pa.Table:
    columns: Columns = [
        ("name", TEXT),
        ("value", NUMBER),
        ("unit", TEXT),
        ("reason", TEXT),
        ("decided_day", pa.date32()),
    ]
    rows = [(t.name, t.value, t.unit, t.reason, t.decided) for t in settings.thresholds.values()]
    return _table(columns, rows)


def _owner(settings: Settings) -> pa.Table:
    columns: Columns = [("owner_id", TEXT), ("owner_name", TEXT), ("owner_role", TEXT), ("position", WHOLE)]
    rows = [(one.owner_id, one.name, one.role, position) for position, one in enumerate(settings.owners, 1)]
    return _table(columns, rows)


def _calendar_day(settings: Settings, moment: datetime) -> pa.Table:
    """The days around the moment, for the middle of the municipality's areas; without areas no sun is told."""
    from shapely import union_all

    from flows.calendar_days import calendar_days

    columns: Columns = [
        ("local_day", pa.date32()),
        ("holiday_sv", TEXT),
        ("holiday_en", TEXT),
        ("is_bank_day", YES_NO),
        ("is_pay_day", YES_NO),
        ("sunrise", TEXT),
        ("sunset", TEXT),
        ("dark_from", TEXT),
        ("dark_until", TEXT),
        ("light", TEXT),
    ]
    middle = union_all([area.geometry for area in settings.places.areas]).centroid
    if middle.is_empty:
        return _table(columns, [])
    today = moment.astimezone(settings.timezone).date()
    days = calendar_days(today, settings.timezone, middle.y, middle.x)
    return _table(columns, [tuple(getattr(day, name) for name, _ in columns) for day in days])


def _table(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    schema = pa.schema(columns)
    arrays = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(schema)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _code_version() -> str:
    try:
        return version("lagesbild")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+unknown"
