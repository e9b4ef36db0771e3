"""``prefect.yaml`` filled in for one municipality: one deployment per job, and one per feed for ``collect``."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from flows.station import PROJECT, Station
from flows.store import code_version

if TYPE_CHECKING:
    from flows.settings import FeedSettings, Settings

#: A feed that is heard from once a month is still looked for every day: an empty look costs nothing, and a file that
#: was dropped while the watcher was down must not lie for weeks. Decided 2026-11-26.
LONGEST_RHYTHM_S = 24 * 3600

_PLACE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


def filled_in(settings: Settings, station: Station) -> dict[str, Any]:
    """``prefect.yaml`` with this municipality's names in it. Raises ValueError for a place nobody can fill.

    Every deployment carries as its version a hash of the whole, of the settings and of what makes the forms, so that a
    server can be asked whether it has these.
    """
    with (PROJECT / "prefect.yaml").open(encoding="utf-8") as file:
        plan = yaml.safe_load(file)
    names = {
        "settings": str(settings.folder),
        "data": str(station.store.folder),
        "project": str(PROJECT),
        "python": sys.executable,
    }
    deployments = []
    for deployment in plan["deployments"]:
        if _PLACE.fullmatch(deployment["name"]):
            deployments += [_filled(deployment, names | _of_feed(feed)) for feed in settings.feeds.values()]
        else:
            deployments.append(_filled(deployment, names))
    told = {key: _filled(plan[key], names) for key in ("name", "prefect-version", "pull", "automations")}
    forms = [Path(__file__).with_name(name).read_bytes() for name in ("form_words.csv", "forms.py")]
    version = hashlib.sha256(repr((code_version(), settings.digest(), forms, told, deployments)).encode()).hexdigest()
    return told | {"deployments": [deployment | {"version": version[:12]} for deployment in deployments]}


def _of_feed(feed: FeedSettings) -> dict[str, Any]:
    return {
        "feed": feed.feed,
        "title": feed.title_sv,
        "every_seconds": int(min(feed.every_hours * 3600, LONGEST_RHYTHM_S)),
        "minute": f"{7 * feed.position % 60:02d}",
    }


def _filled(value: Any, names: Mapping[str, Any]) -> Any:
    """The value with each ``{{ name }}`` replaced; one that stands alone keeps the type of what replaces it."""
    if isinstance(value, dict):
        return {key: _filled(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, names) for part in value]
    if not isinstance(value, str):
        return value
    alone = _PLACE.fullmatch(value)
    if alone and alone[1] in names:
        return names[alone[1]]

    def put(place: re.Match[str]) -> str:
        if place[1].startswith("event."):
            return place[0]
        if place[1] not in names:
            raise ValueError(f"prefect.yaml: nobody knows {place[0]}; there are: {', '.join(names)}")
        return str(names[place[1]])

    return _PLACE.sub(put, value)
