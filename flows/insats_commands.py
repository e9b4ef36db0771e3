"""What ``lagesbild insats add``, ``list`` and ``done`` do."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import DONE, opened, wait_of
from flows.console import Console, table
from flows.events import CHANGED, emit, feed_resource
from flows.insats import add_insats, change_insats, decisions_feed, insats_entries
from flows.insats_verbs import OPTIONS
from flows.settings import Settings
from flows.store import Run

#: What an insats that nothing more is expected of says.
_CLOSED = ("klar", "ej_genomford", "avbruten")


def insats(arguments: argparse.Namespace, console: Console) -> int:
    """Carry out the sub-verb."""
    return {"add": _add, "list": _list, "done": _done}[arguments.insats_verb](arguments, console)


def _add(arguments: argparse.Namespace, console: Console) -> int:
    settings, store = opened(arguments)
    run = Run.start()
    given = {name.replace("-", "_"): getattr(arguments, name.replace("-", "_")) for name in OPTIONS}
    values = {name: text for name, text in given.items() if text}
    values.setdefault("decided", run.now().astimezone(settings.timezone).date().isoformat())
    values |= {"problem": arguments.problem, "status": "planerad"}
    with store.writing("insats add", wait_of(arguments)):
        key = add_insats(store, settings, run, values)
    emit(CHANGED, feed_resource(decisions_feed(settings)), accepted=1)
    console.answer({"number": key})
    console.say(f"{key} är införd.")
    return DONE


def _done(arguments: argparse.Namespace, console: Console) -> int:
    settings, store = opened(arguments)
    given = {"status": arguments.status, "done": arguments.done, "outcome": arguments.outcome, "stop": arguments.stop}
    with store.writing("insats done", wait_of(arguments)):
        values = {name: text for name, text in given.items() if text}
        change_insats(store, settings, Run.start(), arguments.number, values)
    emit(CHANGED, feed_resource(decisions_feed(settings)), accepted=1)
    console.answer({"number": arguments.number, "status": arguments.status})
    console.say(f"{arguments.number}: {arguments.status}.")
    return DONE


def _list(arguments: argparse.Namespace, console: Console) -> int:
    settings, store = opened(arguments)
    entries = [row for row in insats_entries(store, settings) if arguments.all or row["insats_status"] not in _CLOSED]
    rows = [_shown(row, settings) for row in sorted(entries, key=_by_last_day)]
    console.answer({"insatser": rows})
    if not rows:
        console.say("inget")
    else:
        console.say(*table(rows, list(rows[0])))
    return DONE


def _by_last_day(row: dict[str, Any]) -> tuple[bool, Any, str]:
    return row["stop_day"] is None, row["stop_day"], row["entry_id"]


def _shown(row: dict[str, Any], settings: Settings) -> dict[str, Any]:
    places = {place.place_id: place.name for place in settings.places.gazetteer}
    areas = {area.area_id: area.name for area in settings.places.areas}
    owners = {owner.owner_id: owner.name for owner in settings.owners}
    return {
        "nummer": row["source_key"],
        "problem": row["problem"],
        "var": places.get(row["place_id"]) or areas.get(row["area_id"]) or "–",
        "vem": owners.get(row["owner_id"], "–"),
        "till": row["stop_day"].isoformat() if row["stop_day"] else "–",
        "status": row["insats_status"] or "okänd",
        "register": row["source_id"],
    }
