"""The feed's own settings and what they may be. All may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OPTIONS: Mapping[str, Any] = {
    "form": "json",  # or "xml": which of the two the server does well
    "window_by": "requested",  # or "updated", where the server has updated_after: then no change is missed
    "window_days": 7,  # read again this far back, since a request's status changes after it was made
    "jurisdiction_id": "",  # for servers that hold several municipalities
    "page_size": 0,  # 0: the server does not page
    "page_cap": 50,  # pages a window at most: a server whose pages never end is not read for ever
    "record_cap": 1_000,  # GeoReport v2: at most 1,000 requests an answer
    "allow_empty": True,  # a night without a request is news, not a fault
    "points_are_public": True,  # requests concern streets, parks and squares
    # No published rule holds for all servers: one call a second is what the common ones ask of their callers.
    "min_interval_s": 1.0,
    "per_hour": 1_200,
    "per_day": 10_000,
}

WORDS = {"form": ("json", "xml"), "window_by": ("requested", "updated")}

#: Whole-number options and the numbers allowed.
NUMBERS = {
    "window_days": (1, 90),
    "page_size": (0, 1_000),
    "page_cap": (1, 1_000),
    "record_cap": (1, 100_000),
    "per_hour": (1, 3_600),
    "per_day": (1, 86_400),
}


def check_options(options: Mapping[str, Any]) -> list[str]:
    """The faults in a feed's options, in plain words."""
    known = ", ".join(OPTIONS)
    faults = [f"{name}: no such option; known are {known}" for name in sorted(set(options) - set(OPTIONS))]
    given = {**OPTIONS, **options}
    for name, words in WORDS.items():
        if given[name] not in words:
            faults.append(f"{name}: write one of {', '.join(words)}")
    for name, (least, most) in NUMBERS.items():
        value = given[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            faults.append(f"{name}: give a whole number from {least} to {most}")
    if not faults and 0 < given["page_size"] * given["page_cap"] < given["record_cap"]:
        faults.append(
            "page_cap: page_size × page_cap must reach record_cap; else the pages of a long outage end before a full"
            " window is noticed and halved"
        )
    interval = given["min_interval_s"]
    if not isinstance(interval, int | float) or isinstance(interval, bool) or not 0 <= interval <= 3_600:
        faults.append("min_interval_s: give a number of seconds from 0 to 3600")
    for name in ("allow_empty", "points_are_public"):
        if not isinstance(given[name], bool):
            faults.append(f"{name}: write true or false")
    if not isinstance(given["jurisdiction_id"], str):
        faults.append('jurisdiction_id: write a text, "example.se"')
    return faults
