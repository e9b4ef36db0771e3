"""What a line of the landing zone's journal may say: what came, what was tried, what was erased."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

from warehouse.contract import INSTANT
from warehouse.trail import AFTER

#: What happened when a feed was asked: one row per attempt, made from the journal for the build.
ATTEMPT = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("started_at", INSTANT, nullable=False),
        pa.field("ended_at", INSTANT, nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("cause", pa.string()),
        pa.field("http_status", pa.int32()),
        pa.field("delivery_count", pa.int32(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Landed:
    """One delivery in the journal."""

    seq: int
    feed: str
    sha256: str
    size: int  # bytes
    received_at: datetime  # UTC: our clock, or for an archive the time the archive states
    landed_at: datetime  # UTC: our clock
    name: str
    run_id: str
    media_type: str | None = None
    query: str | None = None
    sender_mtime: float | None = None  # seconds; tells a file sent again from one that just lies there


@dataclass(frozen=True)
class Attempt:
    """One try to hear from a feed, whatever came of it."""

    seq: int
    feed: str
    run_id: str
    started_at: datetime
    ended_at: datetime
    status: Literal["ok", "nothing_new", "failed", "skipped"]
    cause: str | None = None
    http_status: int | None = None
    delivery_count: int = 0
    detail: str | None = None  # what the operator may read; never payload


@dataclass(frozen=True)
class Erasure:
    """A landed object whose withdrawn texts were taken out; the lake is rebuilt from ``replaced_by``."""

    seq: int
    feed: str
    sha256: str
    replaced_by: str
    erased_at: datetime
    text_count: int


@dataclass(frozen=True)
class Removal:
    """A delivery whose landed bytes were erased since their time was out; what the lake made of it stands."""

    seq: int
    feed: str
    sha256: str
    received_at: datetime
    removed_at: datetime


def stood_for(sha256: str, erasures: Mapping[str, str]) -> list[str]:
    """The object as sent and what took its place, one after the other (``Landing.erasures``); the last one stands."""
    found = [sha256]
    while (sha256 := erasures.get(sha256, "")) and sha256 not in found:
        found.append(sha256)
    return found


Entry = Landed | Attempt | Erasure | Removal
KINDS: dict[str, type[Entry]] = {"delivery": Landed, "attempt": Attempt, "erasure": Erasure, "removal": Removal}


def values_of(kind: str, entry: Entry) -> dict[str, Any]:
    """An entry as its line says it."""
    return {"kind": kind, **_to_json(entry)}


def _to_json(entry: Entry) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in vars(entry).items()  # flat; asdict would copy each value deeply
        if value is not None
    }


def parse(line: bytes) -> Entry | None:
    """The entry of one journal line, or None where the line is torn or of a kind this version does not know."""
    try:
        values = json.loads(line)
        values.pop(AFTER, None)
        kind = KINDS[values.pop("kind")]
        for key in values:
            if key.endswith("_at"):
                values[key] = datetime.fromisoformat(values[key])
        return kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
