"""SMHI's impact-based weather warnings → entries of the register ``weather_warning``. Terms, traps, limits: SOURCE.md.

A warning is out for one or more areas, each with its own level and time: the area is the record. What is written about
it stays in the landing zone; out of it come the event's name, the level, the time, and which of our areas it meets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.areas import areas_met
from connectors.http_rate import RateRules
from connectors.kit import Delivery, DeliveryError, FeedContext, Fetched, source_key
from connectors.normalised import Normalised
from connectors.pii import scrub
from connectors.registers import Doubts, Record, Told, instant_in, mapping_of, text_of, told_of, told_records
from connectors.strict_json import decode

if TYPE_CHECKING:
    from connectors.http import HttpClient

__all__ = ["check_options", "fetch", "normalise"]

#: SMHI states no limit that we know of. Ours: twelve calls an hour, never two in a minute. Decided 2026-11-26.
RULES = RateRules(min_interval_s=60, per_hour=12, per_day=288)

LEVELS = {"MESSAGE": "meddelande", "YELLOW": "gul", "ORANGE": "orange", "RED": "rod"}

#: Letters of a name that leave: "Medelvind till havs" has 19, a list of five counties 110. Decided 2026-11-26.
NAME_CAP = 160
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,59}")
#: SMHI's test warnings, which have the form of real ones, open their texts so. No real warning's place begins with it.
_TEST = re.compile(r"TEST", re.IGNORECASE)
#: Numbers of affectedAreas up to this are the county codes; above it are sea areas and the great lakes.
LAST_COUNTY = 25

#: What is read of a record; anything else is noticed once, by its name's fingerprint.
_WARNING_FIELDS = frozenset({"id", "normalProbability", "event", "descriptions", "warningAreas"})
_AREA_FIELDS = frozenset(
    {"id", "approximateStart", "approximateEnd", "published", "normalProbability", "areaName", "warningLevel"}
    | {"eventDescription", "affectedAreas", "descriptions", "area", "created", "pushNotice"}
)


def check_options(options: Mapping[str, Any]) -> list[str]:
    """The faults in the feed's options: it has none to set."""
    return [f"{key}: unknown option; this kind has none" for key in sorted(options)]


def fetch(context: FeedContext, client: HttpClient, url: str, since: datetime | None) -> list[Fetched]:
    """All warnings that are out, in one answer. Raises FeedDown from the client."""
    answer = client.get(url, rules=RULES, feed=context.feed, may_be_kept=True)
    name = f"warning-{answer.received_at:%Y-%m-%dT%H%M%SZ}.json"
    return [Fetched(answer.body, answer.received_at, name, answer.media_type)]


def normalise(deliveries: Sequence[Delivery], context: FeedContext, previous: Delivery | None) -> Normalised:
    """The warnings as the deliveries tell them. Raises ValueError where options have faults.

    Each answer is whole: a warning that it does not tell has ended or was cancelled. An answer that is no list, or of
    whose warnings none can be read, is quarantined and ends nothing.
    """
    if faults := check_options(context.options):
        raise ValueError(f"feed {context.feed}: " + "; ".join(faults))
    return told_of("weather_warning", deliveries, context, partial(_read, context=context), is_whole=True)


def _read(delivery: Delivery, context: FeedContext) -> Told:
    answer = decode(delivery.body())
    if not isinstance(answer, list):
        raise DeliveryError("no_list", "the answer is JSON but no list of warnings")
    return told_records(delivery, context, _records(answer), partial(_entry, context=context))


def _records(answer: list[Any]) -> Iterator[Record]:
    """A record for every area of every warning, and one for a warning that names none."""
    for warning in answer:
        if not isinstance(warning, dict):
            yield Record(None, ("not_an_object", "warning", "a warning is no object"), None)
            continue
        areas = warning.get("warningAreas")
        if not isinstance(areas, list) or not areas:
            yield Record(_key(warning, None), ("no_areas", "warningAreas", "the warning names no area"), None)
            continue
        event, new_fields = warning.get("event"), sorted(set(warning) - _WARNING_FIELDS)
        for area in areas:
            if isinstance(area, dict):
                yield Record(_key(warning, area), None, [event, new_fields, area])
            else:
                yield Record(None, ("not_an_object", "warningAreas", "a warning's area is no object"), None)


def _key(warning: Mapping[str, Any], area: Mapping[str, Any] | None) -> str | None:
    numbers = [mapping_of(one).get("id") for one in (warning, area)]
    words = [str(one) for one in numbers if isinstance(one, int | str) and not isinstance(one, bool) and str(one)]
    # Each by itself: two numbers joined are not seen to hold a person's.
    return "-".join(map(source_key, words)) if len(words) == len(numbers) else None


def _entry(said: list[Any], number: int, doubts: Doubts, context: FeedContext) -> dict[str, Any]:
    told_event, new_fields, area = said
    flags: set[str] = set()
    for name in [*new_fields, *sorted(set(area) - _AREA_FIELDS)]:
        doubts.add("new_field", "warningAreas", number, word=name)
    level = text_of(mapping_of(area.get("warningLevel")).get("code"))
    if level is None or level.upper() not in LEVELS:
        doubts.add("unmapped_word", "warningLevel", number, word=level or "")
        flags.add("level_unknown")
    event, described = mapping_of(told_event), mapping_of(area.get("eventDescription"))
    code = text_of(event.get("code"))
    names = {language: text_of(described.get(language)) or text_of(event.get(language)) for language in ("sv", "en")}
    if names["sv"] is None and names["en"] is None:
        doubts.add("value_missing", "event", number)
        flags.add("event_unknown")
    place = {language: text_of(mapping_of(area.get("areaName")).get(language)) for language in ("sv", "en")}
    start, end, published = (
        instant_in(area, name, number, doubts, flags) for name in ("approximateStart", "approximateEnd", "published")
    )
    if start and end and end < start:
        doubts.add("interval_backwards", "approximateEnd", number)
        flags.add("approximateEnd_unreadable")
        end = None
    reach, area_ids = _reach(area, number, context, doubts, flags)
    texts = [text for text in (*names.values(), *place.values()) if text]
    return {
        "event_code": code if code and _CODE.fullmatch(code) and not scrub(code)[1] else None,
        "event_sv": _out(names["sv"] or names["en"]),
        "event_en": _out(names["en"] or names["sv"]),
        "warning_level": LEVELS.get((level or "").upper()),
        "warned_area_sv": _out(place["sv"] or place["en"]),
        "warned_area_en": _out(place["en"] or place["sv"]),
        "reach": reach,
        "area_ids": ",".join(area_ids),
        "warned_from": start,
        "warned_until": end,
        "published_at": published,
        "is_test": any(_TEST.match(text) for text in texts),
        "pii_flags": ",".join(sorted({kind for text in texts for kind in scrub(text)[1].split(",") if kind})),
        "dq_flags": ",".join(sorted(flags)),
    }


def _reach(
    area: Mapping[str, Any], number: int, context: FeedContext, doubts: Doubts, flags: set[str]
) -> tuple[str, list[str]]:
    """Whom it is for, and which of our areas it meets.

    What is drawn decides. Neighbours' borders are drawn by other hands than ours, so where the record names counties
    ours must be among them. Where nothing is drawn that can be read, the county is as near as can be told.
    """
    affected = area.get("affectedAreas")
    ids = [mapping_of(one).get("id") for one in affected] if isinstance(affected, list) else []
    ours = int(context.municipality.county_code)
    numbers = {one for one in ids if isinstance(one, int) and not isinstance(one, bool)}
    counties = {one for one in numbers if 1 <= one <= LAST_COUNTY or one == ours}
    is_ours = ours in counties
    met, is_mended = areas_met(context.places.areas, area.get("area"))
    if is_mended:
        doubts.add("geometry_mended", "area", number)
        flags.add("geometry_mended")
    if met is None:
        doubts.add("value_unreadable", "area", number)
        flags.add("geometry_unreadable")
        return ("lan" if is_ours else "annat"), []
    if met and (is_ours or not counties):
        return "kommun", met
    return "annat", []


def _out(name: str | None) -> str | None:
    """A name that may leave: scrubbed, and then cut."""
    return scrub(name)[0][:NAME_CAP] if name else None
