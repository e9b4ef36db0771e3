"""The weekly picture (veckobild): the last whole week, Monday to Sunday, and the fortnight ahead.

What it says of the present (places, heat, deviations) is the daily picture's own; the week's tables are made in the
same build (``sql/40_week``), by the same rules.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.connection import connect
from warehouse.files import write_bytes
from warehouse.publish.formats import UNKNOWN, Formats, visible
from warehouse.publish.methods import weekly_methods_page
from warehouse.publish.naming import weekly_stem
from warehouse.publish.picture_json import canonical_json
from warehouse.publish.sections import Writer
from warehouse.publish.sheet import heat_of_hours, template, tlp_key
from warehouse.publish.spark import spark
from warehouse.publish.week_reading import last_week, read_weekly, weekly_schema
from warehouse.publish.week_sections import WeekWriter
from warehouse.publish.words import words

__all__ = ["publish_weekly", "read_weekly", "render_weekly", "weekly_lines", "weekly_schema"]

#: Categories with a row of their own; the rest are one row together.
CATEGORIES_AT_MOST = 18

Row = dict[str, Any]


def render_weekly(picture: dict[str, Any], language: str = "sv") -> str:
    """Return the weekly picture as one HTML page without script. Raises ValueError for another language."""
    w = words(language)
    f = Formats(language, ZoneInfo(picture["made_with"]["timezone"]))
    week, head = picture["week"], picture["head"]
    writer = Writer(picture, w, f, date.fromisoformat(head["local_day"]))
    sections = WeekWriter(picture, w, f)
    until_day = date.fromisoformat(week["until_day"])
    of = {
        level: [row for row in week["week_number"] if row["level"] == level]
        for level in ("all", "category", "area", "perception")
    }
    return template("weekly.html.j2").render(
        w=w,
        language=language,
        head=head,
        tlp_key=tlp_key(head["tlp"]),
        week_number=until_day.isocalendar().week,
        period=f"{f.day(week['from_day'])} – {f.day(week['until_day'])} {until_day.year}",
        made=f"{f.day(head['local_day'])} {w['at']} {f.clock(head['local_time'])}",
        hash=picture["picture_hash"],
        methods_page=f"metod_{weekly_stem(picture)}_{language}.html",
        linked={row["query_id"] for row in [*picture["query"], *week["week_query"]]},
        total=_told(of["all"][0], f),
        summary=writer.summary(),
        compared=sections.compared(),
        like=sections.like_for_like(),
        is_like=sections.is_last_year_like(),
        coverage=[
            {
                "query_id": row["query_id"],
                "title": f.pick(row, "title"),
                "days": w.fill(f"weekly.coverage.{row['week_coverage']}", days=str(row["heard_days"])),
                "last_year": w.fill("weekly.days", days=str(row["last_year_heard_days"])),
                "reports": f.number(row["report_count"]) if row["heard_days"] else f"{UNKNOWN} {w['unknown']}",
                "is_silent": row["week_coverage"] == "silent",
            }
            for row in week["week_source"]
        ],
        categories=[
            {"name": f.pick(row, "name") or w["family.okand"], **_told(row, f)}
            for row in of["category"][:CATEGORIES_AT_MOST]
        ],
        categories_left=len(of["category"]) - CATEGORIES_AT_MOST,
        areas=[{"name": f.pick(row, "name"), "rate": _rate(row, week, f), **_told(row, f)} for row in of["area"]],
        deviations=writer.deviations()[:10],
        deviation_totals=writer.deviation_totals(),
        places=writer.places(),
        is_first=week["earlier"] is None,
        gone={section: sections.gone(section) for section in (5, 6)},
        heat_hour=heat_of_hours(picture, f),
        hours=[f"{hour:02d}" for hour in range(24)],
        perception=_told(of["perception"][0], f),
        insats_lead=sections.insats_lead(),
        is_insats_known=week["week_insats_total"]["is_known"],
        insats=sections.insats(),
        followed=sections.followed(),
        problem=sections.problem(),
        ahead_lead=sections.ahead_lead(),
        ahead_warnings=sections.ahead_warnings(),
        ahead=sections.ahead(),
        proposals=sections.proposals(),
    )


def _rate(row: Row, week: Row, f: Formats) -> str:
    few = row["population"] is None or row["population"] < week["rate_minimum_population"]
    return UNKNOWN if few or row["count"] is None else f.number(1000 * row["count"] / row["population"], 1)


def _told(row: Row, f: Formats) -> Row:
    return {
        "query_id": row["query_id"],
        "count": f.number(row["count"]),
        "is_known": row["count"] is not None,
        "mean": f.number(row["mean_4_weeks"], 1),
        "last_year": f.number(row["last_year"]),
        "spark": spark(row["weeks"]),
        "all_weeks": ", ".join(f.number(n) for n in row["weeks"]),
    }


def weekly_lines(picture: dict[str, Any], language: str = "sv") -> list[str]:
    """The weekly picture in five lines for a mail, of settings and counts alone: nothing a source or a register wrote.

    Whose picture of which week, the week's count, how far last year's may be held against it, insatser against plan,
    and the problem of the week. Raises KeyError, ValueError for another language.
    """
    w, week, head = words(language), picture["week"], picture["head"]
    f = Formats(language, ZoneInfo(picture["made_with"]["timezone"]))
    sections = WeekWriter(picture, w, f)
    until_day = date.fromisoformat(week["until_day"])
    total = _told(next(row for row in week["week_number"] if row["level"] == "all"), f)
    sentence = w.fill("weekly.sentence", **{name: total[name] for name in ("count", "mean", "last_year")})
    problem = sections.problem()
    whose = f"{head['municipality_name']}, {w['weekly.title'].lower()} {until_day.isocalendar().week} · {head['tlp']}"
    lead = " · ".join(text for text, _ in sections.insats_lead()) or w["unknown"]
    lines = [
        whose,
        f"{total['count']} {sentence}",
        sections.compared(),
        f"{w['weekly.insats']}: {lead}",
        f"{w['weekly.problem']}: {problem['title'] if problem else w['none']}",
    ]
    return [visible(line) for line in lines]


def publish_weekly(database: Path, folder: Path, languages: Sequence[str] = ("sv",)) -> dict[str, Path]:
    """Write the weekly picture of a built database into ``folder``; return its files by language and 'json'.

    Beside the page stand its methods page, five lines for a mail and the JSON Schema. Names carry municipality, ISO
    year and week, and the label. Raises ValueError for no or another language or a database without the week's tables,
    duckdb.Error when it cannot be read, OSError when a file cannot be written.
    """
    if not languages:
        raise ValueError("publish_weekly needs at least one language")
    with connect(database, read_only=True) as connection:
        (until_day,) = connection.execute("SELECT max(local_day) FROM picture.week_day").fetchall()[0]
        picture = read_weekly(connection, last_week(folder, until_day))
    stem = weekly_stem(picture)
    files = {language: folder / f"{stem}_{language}.html" for language in languages} | {"json": folder / f"{stem}.json"}
    schema = json.dumps(weekly_schema(), ensure_ascii=False, indent=1) + "\n"
    write_bytes(folder / "veckobild.schema.json", schema.encode())
    write_bytes(files["json"], canonical_json(picture))
    for language in languages:
        write_bytes(folder / f"metod_{stem}_{language}.html", weekly_methods_page(picture, language).encode())
        lines = "".join(f"{line}\n" for line in weekly_lines(picture, language))
        write_bytes(folder / f"mejl_{stem}_{language}.txt", lines.encode())
        write_bytes(files[language], render_weekly(picture, language).encode())
    return files
