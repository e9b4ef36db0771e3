"""VMA in the shape Sveriges Radio's API gives them (v3; v2 in brackets of the tests), invented throughout."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit import Delivery, FeedContext, Municipality
from connectors.normalised import Normalised
from connectors.places import Places
from connectors.vma_alerts.connector import normalise

RECEIVED_AT = datetime(2026, 11, 23, 4, 50, tzinfo=UTC)
TOWN = Municipality("0199", "Lindby", "01", "Provlän")
FIRE = (
    "Viktigt meddelande till allmänheten i Lindby kommun, Provlän.\r\n\r\nDet brinner i en industribyggnad vid"
    " KANARIEFÅGEL med kraftig rökutveckling.\r\n\r\nRäddningsledaren uppmanar alla i området att gå inomhus och"
    " stänga dörrar, fönster och ventilation."
)


def context(**values: Any) -> FeedContext:
    given: dict[str, Any] = {
        "feed": "vma", "owner_org": "Sveriges Radio", "timezone": ZoneInfo("Europe/Stockholm"), "municipality": TOWN,
        "municipalities": (TOWN,), "categories": {}, "places": Places([], []), "tlp": "TLP:CLEAR",
    }  # fmt: skip
    return FeedContext(**given | values)


def place(code: str = "0199", name: str = "Lindby kommun (Provlän)", kind: str = "Kommun") -> dict[str, Any]:
    return {"areaDesc": name, "geocode": [{"valueName": kind, "value": code}]}


def info(*areas: dict[str, Any], **values: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "language": "sv-SE",
        "category": ["Safety"],
        "event": "Viktigt meddelande till allmänheten (VMA)",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "expires": "2026-11-23T18:00:00+01:00",
        "senderName": "Sveriges Radio",
        "description": FIRE,
        "web": "https://sverigesradio.se/artikel/vma-vad-ar-det",
        "area": list(areas) or [place()],
    }
    return {name: value for name, value in (whole | values).items() if value is not None}


def alert(number: str = "20261123041500I", **values: Any) -> dict[str, Any]:
    """One message; a value given as None is left out."""
    whole: dict[str, Any] = {
        "identifier": f"SRCAP{number}",
        "sender": "https://vmaapi.sr.se/api/v3",
        "sent": "2026-11-23T04:15:00+01:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
        "references": None,
        "incidents": f"SRVMA{number}",
        "info": [info()],
    }
    return {name: value for name, value in (whole | values).items() if value is not None}


def answered(*alerts: Any) -> dict[str, Any]:
    return {"timestamp": "2026-11-23T05:49:58+01:00", "alerts": list(alerts)}


def delivery(folder: Path, body: Any, nth: int = 0) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    sha256 = hashlib.sha256(raw).hexdigest()
    (folder / sha256).write_bytes(raw)
    return Delivery("vma", sha256, RECEIVED_AT + timedelta(hours=nth), "alerts.json", "run-1", folder / sha256)


def told(folder: Path, *bodies: Any) -> Normalised:
    return normalise([delivery(folder, body, n) for n, body in enumerate(bodies)], context(), None)


def rows(normalised: Normalised) -> list[dict[str, Any]]:
    assert normalised.told is not None
    found: list[dict[str, Any]] = normalised.told.rows.to_pylist()
    return found


def row(folder: Path, **values: Any) -> dict[str, Any]:
    (only,) = rows(told(folder, answered(alert(**values))))
    return only
