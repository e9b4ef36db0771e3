"""The weekly picture (veckobild): the last whole week, Monday to Sunday, for the meeting that plans the next.

What it says of the present (places, heat, how sources stand) is the daily picture's own; the week's counts are asked
here, of the same reports. Sections whose data this edition lacks are named at the end, never shown as empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from warehouse.connection import connect
from warehouse.files import write_bytes
from warehouse.publish.formats import UNKNOWN, Formats
from warehouse.publish.picture_json import canonical_json, picture_hash, read_picture
from warehouse.publish.sections import Writer
from warehouse.publish.sheet import heat_of_hours, template, tlp_key
from warehouse.publish.spark import spark
from warehouse.publish.words import words

_SQL = Path(__file__).with_name("weekly.sql")
#: Categories with a row of their own; the rest are one row together.
CATEGORIES_AT_MOST = 18
WEEKS = 12

Row = dict[str, Any]


def read_weekly(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the weekly picture of a built database: the daily picture, and ``week`` with the week's own counts.

    ``week`` holds ``from_day`` and ``until_day``, ``total`` (counts of 12 weeks, oldest first, and of the
    same week last year), ``category`` and ``area`` rows alike, ``coverage`` (heard days of seven by source) and
    ``perception``. A count of weeks before the first day any source was heard is None. Raises ValueError, duckdb.Error.
    """
    picture = read_picture(connection)
    connection.execute(_SQL.read_text(encoding="utf-8"))
    until_day: date = connection.execute("SELECT max(local_day) FROM weekly_day").fetchall()[0][0]
    first_heard = picture["head"]["history_from_day"]
    known = [
        first_heard is not None and date.fromisoformat(first_heard) <= until_day - timedelta(days=7 * week + 6)
        for week in range(53)
    ]
    counted = connection.execute(
        "SELECT week_ago, area_id, category, any_value(category_sv), any_value(category_en), counts_as, count(*)"
        " FROM weekly_incident GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    incidents = [row for row in counted if row[5] == "incident"]
    names = {code: (sv, en) for _, _, code, sv, en, _, _ in incidents}
    areas = connection.execute(
        "SELECT area_id, area_name, population FROM config.area ORDER BY position, area_id"
    ).fetchall()
    # Who tells of unsafety may be another than who was heard: nought of a silent source is unknown.
    listened = {
        week
        for (week,) in connection.execute(
            "SELECT DISTINCT w.week_ago FROM weekly_day AS w JOIN core.feed_day AS d ON d.local_day = w.local_day"
            " WHERE d.is_heard"
            " AND d.source_id IN (SELECT source_id FROM weekly_incident WHERE counts_as = 'perception')"
        ).fetchall()
    }
    week: dict[str, Any] = {
        "from_day": (until_day - timedelta(days=6)).isoformat(),
        "until_day": until_day.isoformat(),
        "total": _series(incidents, known),
        "category": sorted(
            (
                {"category": code, "category_sv": sv, "category_en": en}
                | _series([row for row in incidents if row[2] == code], known)
                for code, (sv, en) in names.items()
            ),
            key=lambda row: (-(row["weeks"][-1] or 0), -sum(n or 0 for n in row["weeks"]), str(row["category"])),
        ),
        "area": [
            {"area_id": area, "area_name": name, "population": population}
            | _series([row for row in incidents if row[1] == area], known)
            for area, name, population in areas
        ],
        "perception": _series(
            [row for row in counted if row[5] == "perception"], [week in listened for week in range(53)]
        ),
        "coverage": [
            {"source_id": source, "title_sv": sv, "title_en": en, "heard_days": heard, "report_count": reports}
            for source, sv, en, heard, reports in connection.execute(
                "SELECT f.source_id, f.title_sv, f.title_en, count(*) FILTER (WHERE d.is_heard),"
                " sum(d.report_count)::INTEGER"
                " FROM config.feed AS f JOIN core.feed_day AS d ON d.source_id = f.source_id"
                " WHERE d.local_day BETWEEN ? AND ?"
                " GROUP BY f.position, f.source_id, f.title_sv, f.title_en ORDER BY f.position, f.source_id",
                [until_day - timedelta(days=6), until_day],
            ).fetchall()
        ],
        "rate_minimum_population": connection.execute(
            "SELECT config.threshold_of('rate_minimum_population')"
        ).fetchall()[0][0],
    }
    whole = {**picture, "week": week}
    return {**whole, "picture_hash": picture_hash(whole)}


def _series(rows: list[tuple[Any, ...]], known: list[bool]) -> Row:
    """Twelve weeks, oldest first, the mean of the four before the last, and the same week last year."""
    counts: dict[int, int] = {}
    for row in rows:
        counts[row[0]] = counts.get(row[0], 0) + row[6]
    weeks = [counts.get(week, 0) if known[week] else None for week in reversed(range(WEEKS))]
    before = weeks[-5:-1]
    told = [n for n in before if n is not None]
    return {
        "weeks": weeks,
        "mean_4_weeks": round(sum(told) / 4, 1) if len(told) == 4 else None,
        "last_year": counts.get(52, 0) if known[52] else None,
    }


def render_weekly(picture: dict[str, Any], language: str = "sv") -> str:
    """Return the weekly picture as one HTML page without script. Raises ValueError for another language."""
    w = words(language)
    f = Formats(language, ZoneInfo(picture["made_with"]["timezone"]))
    week, head = picture["week"], picture["head"]
    writer = Writer(picture, w, f, date.fromisoformat(head["local_day"]))
    until_day = date.fromisoformat(week["until_day"])
    listed = week["category"][:CATEGORIES_AT_MOST]
    return template("weekly.html.j2").render(
        w=w,
        language=language,
        head=head,
        tlp_key=tlp_key(head["tlp"]),
        week_number=until_day.isocalendar().week,
        period=f"{f.day(week['from_day'])} – {f.day(week['until_day'])} {until_day.year}",
        made=f"{f.day(head['local_day'])} {w['at']} {f.clock(head['local_time'])}",
        hash=picture["picture_hash"],
        total=_told(week["total"], f),
        summary=writer.summary(),
        coverage=[
            {
                "title": f.pick(row, "title"),
                "days": w.fill("weekly.days", days=str(row["heard_days"])),
                "reports": f.number(row["report_count"]) if row["heard_days"] else f"{UNKNOWN} {w['unknown']}",
                "is_silent": row["heard_days"] < 7,
            }
            for row in week["coverage"]
        ],
        categories=[{"name": f.pick(row, "category") or w["family.okand"], **_told(row, f)} for row in listed],
        categories_left=len(week["category"]) - len(listed),
        areas=[
            {
                "name": row["area_name"],
                "rate": f.number(1000 * row["weeks"][-1] / row["population"], 1)
                if row["population"]
                and row["population"] >= week["rate_minimum_population"]
                and row["weeks"][-1] is not None
                else UNKNOWN,
                **_told(row, f),
            }
            for row in week["area"]
        ],
        deviations=writer.deviations()[:10],
        deviation_totals=writer.deviation_totals(),
        places=writer.places(),
        heat_hour=heat_of_hours(picture, f),
        hours=[f"{hour:02d}" for hour in range(24)],
        perception=_told(week["perception"], f),
    )


def _told(row: Row, f: Formats) -> Row:
    return {
        "count": f.number(row["weeks"][-1]),
        "mean": f.number(row["mean_4_weeks"], 1),
        "last_year": f.number(row["last_year"]),
        "spark": spark(row["weeks"]),
        "all_weeks": ", ".join(f.number(n) for n in row["weeks"]),
    }


def publish_weekly(database: Path, folder: Path, languages: Sequence[str] = ("sv",)) -> dict[str, Path]:
    """Write the weekly picture of a built database into ``folder``; return its files by language and 'json'.

    Names carry municipality, ISO year and week, and the label. Raises ValueError for no or another language,
    duckdb.Error when the database or the lake's files cannot be read, OSError when a file cannot be written.
    """
    if not languages:
        raise ValueError("publish_weekly needs at least one language")
    with connect(database, read_only=True) as connection:
        picture = read_weekly(connection)
    year, week, _ = date.fromisoformat(picture["week"]["until_day"]).isocalendar()
    head = picture["head"]
    label = head["tlp"].replace(":", "-").replace("+", "-")
    stem = f"veckobild_{head['municipality_code']}_{year}-v{week:02d}_{label}"
    files = {language: folder / f"{stem}_{language}.html" for language in languages} | {"json": folder / f"{stem}.json"}
    write_bytes(files["json"], canonical_json(picture))
    for language in languages:
        write_bytes(files[language], render_weekly(picture, language).encode())
    return files
