"""The form of a run in Prefect's console: in the coordinator's language, with this municipality's own areas and feeds.

Prefect makes a form out of each flow's parameters; here it is given titles, helping words, an order and choices. The
words stand in ``form_words.csv``.
"""

from __future__ import annotations

import csv
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.settings import Settings


@cache
def form_words() -> dict[str, dict[str, str]]:
    """The words of each field, by the name of the flow's parameter."""
    with Path(__file__).with_name("form_words.csv").open(encoding="utf-8", newline="") as lines:
        return {row["field"]: row for row in csv.DictReader(lines)}


def _choices(settings: Settings) -> dict[str, list[str]]:
    """The fields that are chosen among the municipality's own names."""
    return {
        "feed": list(settings.feeds),
        "owner": [owner.owner_id for owner in settings.owners],
        "place": [place.place_id for place in settings.places.gazetteer if place.publicness != "private"],
        "area": [area.area_id for area in settings.places.areas],
        "category": [one.code for one in settings.categories.values() if one.counts_as in ("incident", "perception")],
    }


def shaped(schema: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """A flow's parameter schema as the form should be. Raises KeyError for a field that form_words.csv lacks."""
    schema = deepcopy(schema)
    for name, field in schema.get("properties", {}).items():
        words = form_words()[name]
        field["title"], field["description"] = words[f"title_{settings.language}"], words[f"help_{settings.language}"]
        field["position"] = int(words["position"])
        if name == "areas":
            areas = [area.area_id for area in settings.places.areas]
            field.pop("anyOf", None)
            field |= {"type": "array", "items": {"type": "string", "enum": areas}}
        if name in (choices := _choices(settings)):
            field.pop("anyOf", None)
            field |= {"type": "string", "enum": choices[name]}
    return schema
