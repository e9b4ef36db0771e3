"""A made-up town with two square areas and a square, its feed, and requests in the shape servers send them."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shapely.geometry import box

from connectors.kit import Category, Delivery, FeedContext, Municipality
from connectors.normalised import Normalised
from connectors.open311.connector import normalise
from connectors.places import Area, NamedPlace, Places

PROJECT = Path(__file__).resolve().parents[3]
MAPPINGS = PROJECT / "connectors" / "open311" / "mappings"
CANARY = "KANARIEFÅGEL"
RECEIVED_AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)

PLACES = Places(
    [
        Area("L1", "Norra", "kommundel", 4_000, box(18.00, 59.10, 18.10, 59.20), False),
        Area("L2", "Södra", "kommundel", 3_000, box(18.00, 59.00, 18.10, 59.10), False),
    ],
    [NamedPlace("P1", "Stora torget", ("Torget",), "torg", "public", "L1", 59.15, 18.05)],
)


def categories() -> dict[str, Category]:
    with (PROJECT / "warehouse" / "categories.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Category(
                row["code"],
                row["sv"],
                row["en"],
                row["counts_as"],
                int(row["default_severity"]),
                row["max_location_precision"],
            )
            for row in csv.DictReader(file)
        }


def mapping(name: str) -> dict[str, Any]:
    return tomllib.loads((MAPPINGS / f"{name}.toml").read_text(encoding="utf-8"))


def context(options: Mapping[str, Any] | None = None, mapping_given: Mapping[str, Any] | None = None) -> FeedContext:
    town = Municipality("0199", "Lindby", "01", "Provlän")
    return FeedContext(
        feed="felanmalan",
        owner_org="Lindby kommun",
        timezone=ZoneInfo("Europe/Stockholm"),
        municipality=town,
        municipalities=(town,),
        categories=categories(),
        places=PLACES,
        options=options or {},
        mapping=mapping("felanmalan") if mapping_given is None else mapping_given,
    )


def request(**fields: Any) -> dict[str, Any]:
    """A request as a server sends it; a field given as None is left out."""
    whole = {
        "service_request_id": "17",
        "status": "open",
        "service_code": "BEL",
        "service_name": "Trasig belysning",
        "requested_datetime": "2026-11-20T18:30:00+01:00",
        "updated_datetime": "2026-11-21T08:00:00+01:00",
        "lat": 59.15,
        "long": 18.05,
    }
    return {name: value for name, value in (whole | fields).items() if value is not None}


def delivery(
    folder: Path, body: bytes | Sequence[Any], *, received_at: datetime = RECEIVED_AT, query: str | None = None
) -> Delivery:
    """A landed delivery of these bytes, or of these records as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(list(body), ensure_ascii=False).encode()
    sha = hashlib.sha256(raw).hexdigest()
    path = folder / sha
    path.write_bytes(raw)
    return Delivery("felanmalan", sha, received_at, "requests.json", "run-1", path, "application/json", query)


def of(folder: Path, *records: Any, options: dict[str, Any] | None = None) -> Normalised:
    return normalise([delivery(folder, records)], context(options), None)


def row(folder: Path, **fields: Any) -> dict[str, Any]:
    """The one row of a request with these fields."""
    rows: list[dict[str, Any]] = of(folder, request(**fields)).observations.to_pylist()
    assert len(rows) == 1
    return rows[0]


def notices(tables: Normalised) -> list[tuple[str, str | None, int]]:
    return [(n["notice"], n["field"], n["record_count"]) for n in tables.notices.to_pylist()]
