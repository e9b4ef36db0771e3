"""What can be wrong in a company's mapping, found all at once and said in plain words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from connectors.guard_tabular.moments import format_faults
from connectors.places import GRIDS
from connectors.tabular import ENCODINGS, SEPARATORS, folded
from warehouse.contract import ALLOWED

#: The fields a column may serve.
FIELDS = frozenset(
    {
        *("id", "category", "category_code", "action", "status", "police", "police_reference", "quantity"),
        *("date", "date_until", "time", "time_until", "moment", "moment_until", "interval", "reported", "closed"),
        *("place", "area", "latitude", "longitude", "northing", "easting"),
    }
)

#: Fields that can say when something happened, one of which a mapping must have.
DATING_FIELDS = ("interval", "moment", "date", "reported")

_TEXT, _FLAG, _LIST, _NUMBER = "a text", "true or false", "a list of texts", "a number"

#: Section → key → type, for sections with fixed keys; the others hold the company's own words.
SECTIONS: dict[str, dict[str, str]] = {
    "format": {
        "kind": _TEXT,
        "encoding": _TEXT,
        "separator": _TEXT,
        "quote": _TEXT,
        "sheet": _TEXT,
        "decimal_comma": _FLAG,
        "allow_empty": _FLAG,
        "list_separator": _TEXT,
        "category_separator": _TEXT,
    },
    "columns": dict.fromkeys([*FIELDS, "ignored"], _LIST),
    "optional": {"columns": _LIST},
    "identity": {"placeholders": _LIST, "natural_key": _LIST},
    "time": {
        "date_formats": _LIST,
        "time_formats": _LIST,
        "moment_formats": _LIST,
        "joining_words": _LIST,
        "unknown_words": _LIST,
        "timezone": _TEXT,
        "night_shift_until": _TEXT,
    },
    "place": {"crs": _TEXT, "points_are_public": _FLAG, "within_municipality": _FLAG},
    "coverage": {"days": _NUMBER},
    "limits": {"reject_share": _NUMBER},
    "police": {"yes": _LIST, "no": _LIST, "blank_is_no": _FLAG},
    "status": {"open": _LIST, "closed": _LIST},
    "sensitive": dict.fromkeys(FIELDS, _LIST),
    "withdrawn": dict.fromkeys(FIELDS, _LIST),
}

#: Sections of word → code.
_CODED = ("category", "category_code", "action")

_REASON = re.compile(r"[a-z][a-z_]{2,39}")


def find_faults(mapping: Mapping[str, Any], categories: Collection[str], actions: Collection[str]) -> list[str]:
    """All faults of ``mapping``; ``categories`` and ``actions`` are the codes its words may stand for."""
    faults = list(_shape_faults(mapping))
    if faults:
        return faults  # the rest reads values whose types are wrong
    faults += _format_faults(mapping.get("format", {}))
    faults += _column_faults(mapping)
    faults += _time_faults(mapping)
    faults += _word_faults(mapping, categories, actions)
    return faults


def _shape_faults(mapping: Mapping[str, Any]) -> Iterator[str]:
    known = {"company", "observation_type", "refused", *SECTIONS, *_CODED}
    for key in sorted(set(mapping) - known):
        yield f"{key}: unknown section; known are {', '.join(sorted(known))}"
    for key in ("company", "observation_type"):
        if not isinstance(mapping.get(key, ""), str):
            yield f"{key}: must be {_TEXT}"
    for section in sorted({*SECTIONS, *_CODED, "refused"} & set(mapping)):
        if not isinstance(mapping[section], Mapping):
            yield f"{section}: must be a section, [{section}]"
        elif section in SECTIONS:
            yield from _key_faults(section, mapping[section], SECTIONS[section])
        elif section in _CODED:
            for word, code in mapping[section].items():
                if not isinstance(code, str):
                    yield f"{section}.{word!r}: must be a code as text"
        else:
            for reason, lists in mapping[section].items():
                if not _REASON.fullmatch(reason):
                    yield f"refused.{reason}: the reason must be one word of snake_case"
                if not isinstance(lists, Mapping):
                    yield f"refused.{reason}: must be a section with lists of words per column"
                else:
                    yield from _key_faults(f"refused.{reason}", lists, dict.fromkeys(FIELDS, _LIST))
    if not mapping.get("columns"):
        yield "columns: is missing; without it no column means anything"


def _key_faults(section: str, values: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    for key, value in values.items():
        wanted = known.get(key)
        if wanted is None:
            yield f"{section}.{key}: unknown key; known are {', '.join(sorted(known))}"
        elif not _is(value, wanted):
            hint = "; a box that is ticked or blank is blank_is_no = true" if section == "police" else ""
            yield f"{section}.{key}: must be {wanted}{', none of them empty' if wanted == _LIST else ''}{hint}"


def _is(value: Any, wanted: str) -> bool:
    if wanted == _LIST:
        return isinstance(value, list) and all(isinstance(item, str) and folded(item) for item in value)
    if wanted == _FLAG:
        return isinstance(value, bool)
    if wanted == _NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _format_faults(form: Mapping[str, Any]) -> Iterator[str]:
    if form.get("kind", "csv") not in ("csv", "xlsx"):
        yield "format.kind: must be csv or xlsx"
    if form.get("encoding", "utf-8") not in ENCODINGS:
        yield f"format.encoding: must be one of {', '.join(ENCODINGS)}"
    if form.get("separator", ";") not in SEPARATORS:
        yield "format.separator: must be one of ; , tab |"
    if len(form.get("quote", '"')) > 1:
        yield "format.quote: must be one character, or empty where the company never quotes"
    for key in ("list_separator", "category_separator"):
        if not form.get(key, "-").strip():
            yield f"format.{key}: must hold a character that is not white space"


def _column_faults(mapping: Mapping[str, Any]) -> Iterator[str]:
    columns = mapping["columns"]
    owners: dict[str, str] = {}
    for name, headers in columns.items():
        for header in headers:
            owner = owners.setdefault(folded(header), name)
            if owner != name:
                yield f"columns.{name}: header {header!r} already stands under {owner}"
    for name in columns.keys() & FIELDS:
        if not columns[name]:
            yield f"columns.{name}: needs at least one header"
    if "category" not in columns and "category_code" not in columns:
        yield "columns.category: is missing; every record needs a word or code for what happened"
    if not set(DATING_FIELDS) & set(columns):
        yield f"columns: one of {', '.join(DATING_FIELDS)} must say when"
    dating = [name for name in ("interval", "moment", "date") if name in columns]
    if len(dating) > 1:
        yield f"columns: {' and '.join(dating)} both say when it happened; keep one"
    if "time" in columns and "date" not in columns:
        yield "columns.time: needs a date column beside it"
    for pair in (("latitude", "longitude"), ("northing", "easting")):
        if len(set(pair) & set(columns)) == 1:
            yield f"columns: {pair[0]} and {pair[1]} go together"
    crs = mapping.get("place", {}).get("crs", "wgs84")
    if crs != "wgs84" and crs not in GRIDS:
        yield f"place.crs: must be one of wgs84, {', '.join(GRIDS)}"
    elif ("northing" if crs == "wgs84" else "latitude") in columns:
        yield f"place.crs: {crs} does not go with the coordinate columns named"
    natural = mapping.get("identity", {}).get("natural_key", [])
    for name in [*natural, *mapping.get("optional", {}).get("columns", [])]:
        if name not in columns or name not in FIELDS:
            yield f"identity.natural_key or optional.columns: {name} is no field under columns"
    if not natural:
        yield "identity.natural_key: is missing; it identifies the records that come without a number"
    for section in ("withdrawn", "sensitive", *(f"refused.{reason}" for reason in mapping.get("refused", {}))):
        first, _, second = section.partition(".")
        lists = mapping.get(first, {}).get(second, {}) if second else mapping.get(first, {})
        for name in sorted(set(lists) - set(columns)):
            yield f"{section}.{name}: the field has no column"
    if "observation_type" in mapping and mapping["observation_type"] not in ALLOWED["observation_type"]:
        yield f"observation_type: must be one of {', '.join(sorted(ALLOWED['observation_type']))}"
    share = mapping.get("limits", {}).get("reject_share", 0.5)
    if not 0 < share <= 1:
        yield "limits.reject_share: must be above 0 and at most 1"
    days = mapping.get("coverage", {}).get("days", 1)
    if not isinstance(days, int) or not 1 <= days <= 366:
        yield "coverage.days: must be a whole number of days from 1 to 366"


def _time_faults(mapping: Mapping[str, Any]) -> Iterator[str]:
    times, columns = mapping.get("time", {}), mapping["columns"]
    for key in ("date_formats", "time_formats", "moment_formats"):
        for written in times.get(key, []):
            if fault := format_faults(written):
                yield f"time.{key}: {fault}"
    needs = {
        "date_formats": {"date", "date_until", "interval"},
        "time_formats": {"time", "time_until", "interval"},
        "moment_formats": {"moment", "moment_until", "reported", "closed"},
    }
    for key, names in needs.items():
        if (served := sorted(names & set(columns))) and not times.get(key):
            yield f"time.{key}: is missing, {', '.join(served)} cannot be read without it"
    if "timezone" in times:
        try:
            ZoneInfo(times["timezone"])
        except (KeyError, ValueError, OSError):
            yield "time.timezone: is no zone name such as Europe/Stockholm"
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", times.get("night_shift_until", "07:00")):
        yield "time.night_shift_until: must be a time such as 07:00"


def _word_faults(mapping: Mapping[str, Any], categories: Collection[str], actions: Collection[str]) -> Iterator[str]:
    for section, codes in (("category", categories), ("category_code", categories), ("action", actions)):
        seen: dict[str, str] = {}
        for word, code in mapping.get(section, {}).items():
            if code not in codes:
                yield f"{section}.{word!r}: {code!r} is no {section.removesuffix('_code')} of the house"
            if seen.setdefault(folded(word), code) != code:
                yield f"{section}.{word!r}: the same word stands for two codes"
        if section in mapping and section not in mapping["columns"]:
            yield f"{section}: words without a column; name it under columns.{section}"
    for section in ("police", "status"):
        if section in mapping and section not in mapping["columns"]:
            yield f"{section}: words without a column; name it under columns.{section}"
