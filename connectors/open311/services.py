"""Which house category a service means: read from the feed's mapping, never guessed.

A mapping is TOML: ``[categories]`` gives a category by service code or name, ``[service_names]`` the official
name of each code, ``not_safety`` lists services that say nothing of crime, disorder or safety.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

KEYS = ("categories", "service_names", "not_safety")

#: The house's word for a source code no mapping knows.
UNKNOWN = "okand"


@dataclass(frozen=True)
class Service:
    """What the mapping says of a service. ``category`` is None for one that is no matter of safety."""

    name: str
    category: str | None


def check_mapping(mapping: Mapping[str, Any], categories: Collection[str]) -> list[str]:
    """The faults in a mapping, in plain words: unknown keys, wrong types, categories the house does not have."""
    faults = [f"{key}: no such key; known are {', '.join(KEYS)}" for key in sorted(set(mapping) - set(KEYS))]
    for table in ("categories", "service_names"):
        found = mapping.get(table, {})
        if not isinstance(found, Mapping) or not all(isinstance(value, str) for value in found.values()):
            faults.append(f"{table}: write a table of texts, [{table}]")
    skipped = mapping.get("not_safety", [])
    if not isinstance(skipped, list) or not all(isinstance(value, str) for value in skipped):
        faults.append('not_safety: write a list of service codes or names, ["HAL", …]')
    if faults:
        return faults
    wanted = mapping.get("categories", {})
    if not wanted:
        faults.append("categories: is empty; every request would become unknown")
    faults += [
        f"categories.{service}: {category} is no category of the house"
        for service, category in wanted.items()
        if category not in categories
    ]
    twice = {_folded(service) for service in wanted} & {_folded(service) for service in skipped}
    faults += [f"{service}: stands both in categories and in not_safety" for service in sorted(twice)]
    folded = [_folded(service) for service in wanted]
    faults += [
        f"categories.{service}: stands twice, apart from upper and lower case"
        for service in sorted({each for each in folded if folded.count(each) > 1})
    ]
    return faults


class Services:
    """The mapping as a question: what does this code and this name mean?"""

    def __init__(self, mapping: Mapping[str, Any] | None) -> None:
        given = mapping or {}
        names = given.get("service_names", {})
        wanted: dict[str, str | None] = dict(given.get("categories", {}))
        wanted.update(dict.fromkeys(given.get("not_safety", []), None))
        self._known = {
            _folded(service): Service(names.get(service, service), category) for service, category in wanted.items()
        }
        for code, name in names.items():  # whichever of the two the mapping speaks of, the other means the same
            service = self._known.get(_folded(code)) or self._known.get(_folded(name))
            if service is not None:
                for word in (code, name):
                    self._known.setdefault(_folded(word), Service(name, service.category))

    def find(self, code: str | None, name: str | None) -> Service | None:
        """The service with this code, else with this name; None where the mapping knows neither."""
        for word in (code, name):
            if word is not None and (service := self._known.get(_folded(word))) is not None:
                return service
        return None


def _folded(word: str) -> str:
    """Without surrounding blanks, double spaces and case."""
    return " ".join(word.split()).casefold()
