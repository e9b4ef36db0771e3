"""Where: the municipality and county a notice names, against the official list.

Since 2026-01-20 ``location.name`` is the county's name and only the title names the municipality; before that
both named it. The position sent along is the middle of one or the other, never where something happened, and
is not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from connectors.kit import Municipality
from connectors.polisen_events.title import tidy


class Whereabouts(NamedTuple):
    """What is known of the place. ``unknown`` are the fields whose word is on no list; ``flag`` goes into
    dq_flags."""

    municipality: Municipality | None
    county_code: str | None
    method: str  # location_method of the contract
    flag: str | None
    unknown: tuple[str, ...] = ()


class Gazetteer:
    """The official municipalities and counties by name, whatever the letters' case."""

    def __init__(self, municipalities: Iterable[Municipality]) -> None:
        listed = tuple(municipalities)
        self._municipalities = {m.name.casefold(): m for m in listed}
        self._counties = {m.county_name.casefold(): m.county_code for m in listed}
        sizes = Counter(m.county_code for m in listed)
        self._only = {m.county_code: m for m in listed if sizes[m.county_code] == 1}

    def locate(self, title_place: str, location_name: str | None) -> Whereabouts:
        """The place that title and location agree on; the municipality only from where it is named.

        The title decides. Where it is empty or on no list, the location stands in. Where the two contradict
        each other the municipality is unknown, and the county too unless both lie in it. A county with one
        municipality (Gotland) names that municipality.
        """
        named = tidy(location_name or "")
        title, title_county = self._look_up(title_place)
        location, location_county = self._look_up(named)
        unknown = tuple(
            field
            for field, word, county in (
                ("name", title_place, title_county),
                ("location.name", named, location_county),
            )
            if word and county is None
        )
        if title_county is None:
            flag = "place_unmapped" if title_place else "place_empty"
            method = "none" if location_county is None else "area_name"
            return Whereabouts(location, location_county, method, flag, unknown)
        if location_county is not None and location_county != title_county:
            return Whereabouts(None, None, "none", "place_conflict", unknown)
        if title and location and title != location:
            return Whereabouts(None, title_county, "title", "place_conflict", unknown)
        return Whereabouts(title, title_county, "title", None, unknown)

    def _look_up(self, word: str) -> tuple[Municipality | None, str | None]:
        """(municipality, county code) of a name; both None where it is on no list."""
        key = word.casefold()
        if municipality := self._municipalities.get(key):
            return municipality, municipality.county_code
        county = self._counties.get(key)
        return (self._only.get(county), county) if county else (None, None)
