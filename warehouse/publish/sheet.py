"""Utsättningsbladet: the picture as one self-contained HTML page, the same order every day.

One file, no script, no request to anywhere: the style sheet and the drawings stand in the page.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from warehouse.publish.event_lines import event_totals
from warehouse.publish.event_lines import events as events_of
from warehouse.publish.fit import print_size
from warehouse.publish.fit_behind import behind_size
from warehouse.publish.formats import UNKNOWN, Formats, cut, visible
from warehouse.publish.heat import HeatRow, heat_rows
from warehouse.publish.meeting import AREAS_SET_IN_FRONT, NUMBERS, Section, areas_set, meeting
from warehouse.publish.naming import methods_name
from warehouse.publish.sections import DEVIATIONS_IN_FRONT, GONE_IN_FRONT, ROWS_BEHIND, Row, Writer
from warehouse.publish.sources import has_heard_since, source_rows, sources_in_front, trust
from warehouse.publish.svg_map import draw_map
from warehouse.publish.warning_lines import ALERTS_IN_FRONT, alert_state, alerts
from warehouse.publish.words import Words, words

_FOLDER = Path(__file__).parent
#: A query id becomes part of an address inside the page, so it must be what we write ourselves.
QUERY_ID = re.compile(r"v?[0-9]+(\.[0-9]+)*")
#: Sources in front of a page that nothing else makes room on; the rest are counted and stand behind.
FEWEST_SOURCES = 3
#: As much of the hash as tells two prints apart at the meeting; the whole stands at the foot.
SHORT_HASH = 12


def render(picture: dict[str, Any], language: str = "sv") -> str:
    """Return the sheet of a picture (see ``picture_json.read_picture``) as HTML, in 'sv' or 'en'.

    Pure: the same picture gives the same page. Raises KeyError where the picture lacks a table or column,
    ValueError for another language, and zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    texts = words(language)
    formats = Formats(language, ZoneInfo(picture["made_with"]["timezone"]))
    head = picture["head"]
    writer = Writer(picture, texts, formats, date.fromisoformat(head["local_day"]))
    sources, deviations, events = source_rows(writer), writer.deviations(), events_of(writer)
    set_by_meeting, out_now = areas_set(writer), alerts(writer)
    gone = {section: writer.gone(section) for section in (5, 6)}
    numbers = writer.areas_in_numbers()
    queries = [
        {**row, "title": formats.pick(row, "title")}
        for row in sorted(picture["query"], key=lambda row: query_order(row["query_id"]))
    ]
    page = {
        "w": texts,
        "language": language,
        "head": _head(picture, formats, texts),
        **_split("alerts", out_now, ALERTS_IN_FRONT),
        "alert_state": alert_state(writer),
        "trust": trust(writer),
        "is_trusted": all(row["status"] == "fresh" for row in sources) and bool(sources),
        **_sources(formats, sources, sources_in_front(sources)),
        "summary": writer.summary(),
        "areas": writer.areas(),
        **_split("areas_set", set_by_meeting, AREAS_SET_IN_FRONT),
        "events": events,
        "event_totals": event_totals(writer),
        "is_news_known": bool(events) or has_heard_since(writer),
        "is_tested": picture["deviation_total"]["tested_count"] > 0,
        "deviations": deviations[:DEVIATIONS_IN_FRONT],
        "more_deviations": deviations[DEVIATIONS_IN_FRONT : DEVIATIONS_IN_FRONT + ROWS_BEHIND],
        "deviations_left": formats.number(len(deviations) - DEVIATIONS_IN_FRONT),
        "deviations_unlisted": len(deviations) - DEVIATIONS_IN_FRONT - ROWS_BEHIND,
        "deviation_totals": writer.deviation_totals(),
        "compared": writer.compared(),
        "is_first": picture["earlier"]["is_first"],
        "gone": gone,
        "gone_in_front": GONE_IN_FRONT,
        "places": writer.places(),
        "map": draw_map(writer.areas_of_map(), picture["map_point"], formats, texts["unknown"]),
        "unlocated": _unlocated(picture, formats, texts),
        "meeting": meeting(writer),
    }
    fit = print_size(page)
    if fit.is_over:  # VMA over a page as full as can be: the most troubled sources and the newest message stay
        page |= _sources(formats, sources, page["sources"][:FEWEST_SOURCES]) | _split("alerts", out_now, 1)
        fit = print_size(page)
    if fit.is_over:
        page |= {"gone_in_front": 0}
        fit = print_size(page)
    parts = {name: part.tightened(fit.front_lines) for name, part in page["meeting"].items()}
    lists = [part.behind for part in parts.values()] + [page["areas_set_behind"], page["alerts_behind"]]
    lists += [
        [{"what": g["label"], "rest": g["told"], "reason": None} for g in rows[page["gone_in_front"] :]]
        for rows in gone.values()
    ]
    page |= {
        "meeting": parts,
        "fit": fit,
        "decision_lines": range(fit.lines),
        "areas_in_numbers": numbers,
        "heat_watch": _heat_watch(picture, texts),
        "hours": [f"{hour:02d}" for hour in range(24)],
        "watches": [f"{hour:02d}–{hour + 3:02d}" for hour in range(0, 24, 3)],
        "heat_hour": heat_of_hours(picture, formats),
        "heat_basis": _heat_basis(picture, formats, texts),
        "queries": queries,
        "linked": {row["query_id"] for row in picture["query"] if QUERY_ID.fullmatch(row["query_id"])},
        "meeting_behind": [(NUMBERS[name], part) for name, part in parts.items() if part.behind],
        "left_of_lists": _left_of_lists(
            texts, page["more_deviations"], parts, page["areas_set_behind"], page["more_sources"]
        ),
        "methods_page": methods_name(picture, language),
    }
    page["behind"] = behind_size(page, lists)
    return template("sheet.html.j2").render(page)


def _split(name: str, rows: list[Row], in_front: int) -> dict[str, list[Row]]:
    """The rows that stand in front by their name, and those behind."""
    return {name: rows[:in_front], f"{name}_behind": rows[in_front:]}


def _sources(formats: Formats, sources: list[Row], front: list[Row]) -> dict[str, Any]:
    """The sources in front, how many are left, and those behind.

    Behind stand only those that are not in front: on paper there may be room for no more than three rows.
    """
    return {
        "sources": front,
        "sources_left": formats.number(len(sources) - len(front)) if len(sources) > len(front) else None,
        "more_sources": [row for row in sources if row not in front][:ROWS_BEHIND],
    }


def _unlocated(picture: dict[str, Any], formats: Formats, texts: Words) -> str:
    """How many incidents the map has no place for."""
    if picture["head"]["located_count"] is None:
        return texts["map.unlocated_unknown"]
    total = picture["map_total"]
    counts = {"unlocated": formats.number(total["unlocated_count"]), "total": formats.number(total["total_count"])}
    return texts.fill("map.unlocated", **counts)


def _left_of_lists(
    texts: Words, deviations: list[Row], parts: dict[str, Section], areas_set: list[Row], sources: list[Row]
) -> list[tuple[str, str]]:
    """How many rows each list behind has, for a page that has no room for a single one of them."""
    counts = [(texts["section.more_deviations"], len(deviations))]
    counts += [(f"{NUMBERS[name]} {part.title}", len(part.behind)) for name, part in parts.items()]
    counts += [(texts["area.set"].rstrip(":"), len(areas_set)), (texts["section.more_sources"], len(sources))]
    return [(title, str(count)) for title, count in counts if count]


@cache
def template(name: str) -> Template:
    """Return a page's template: everything it prints is escaped and made visible, a missing name is an error."""
    # Escaping is on for every file: select_autoescape would leave a name that ends in .j2 unescaped.
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["css"] = Markup(_style())
    environment.globals["cut"] = lambda text, length: cut(visible(text), length)
    environment.globals["visible"] = visible
    return environment.get_template(name)


def _style() -> str:
    """The style sheet, its dark colours once more for whoever switches them on: a projector has no preference."""
    css = (_FOLDER / "sheet.css").read_text(encoding="utf-8")
    dark = re.search(r"prefers-color-scheme:dark\)\{:root\{(.*?)\}\}", css, re.S)
    assert dark is not None
    return css + "@media screen{:root:has(#dark:checked){color-scheme:dark;font-size:115%;" + dark[1] + "}}\n"


def _finalize(value: Any) -> Any:
    """Make every printed text visible, wherever the template prints it; an unknown is a dash."""
    if value is None:
        return UNKNOWN
    # Markup is our own style sheet and what the template's macros have already escaped.
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _head(picture: dict[str, Any], formats: Formats, texts: Words) -> dict[str, Any]:
    head = picture["head"]
    today = date.fromisoformat(head["local_day"])
    label = head["tlp"]
    percent = head["night_published_percent"]
    previous = head["previous_moment_at"]
    # Last picture and validity carry their day even when it is today: a print lies on the table for days.
    valid, before = formats.local(head["valid_until_at"]), formats.local(previous)
    return {
        **head,
        "long_day": formats.long_day(head["local_day"]),
        "week": f"{texts['week']} {head['iso_week']}",
        "time": formats.clock(head["local_time"]),
        "cutoff": formats.moment(head["data_cutoff_at"], today) if head["data_cutoff_at"] else texts["unknown"],
        "valid": UNKNOWN if valid is None else f"{formats.day(valid.date())} {texts['at']} {formats.time(valid)}",
        "previous": texts["head.no_previous"]
        if before is None or picture["earlier"]["is_first"]
        else f"{formats.day(before.date())} {texts['at']} {formats.time(before)}",
        "history": texts["unknown"]
        if head["history_from_day"] is None
        else f"{formats.day(head['history_from_day'])} {head['history_from_day'][:4]}",
        "reports": formats.number(head["current_report_count"]),
        "short_hash": picture["picture_hash"][:SHORT_HASH],
        "hash": picture["picture_hash"],
        "tlp_key": tlp_key(label),
        "night": None
        if not head["is_incomplete_night"]
        else texts["night.unknown"]
        if percent is None
        else texts.fill(
            "night.ceiling" if head["is_night_ceiling"] else "night.percent",
            percent=formats.number(percent, 0 if percent == int(percent) else 1),
        ),
        "code_version": picture["made_with"]["code_version"] or texts["unknown"],
        "timezone": picture["made_with"]["timezone"],
    }


def tlp_key(label: str) -> str:
    """Return a label for a class name or a text's key: 'TLP:AMBER+STRICT' is 'amber_strict'."""
    return label.removeprefix("TLP:").lower().replace("+", "_")


def _heat_watch(picture: dict[str, Any], texts: Words) -> list[HeatRow]:
    rows = picture["heat_watch"]
    headings = {
        (row["area_id"], row["is_total"]): texts["heat.total"] if row["is_total"] else row["area_name"] for row in rows
    }
    order = {row["area_id"]: number for number, row in enumerate(picture["area_status"])}
    counts = {((row["area_id"], row["is_total"]), row["watch"]): row["count"] for row in rows}
    listed = sorted(headings, key=lambda key: (key[1], order.get(key[0], len(order)), str(headings[key])))
    return heat_rows([(key, headings[key], key[1]) for key in listed], range(8), counts)


def heat_of_hours(picture: dict[str, Any], formats: Formats) -> list[HeatRow]:
    """Return the rows of the table of weekdays and hours; none where the picture has none."""
    counts = {(row["weekday"], row["hour"]): row["count"] for row in picture["heat_hour"]}
    if not counts:
        return []
    return heat_rows([(number, formats.weekday(number), False) for number in range(1, 8)], range(24), counts)


def _heat_basis(picture: dict[str, Any], formats: Formats, texts: Words) -> str:
    total = picture["heat_total"]
    return texts.fill(
        "heat.basis",
        from_day=formats.day(total["from_day"]),
        until_day=formats.day(total["until_day"]),
        with_time=formats.number(total["with_time_count"]),
        without_time=formats.number(total["without_time_count"]),
    )


def query_order(query_id: str) -> tuple[list[int], str]:
    """Return a key to sort query ids by: 2.10 comes after 2.9; an id that is not numbers comes last."""
    return (
        [int(part) for part in query_id.removeprefix("v").split(".")] if QUERY_ID.fullmatch(query_id) else [10**9]
    ), query_id
