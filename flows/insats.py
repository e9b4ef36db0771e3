"""Decisions told to the house itself: each is landed as a delivery of the register's own feed, so that it is journalled
and versioned like everything else. Call these holding the writer's lock: the next number is given under it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.kit import Delivery
from connectors.register_tabular.entries import read_entries
from connectors.register_tabular.fields import Register, register_of
from connectors.tabular import read_table
from flows.ingest import ingest_feed
from flows.opened import UsageError
from flows.store import Run, Store
from warehouse.contract import ALLOWED
from warehouse.register_versions import read_register_head

if TYPE_CHECKING:
    from flows.settings import Settings

REGISTER = "insats"
#: Numbers are given by year, as registers of decisions are kept: 2026-014.
_NUMBER = re.compile(r"\d{4}-(\d{3,})")


def decisions_feed(settings: Settings) -> str:
    """The feed that decisions are told to. Raises UsageError where the settings have none, or more than one."""
    found = [
        name
        for name, feed in settings.feeds.items()
        if feed.options.get("register") == REGISTER and feed.options.get("delivers") == "changes"
    ]
    if len(found) != 1:
        raise UsageError(
            f"{settings.id}: {len(found)} källor tar emot beslut. Låt en enda i feeds.toml ha"
            ' kind = "register_tabular" och options = { register = "insats", delivers = "changes" }.'
        )
    return found[0]


def insats_entries(store: Store, settings: Settings) -> list[dict[str, Any]]:
    """The insatser that stand in the lake, of every feed of the register, by feed and number."""
    feeds = [name for name, feed in settings.feeds.items() if feed.options.get("register") == REGISTER]
    manifest = store.lake.manifest()
    rows = [
        row
        for feed in feeds
        for row in read_register_head(REGISTER, store.lake.files(REGISTER, manifest, feed)).to_pylist()
    ]
    return [row for row in rows if row["change_kind"] != "withdrawn"]


def add_insats(store: Store, settings: Settings, run: Run, values: Mapping[str, str]) -> str:
    """Record a decision; ``values`` by field name (``fields.csv``), as anybody would write them. Returns its number.

    Raises UsageError, in Swedish, where a value cannot be read or is not on its list; nothing is landed then.
    """
    feed = decisions_feed(settings)
    ingest_feed(store, settings, feed, run)
    year = run.now().astimezone(settings.timezone).year
    numbers = [row["source_key"] for row in insats_entries(store, settings) if row["source_id"] == feed]
    taken = [int(match[1]) for key in numbers if key.startswith(f"{year}-") and (match := _NUMBER.fullmatch(key))]
    key = f"{year}-{max(taken, default=0) + 1:03d}"
    _land(store, settings, run, feed, "insats-add.csv", {**values, "key": key})
    return key


def change_insats(store: Store, settings: Settings, run: Run, key: str, values: Mapping[str, str]) -> None:
    """Tell what became of a decision: ``values`` replace what stood. Raises UsageError for an unknown number.

    An insats that stands in a register kept as a file is changed in that file: the next delivery of it would otherwise
    take the change back.
    """
    feed = decisions_feed(settings)
    ingest_feed(store, settings, feed, run)
    entries = insats_entries(store, settings)
    found = [row for row in entries if row["source_key"] == key and row["source_id"] == feed]
    if not found:
        if elsewhere := next((row for row in entries if row["source_key"] == key), None):
            title = settings.feeds[elsewhere["source_id"]].title_sv
            raise UsageError(f"{key} står i {title} ({elsewhere['source_id']}), som läses från fil: ändra den där.")
        known = ", ".join(sorted(row["source_key"] for row in entries if row["source_id"] == feed)) or "inga"
        raise UsageError(f"{key}: ingen insats med det numret. De som förs här: {known}.")
    _land(store, settings, run, feed, "insats-done.csv", {**_as_written(found[0], settings), "key": key, **values})


def _as_written(row: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """An entry as it would be written in the register again: codes and ids are spellings too."""
    names = {place.place_id: place.name for place in settings.places.gazetteer}
    written = {}
    for field in register_of(REGISTER, None).fields:
        value = row[field.column]
        if field.reads == "place":
            value = names.get(value)
        elif field.reads == "weekdays" and value:
            value = ",".join(_WEEKDAYS[int(day) - 1] for day in value.split(","))
        written[field.name] = "" if value is None else str(value)
    return written


_WEEKDAYS = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")


def _land(store: Store, settings: Settings, run: Run, feed: str, name: str, values: Mapping[str, str]) -> None:
    register = register_of(REGISTER, settings.feeds[feed].mapping)
    body = _file(register, values)
    received_at = run.now()
    digest = hashlib.sha256(body).hexdigest()
    delivery = Delivery(feed, digest, received_at, name, run.run_id, Path(name))
    entries = read_entries(delivery, read_table(body, register.table), register, settings.context(feed))
    faults = [_fault(one.reason, one.field, settings) for one in entries.rejects]
    faults += [_fault(one["notice"], one["field"], settings) for one in entries.notices]
    if faults:
        raise UsageError("inget fördes in: " + "; ".join(faults))
    store.landing.land(
        feed, body, received_at=received_at, landed_at=run.now(), name=name, run_id=run.run_id, media_type="text/csv"
    )
    ingest_feed(store, settings, feed, run)


def _file(register: Register, values: Mapping[str, str]) -> bytes:
    """A delivery of one row, under the headers the feed itself is read by."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=register.table.separator or ";", lineterminator="\r\n")
    writer.writerow([register.table.columns[field.name][0] for field in register.fields])
    # A cell is one line: a break in a text would be a new row to whoever opens the file.
    writer.writerow([" ".join(values.get(field.name, "").split()) for field in register.fields])
    return text.getvalue().encode(register.table.encoding or "utf-8-sig")


def _fault(reason: str, name: str | None, settings: Settings) -> str:
    """What is wrong with a field and what to write instead. What stood there is not repeated: it may be anything."""
    field = next((one for one in register_of(REGISTER, None).fields if one.name == name), None)
    what = field.headers[0] if field else str(name)
    if reason == "interval_backwards":
        return f"{what}: ligger före startdagen"
    if reason == "value_missing":
        return f"{what}: saknas"
    if field is None:
        return f"{what}: {reason}"
    if field.reads == "word":
        return f"{what}: okänt ord; skriv ett av {', '.join(sorted(ALLOWED[field.column]))}"
    if field.reads == "owner":
        return f"{what}: står inte i owners.csv; skriv ett av {', '.join(one.owner_id for one in settings.owners)}"
    hints = {
        "category": "ingen kategori i warehouse/categories.csv; skriv koden, som skada.klotter",
        "place": "ingen plats i places.csv; skriv namnet som det står där",
        "area": f"inget område; skriv ett av {', '.join(area.area_id for area in settings.places.areas)}",
        "day": "kan inte läsas; skriv en dag som 2026-10-16",
        "clock": "kan inte läsas; skriv ett klockslag som 21.00",
        "count": "kan inte läsas; skriv ett helt tal",
        "weekdays": "kan inte läsas; skriv dagar som fre-lör",
    }
    return f"{what}: {hints.get(field.reads, reason)}"
