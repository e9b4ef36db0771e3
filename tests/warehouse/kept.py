"""A made-up town's rows in a lake that keeps what each report says now."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from tests.warehouse.rows import MOMENT, ZONE, Town, local
from warehouse.build import ATTEMPT, BuildInputs
from warehouse.contract import LAKE_TABLES
from warehouse.current import edition_of, heard_also, renewed
from warehouse.lake import Lake
from warehouse.manifest import FeedState, LakeFile, Manifest
from warehouse.present import present_of
from warehouse.waiting import Waiting

#: A category that is told of at municipality and week at the finest.
SENSITIVE = "vald.sexualbrott"


def read_in(lake: Lake, town: Town, nights: list[datetime]) -> Manifest:
    """The town's rows committed night by night: what came up to the first of ``nights``, to the second, and so on."""
    manifest, files, feeds = lake.manifest(), list[LakeFile](), dict[str, FeedState]()
    since = None
    for until in nights:
        for source in sorted({str(row["source_id"]) for rows in town.lake.values() for row in rows}):
            batch = f"{manifest.number + 1:06d}-night"
            tables = {
                name: pa.Table.from_pylist(
                    [r for r in rows if r["source_id"] == source and (not since or r["ingested_at"] > since)
                     and r["ingested_at"] <= until],
                    schema=LAKE_TABLES[name],
                )
                for name, rows in town.lake.items()
            }  # fmt: skip
            files = renewed(lake, source, files, Waiting(ZONE).with_also(tables["report_version"]), batch)
            files += lake.write_batch(source, batch, tables)
            state = feeds.get(source, FeedState(current=edition_of(ZONE)))
            feeds[source] = heard_also(state, tables["delivery"])
        manifest = lake.commit(
            manifest, files=files, feeds=feeds, written_at=until, run_id="r", code_version="0", what="night"
        )
        since = until
    return manifest


def inputs_of(lake: Lake, manifest: Manifest, town: Town) -> BuildInputs:
    """The inputs of a build over the lake, with what it keeps of the present moment (None where it may not be used)."""
    files = {name: lake.files(name, manifest) for name in LAKE_TABLES}
    present = present_of(lake, manifest, town.moment, town.previous_moment_at, ZONE)
    attempts = pa.Table.from_pylist(town.attempts, schema=ATTEMPT)
    return BuildInputs(files, town.config(), attempts, town.moment, None, present)


def lively_town(seed: int, count: int = 500) -> Town:
    """Three years of reports of every kind: edited, withdrawn, returned, told of ahead, late, without time or place."""
    dice, town = Random(seed), Town()
    for source in ("guard_a", "guard_b", "open311_town", "polisen_events"):
        town.heard(source, 371, dice.choice([0, 0, 3]))
        town.delivery(source, local(dice.randint(401, 1000)))
    for number in range(count):
        days = dice.choice([dice.randint(0, 12), dice.randint(0, 80), dice.randint(0, 420), dice.randint(0, 1000)])
        clock = f"{dice.randint(0, 23):02d}:{dice.choice([0, 5, 59]):02d}"
        event_at = local(days, clock)
        known_at = event_at + timedelta(hours=dice.choice([1, 1, 1, 30, 4000, -3, -700]))
        told: dict[str, Any] = {"source_id": dice.choice(["guard_a", "guard_b", "open311_town", "polisen_events"])}
        for version in range(1, dice.choice([2, 2, 2, 3, 4])):
            if known_at > MOMENT:
                break
            kind = "new" if version == 1 else dice.choice(["changed", "changed", "withdrawn"])
            if version > 1 and told["change_kind"] == "withdrawn":
                kind = "returned"
            first = told.get("first_seen_at", known_at)
            told |= {"version": version, "change_kind": kind, "ingested_at": known_at, "first_seen_at": first}
            told |= _said(dice, event_at)
            moved = timedelta(days=dice.choice([0, 0, 0, -40]))  # a correction may move the time
            town.report(str(number), event_at + moved if told.pop("event_at") else None, **told)
            known_at += timedelta(hours=dice.choice([2, 20, 2000]))
            if dice.random() < 0.2:  # corrected last night
                known_at = max(known_at, MOMENT - timedelta(hours=dice.randint(1, 20)))
    return town


def _said(dice: Random, event_at: datetime) -> dict[str, Any]:
    """What one version says, but for its text."""
    category = dice.choice(["skada.skadegorelse", "vald.misshandel", "vald.ran", "polisaktivitet.kontroll", SENSITIVE])
    precision = dice.choice(["minute", "minute", "hour", "day", "interval", "unknown"])
    said: dict[str, Any] = {
        "category": category, "occurred_precision": precision, "event_at": precision != "unknown",
        "occurred_until": event_at + timedelta(hours=dice.choice([1, 9])) if precision == "interval" else None,
        "reported_at": event_at + timedelta(minutes=7) if precision == "unknown" else None,
        "tlp": dice.choice(["TLP:GREEN"] * 30 + ["TLP:AMBER"]),
        "municipality_code": dice.choice(["9999", "9999", None, "1234"]),
        "dq_flags": dice.choice(["", "", "noise_change", "identity_break"]),
        "status": dice.choice([None, "open", "closed"]),
        "observation_type": dice.choice(["guard_report", "municipal_request"]),
    }  # fmt: skip
    nowhere = dict.fromkeys(("area_id", "place_id", "place_text", "place_type", "publicness"))
    said |= {**nowhere, "location_precision": "kommun"}
    area_id = dice.choice(["centrum", "norra", None]) if category != SENSITIVE else None
    if area_id:
        said |= {"area_id": area_id, "location_precision": "omrade"}
    if area_id == "centrum" and dice.random() < 0.5:
        said |= {"place_id": "torget", "place_text": "Torget", "place_type": "torg", "publicness": "public"}
        said |= {"location_precision": "plats"}
    return said
