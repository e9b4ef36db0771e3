"""The form by which the meeting records a decision. It asks for choices alone: Prefect keeps parameters in clear, so no
text of anybody's stands in them; the problem is worded from the type, the category and the place.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from prefect import flow

from flows.events import CHANGED, emit, feed_resource
from flows.insats import add_insats, decisions_feed
from flows.opened import open_house
from flows.settings import Settings
from flows.store import Run

Type = Literal["situationell", "social", "kontroll", "information"]


@flow(name="record_decision", log_prints=False)
def record_decision(
    insats_type: Type,
    category: str,
    owner: str,
    stop: date,
    settings: str,
    data: str | None = None,
    place: str | None = None,
    area: str | None = None,
    start: date | None = None,
    clock_from: int | None = None,
    clock_until: int | None = None,
    planned: int | None = None,
    unit: Literal["pass", "timme", "besok", "samtal", "atgard"] = "pass",
    wait_s: float = 60.0,
) -> str:
    """Record a decision as an insats and return its number.

    Raises flows.opened.UsageError where a value is not on its list; nothing is recorded then.

    Args:
        insats_type: What kind of insats.
        category: The category it is against, by its code.
        owner: Who owns it, by the id in owners.csv.
        stop: Its last day.
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        place: The place, by its id; or name an area.
        area: The area, by its id.
        start: Its first day; empty: today.
        clock_from: From what hour each day, 0 to 23.
        clock_until: Until what hour, 0 to 24; before the first one it is on the next day.
        planned: How much is planned.
        unit: What that is counted in.
        wait_s: How many seconds to wait for another run to finish writing.
    """
    read, store = open_house(settings, data)
    run = Run.start()
    today = run.now().astimezone(read.timezone).date()
    values = {
        "problem": _worded(read, insats_type, category),
        "type": insats_type,
        "category": category,
        "owner": owner,
        "place": next((one.name for one in read.places.gazetteer if one.place_id == place), place or ""),
        "area": area or "",
        "decided": today.isoformat(),
        "start": (start or today).isoformat(),
        "stop": stop.isoformat(),
        "clock_from": "" if clock_from is None else str(clock_from),
        "clock_until": "" if clock_until is None else str(clock_until),
        "planned": "" if planned is None else str(planned),
        "unit": "" if planned is None else unit,
        "status": "planerad",
    }
    with store.writing("record_decision", wait_s):
        key = add_insats(store, read, run, values)
    emit(CHANGED, feed_resource(decisions_feed(read)), accepted=1)
    return key


_AGAINST = {
    "situationell": "Situationell åtgärd mot",
    "social": "Social insats mot",
    "kontroll": "Kontroll mot",
    "information": "Information om",
}


def _worded(settings: Settings, insats_type: str, category: str) -> str:
    known = settings.categories.get(category)
    return f"{_AGAINST[insats_type]} {known.sv.lower() if known else category}"
