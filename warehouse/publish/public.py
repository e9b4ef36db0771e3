"""The public version: four weeks, part of town by kind of incident; small counts hidden, no place, event or text.

Numbers that were published once are locked: whoever keeps two publications of the same four weeks could subtract them
and see the one report that came late, however small counts are hidden in each. So a block's numbers are kept before
its page is written, and every later publication repeats them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from warehouse.connection import connect
from warehouse.files import write_bytes
from warehouse.publish.formats import UNKNOWN, Formats
from warehouse.publish.hiding import hide_small
from warehouse.publish.sheet import template
from warehouse.publish.words import words

_SQL = Path(__file__).with_name("public_count.sql")
#: Stands beside the published numbers, under the same name.
SCHEMA_FILE = Path(__file__).with_name("oppen_lagesbild.schema.json")

#: Counts under this are hidden. Decided 2026-11-26: the least that statistics on crime are published with here.
LIMIT = 5


@dataclass(frozen=True)
class PublicPicture:
    """What the public version says. ``counts`` is families by areas with sums last; None is a hidden count.

    ``areas`` and ``families`` name rows and columns without the sums; an area None is what names no area.
    ``sensitive_count`` is the municipality's, None where it is hidden. ``is_heard`` is whether any source was.
    ``counted_day`` is the local day its numbers were counted on, None where a program that did not say so did it.
    """

    municipality_name: str
    municipality_code: str
    timezone: str
    is_demo: bool
    from_day: date
    until_day: date
    source_count: int
    heard_days: int
    areas: tuple[str | None, ...]
    families: tuple[str, ...]
    counts: tuple[tuple[int | None, ...], ...]
    sensitive_count: int | None
    counted_day: date | None

    @property
    def is_heard(self) -> bool:
        """Whether any of its sources was heard in the four weeks: without one a nought would be a guess."""
        return self.heard_days > 0


def read_public(
    connection: duckdb.DuckDBPyConnection, public_feeds: Sequence[str], limit: int = LIMIT
) -> PublicPicture:
    """Return the public version of a built database; ``public_feeds`` are the sources whose owners agreed.

    A family with fewer than ``limit`` in the whole municipality is in no number. Of the others every count under
    ``limit`` is hidden with as many more as it takes (see hiding.py). Raises duckdb.Error.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE public_feed (source_id VARCHAR)")
    connection.executemany("INSERT INTO public_feed VALUES (?)", [[feed] for feed in ["", *public_feeds]])
    rows = connection.execute(_SQL.read_text(encoding="utf-8")).fetchall()
    names = connection.execute("SELECT area_id, area_name FROM config.area ORDER BY position, area_id").fetchall()
    town = connection.execute(
        "SELECT k.municipality_name, k.municipality_code, m.timezone, k.is_demo,"
        " (m.moment_at AT TIME ZONE m.timezone)::DATE"
        " FROM config.municipality AS k, config.moment AS m"
    ).fetchone()
    assert town is not None
    name, code, timezone, is_demo, today = town
    from_day, until_day, source_count, heard_days = rows[0][:4]
    found: dict[tuple[str | None, str], int] = {}
    sensitive = 0
    for *_, area, family, is_sensitive, count in rows:
        if is_sensitive:
            sensitive += count
        elif family is not None:
            found[area, family] = count
    # A kind named for fewer would say that there was one at least, and its absence that there was none.
    sums = {family: sum(n for (_, of), n in found.items() if of == family) for _, family in found}
    named = tuple(sorted(family for family, n in sums.items() if n >= limit))
    families = named or ("okand",)
    areas: list[tuple[str | None, str | None]] = [*names, (None, None)]
    counts = [[found.get((area, family), 0) for family in families] for area, _ in areas]
    return PublicPicture(
        name,
        code,
        timezone,
        is_demo,
        from_day,
        until_day,
        source_count,
        heard_days,
        tuple(area_name for _, area_name in areas),
        families,
        tuple(tuple(row) for row in hide_small(counts, limit, limit if named else 0)),
        sensitive if sensitive >= limit else None,
        today,
    )


def render_public(picture: PublicPicture, language: str = "sv") -> str:
    """Return the public version as one HTML page without script. Raises ValueError for another language."""
    w = words(language)
    f = Formats(language, ZoneInfo(picture.timezone))

    def shown(count: int | None) -> str:
        return w["public.hidden"] if count is None else f.number(count)

    return template("public.html.j2").render(
        w=w,
        language=language,
        head={"municipality_name": picture.municipality_name, "is_demo": picture.is_demo},
        period=f"{f.day(picture.from_day)} – {f.day(picture.until_day)} {picture.until_day.year}",
        weeks=f"{picture.from_day.isocalendar().week}–{picture.until_day.isocalendar().week}",
        is_heard=picture.is_heard,
        heard=w.fill(
            "public.heard",
            sources=str(picture.source_count),
            days=f.number(picture.heard_days),
            possible=f.number(28 * picture.source_count),
        ),
        families=[str(w.known("family", family)) for family in picture.families],
        rows=[
            (w["public.no_area"] if name is None else name, [shown(n) for n in counts])
            for name, counts in zip(picture.areas, picture.counts, strict=False)
        ],
        sums=[shown(n) for n in picture.counts[-1]],
        sensitive=shown(picture.sensitive_count) if picture.is_heard else UNKNOWN,
        limit=LIMIT,
        locked=w.fill("public.locked", day=f"{f.day(picture.counted_day)} {picture.counted_day.year}")
        if picture.counted_day
        else w["public.locked_once"],
    )


def publish_public(
    database: Path, folder: Path, kept: Path, public_feeds: Sequence[str], languages: Sequence[str] = ("sv",)
) -> dict[str, Path]:
    """Write the public version of a built database into ``folder``; return its files by language and 'json'.

    Names carry municipality, first and last day, and TLP:CLEAR. A block whose numbers stand in ``kept`` (or, by
    an older program, in ``folder``) is published with those, whatever the database says now; another's are kept there
    before they are published. Raises ValueError for no or another language and for kept numbers that cannot be read,
    duckdb.Error when the database cannot be read, OSError when a file cannot be written.
    """
    if not languages:
        raise ValueError("publish_public needs at least one language")
    with connect(database, read_only=True) as connection:
        picture = read_public(connection, public_feeds)
    stem = f"oppen_lagesbild_{picture.municipality_code}_{picture.from_day}_{picture.until_day}_TLP-CLEAR"
    files = {language: folder / f"{stem}_{language}.html" for language in languages} | {"json": folder / f"{stem}.json"}
    locked = kept / files["json"].name
    before = next((path for path in (locked, files["json"]) if path.exists()), None)
    if before is not None and (published := _from_json(before)).is_heard:
        picture = published
    if picture.is_heard and before != locked:
        write_bytes(locked, _as_json(picture))
    write_bytes(folder / SCHEMA_FILE.name, SCHEMA_FILE.read_bytes())
    write_bytes(files["json"], _as_json(picture))
    for language in languages:
        write_bytes(files[language], render_public(picture, language).encode())
    return files


@cache
def public_schema() -> dict[str, Any]:
    """Return the JSON Schema of the published numbers (draft 2020-12)."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def _as_json(picture: PublicPicture) -> bytes:
    values: dict[str, Any] = asdict(picture) | {"tlp": "TLP:CLEAR", "limit": LIMIT, "hidden": "null"}
    return (json.dumps(values, ensure_ascii=False, sort_keys=True, default=str, indent=1) + "\n").encode()


def _from_json(path: Path) -> PublicPicture:
    """The numbers that were published. Raises ValueError; they must never be counted anew, so nothing stands in."""
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        values: dict[str, Any] = {name: told[name] for name in PublicPicture.__dataclass_fields__ if name in told}
        values |= {name: date.fromisoformat(told[name]) for name in ("from_day", "until_day")}
        values |= {name: tuple(told[name]) for name in ("areas", "families")}
        values["counts"] = tuple(tuple(row) for row in told["counts"])
        # A program before the lock did not say the day.
        values["counted_day"] = date.fromisoformat(told["counted_day"]) if told.get("counted_day") else None
        return PublicPicture(**values)
    except (ValueError, KeyError, TypeError) as fault:
        raise ValueError(
            f"{path}: the locked numbers of a block that is published already cannot be read ({type(fault).__name__})."
            " Nothing is published. Put the file back from the back-up: counted anew they would tell what came late."
        ) from None
