"""The form of a run in Prefect's console: in the coordinator's language, with this municipality's own areas and feeds.

Prefect makes a form out of each flow's parameters; here it is given titles, helping words, an order and choices. The
words stand in ``form_words.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.settings import Settings


#: What a field of a kind takes, beyond what Prefect itself asks of it: seconds, hours and counts are below 100,000.
_HELD_TO: dict[str | None, dict[str, Any]] = {
    "date": {"pattern": r"^\d{4}-\d{2}-\d{2}$"},
    # With its offset, as the console's own forms send it: no run need begin only to say that it is missing.
    "date-time": {"pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$"},
    "integer": {"minimum": 0, "maximum": 99_999},
    "number": {"minimum": 0, "maximum": 99_999},
}


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


def shaped(schema: dict[str, Any], settings: Settings, filled_in: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A flow's parameter schema as the form should be. Raises KeyError for a field that form_words.csv lacks.

    ``filled_in`` are the parameters the deployment has of itself: their fields take nothing else. Prefect keeps what is
    sent to it in clear and takes any text where a day is asked for, so days are held to their form, and numbers are too
    small for anybody's; a field that the flow does not have is refused, misspelt or not, before anything is kept.
    """
    schema = deepcopy(schema) | {"additionalProperties": False}
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
        for kind in field.get("anyOf", [field]):
            kind |= _HELD_TO.get(kind.get("format", kind.get("type")), {})
        if isinstance(given := (filled_in or {}).get(name), str):
            field.pop("anyOf", None)
            field |= {"type": "string", "enum": [given]}
    return schema
