"""Warnings in the shape SMHI's open data give them, invented throughout, and a town they may be for."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shapely.geometry import box

from connectors.kit import Delivery, FeedContext, Municipality
from connectors.normalised import Normalised
from connectors.places import Area, Places
from connectors.smhi_warnings.connector import normalise

RECEIVED_AT = datetime(2026, 11, 23, 4, 50, tzinfo=UTC)
TOWN = Municipality("0199", "Lindby", "01", "Provlän")
PLACES = Places(
    [
        Area("norra", "Norra", "kommundel", 4_000, box(18.00, 59.10, 18.10, 59.20), False),
        Area("sodra", "Södra", "kommundel", 3_000, box(18.00, 59.00, 18.10, 59.10), False),
    ],
    [],
)
COUNTY = [[17.5, 58.8], [18.5, 58.8], [18.5, 59.5], [17.5, 59.5], [17.5, 58.8]]


def context(**values: Any) -> FeedContext:
    given: dict[str, Any] = {
        "feed": "smhi", "owner_org": "SMHI", "timezone": ZoneInfo("Europe/Stockholm"), "municipality": TOWN,
        "municipalities": (TOWN,), "categories": {}, "places": PLACES, "tlp": "TLP:CLEAR",
    }  # fmt: skip
    return FeedContext(**given | values)


def drawn(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}}


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return drawn("Polygon", [[[west, south], [east, south], [east, north], [west, north], [west, south]]])


def area(number: int = 9_668, **values: Any) -> dict[str, Any]:
    """One area of a warning; a value given as None is left out."""
    whole: dict[str, Any] = {
        "id": number,
        "approximateStart": "2026-11-23T11:00:00.000Z",
        "approximateEnd": "2026-11-24T05:00:00.000Z",
        "published": "2026-11-22T13:30:11.376Z",
        "normalProbability": True,
        "areaName": {"sv": "Provlän", "en": "Prov County"},
        "warningLevel": {"sv": "Gul", "en": "Yellow", "code": "YELLOW"},
        "eventDescription": {"sv": "Snöfall", "en": "Snowfall", "code": "SNOW"},
        "affectedAreas": [{"id": 1, "sv": "Provlän", "en": "Prov County"}],
        "descriptions": [
            {
                "title": {"sv": "Vad händer", "en": "What happens", "code": "HAPPENS"},
                "text": {"sv": "KANARIEFÅGEL 5 till 10 cm snö.", "en": "KANARIEFÅGEL 5 to 10 cm of snow."},
            }
        ],
        "area": drawn("Polygon", [COUNTY]),
    }
    return {name: value for name, value in (whole | values).items() if value is not None}


def warning(*areas: Any, number: Any = 3_049, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "normalProbability": True,
        "event": {
            "sv": "Snöfall",
            "en": "Snowfall",
            "code": "SNOW",
            "mhoClassification": {"sv": "Meteorologi", "en": "Meteorology", "code": "MET"},
        },
        "descriptions": [],
        "warningAreas": list(areas),
    } | values


def delivery(folder: Path, body: Any, nth: int = 0, feed: str = "smhi") -> Delivery:
    """A landed answer: these bytes, or this as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    sha256 = hashlib.sha256(raw).hexdigest()
    (folder / sha256).write_bytes(raw)
    return Delivery(feed, sha256, RECEIVED_AT + timedelta(hours=nth), "warning.json", "run-1", folder / sha256)


def told(folder: Path, *bodies: Any, town: FeedContext | None = None) -> Normalised:
    return normalise([delivery(folder, body, n) for n, body in enumerate(bodies)], town or context(), None)


def rows(normalised: Normalised) -> list[dict[str, Any]]:
    assert normalised.told is not None
    found: list[dict[str, Any]] = normalised.told.rows.to_pylist()
    return found


def row(folder: Path, **values: Any) -> dict[str, Any]:
    """The one entry of an area with these values."""
    (only,) = rows(told(folder, [warning(area(**values))]))
    return only


def reasons(normalised: Normalised) -> list[tuple[int | None, str]]:
    return [(one["record_number"], one["reason"]) for one in normalised.rejects.to_pylist()]


def notices(normalised: Normalised) -> list[tuple[str, str, int]]:
    return [(one["notice"], one["field"], one["record_count"]) for one in normalised.notices.to_pylist()]
