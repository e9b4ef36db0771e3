"""A made-up police feed of twelve notices, shaped like the real one, and the reader of its windows."""

from __future__ import annotations

import copy
import csv
import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit import Category, Delivery, FeedContext, Municipality
from connectors.normalised import Normalised
from connectors.places import Places
from connectors.polisen_events.connector import normalise

PROJECT = Path(__file__).resolve().parents[3]

#: When the first made-up window is received; the others follow by the minute.
START = datetime(2026, 8, 21, 12, 0, tzinfo=UTC)

#: A made-up feed is small.
SMALL = {"window_length": 12, "minimum_types": 4, "minimum_overlap": 0.5}

_TYPES = ("Brand", "Misshandel", "Stöld", "Trafikolycka, personskada")


def notice(id: int, /, **changes: Any) -> dict[str, Any]:
    """One made-up notice; ``changes`` replace fields, ``location_name`` that of the location."""
    type_ = changes.get("type", _TYPES[id % 4])
    county = changes.pop("location_name", "Stockholms län")
    entry = {
        "id": id,
        "datetime": "2026-08-21 8:05:10 +02:00",
        "name": f"21 augusti 07.{id % 60:02d}, {type_}, Haninge",
        "summary": f"Påhittad notis {'abcdefghijklmnopqrstuvwxyz'[id % 26]}.",
        "url": f"/aktuellt/handelser/{id}/",
        "type": type_,
        "location": {"name": county, "gps": "59.1,18.1"},
    }
    return {**entry, **changes}


def window(*ids: int, **changes: Any) -> list[dict[str, Any]]:
    """A window of made-up notices, all with the same ``changes``."""
    return [notice(id, **copy.deepcopy(changes)) for id in ids]


class Police:
    """Lands bodies and reads them, as the pipeline would."""

    def __init__(self, folder: Path, places: Places) -> None:
        self.folder = folder
        self._places = places
        with (PROJECT / "connectors" / "municipalities.csv").open(encoding="utf-8", newline="") as lines:
            self.municipalities = tuple(
                Municipality(
                    line["municipality_code"], line["municipality_name"], line["county_code"], line["county_name"]
                )
                for line in csv.DictReader(lines)
            )
        with (PROJECT / "warehouse" / "categories.csv").open(encoding="utf-8", newline="") as lines:
            self.categories = {
                line["code"]: Category(
                    line["code"],
                    line["sv"],
                    line["en"],
                    line["counts_as"],
                    int(line["default_severity"]),
                    line["max_location_precision"],
                )
                for line in csv.DictReader(lines)
            }

    def context(self, **options: Any) -> FeedContext:
        return FeedContext(
            feed="polisen_events",
            owner_org="Polismyndigheten",
            timezone=ZoneInfo("Europe/Stockholm"),
            municipality=next(m for m in self.municipalities if m.name == "Haninge"),
            municipalities=self.municipalities,
            categories=self.categories,
            places=self._places,
            options=options,
        )

    def land(self, body: bytes | list[Any], minute: float = 0, *, at: datetime | None = None) -> Delivery:
        """A delivery of ``body`` (a list is sent as JSON), ``minute`` minutes after START."""
        sent = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        digest = hashlib.sha256(sent).hexdigest()
        path = self.folder / digest
        path.write_bytes(sent)
        received_at = at or START + timedelta(minutes=minute)
        return Delivery("polisen_events", digest, received_at, f"{received_at:%H%M%S}.json", "run-1", path)

    def archive(self, folder: Path) -> list[Delivery]:
        """The recorded answers in ``folder``, in the order they were received."""
        deliveries = []
        for path in sorted(folder.glob("*.json.gz")):
            at = datetime.strptime(path.name[:18], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
            deliveries.append(self.land(gzip.decompress(path.read_bytes()), at=at))
        return deliveries

    def read(self, *bodies: bytes | list[Any], previous: Delivery | None = None, **options: Any) -> Normalised:
        """What made-up windows, received minute by minute, become; the options suit twelve notices."""
        deliveries = [self.land(body, minute) for minute, body in enumerate(bodies)]
        return normalise(deliveries, self.context(**{**SMALL, **options}), previous)

    def row(self, **changes: Any) -> dict[str, Any]:
        """The row of one notice with ``changes``, read in a window of its own that came long after all of them."""
        late = START + timedelta(days=366)
        tables = normalise(
            [self.land([notice(1, **changes)], at=late)], self.context(window_length=1, minimum_types=0), None
        )
        (row,) = tables.observations.to_pylist()
        return row


def rows_of(tables: Normalised) -> list[dict[str, Any]]:
    return tables.observations.to_pylist()


def withdrawn(tables: Normalised) -> Sequence[str]:
    return [row["source_key"] for row in rows_of(tables) if row["observation"] == "withdrawn"]
