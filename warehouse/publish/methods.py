"""The methods page: what every number on the sheet means, how it is made, and the query that gives its rows.

The explanations stand in ``methods.csv``, one row per table of the picture, so that whoever adds a table says there
what its numbers mean; a test holds the two together.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.publish.formats import Formats
from warehouse.publish.naming import picture_stem, weekly_stem
from warehouse.publish.sheet import QUERY_ID, query_order, template, tlp_key
from warehouse.publish.words import words

_FOLDER = Path(__file__).parent
_SQL = _FOLDER.parent / "sql"


@dataclass(frozen=True)
class Method:
    """What is said of one table of the picture, in one language. ``query_ids`` are those its rows do not carry."""

    table: str
    query_ids: tuple[str, ...]
    title: str
    paragraphs: tuple[str, ...]

    @property
    def sql_file(self) -> str | None:
        """The file of the warehouse that makes the table, from the project's folder."""
        return _sql_files().get(self.table)


@cache
def _sql_files() -> dict[str, str]:
    """The folders are looked through once: for each explanation anew it was a twelfth of what a sheet costs."""
    found = sorted(_SQL.glob("[34]0_*/*.sql"), reverse=True)
    return {path.stem.split("_", 1)[1]: f"warehouse/sql/{path.relative_to(_SQL).as_posix()}" for path in found}


@cache
def methods(language: str, file: str = "methods.csv") -> tuple[Method, ...]:
    """Return the explanations in one language ('sv' or 'en'), in the order of the sheet (or of the weekly picture)."""
    with (_FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return tuple(
            Method(
                row["table"],
                tuple(row["query_ids"].split()),
                row[f"title_{language}"],
                tuple(part.strip() for part in row[f"text_{language}"].split("\n") if part.strip()),
            )
            for row in csv.DictReader(lines)
        )


def methods_page(picture: Mapping[str, Any], language: str = "sv") -> str:
    """Return the page that explains the picture's numbers as HTML: one file, no script, nothing asked for.

    Each query of ``picture.query`` has an entry with its id as anchor (``#q5.2``), below the explanation of the table
    that prints it; a query nobody explains stands last and says so. Raises ValueError for another language,
    KeyError where the picture lacks a table or column.
    """
    sheet = f"utsattningsblad_{picture_stem(picture)}_{language}.html"
    return _page(picture, picture, picture["query"], methods(language), sheet, "title", language)


def weekly_methods_page(picture: Mapping[str, Any], language: str = "sv") -> str:
    """Return the same page for a weekly picture: its own tables; section 5's and 6's numbers are the daily sheet's."""
    sheet, week = f"{weekly_stem(picture)}_{language}.html", picture["week"]
    daily = tuple(method for method in methods(language) if method.table in ("summary", "deviation", "focus_place"))
    own = {row["query_id"] for row in week["week_query"]}
    shown = {query_id for method in daily for row in picture[method.table] for query_id in _ids(row)} | own
    queries = [row for row in [*week["week_query"], *picture["query"]] if row["query_id"] in shown]
    explained = (*methods(language, "methods_weekly.csv"), *daily)
    return _page(picture, {**picture, **week}, queries, explained, sheet, "weekly.title", language)


def _page(
    picture: Mapping[str, Any],
    tables: Mapping[str, Any],
    rows_behind: list[Mapping[str, Any]],
    explained: tuple[Method, ...],
    sheet: str,
    title: str,
    language: str,
) -> str:
    texts = words(language)
    formats = Formats(language, ZoneInfo(picture["made_with"]["timezone"]))
    queries = {row["query_id"]: row for row in rows_behind if QUERY_ID.fullmatch(row["query_id"])}
    groups = []
    for method in explained:
        rows = tables[method.table] if isinstance(tables[method.table], list) else [tables[method.table]]
        ids = [*method.query_ids, *(query_id for row in rows for query_id in _ids(row))]
        groups.append((method, _entries(queries, ids, language)))
        for query_id in ids:
            queries.pop(query_id, None)
    head = picture["head"]
    return template("methods.html.j2").render(
        w=texts,
        language=language,
        head=head,
        tlp_key=tlp_key(head["tlp"]),
        long_day=formats.long_day(head["local_day"]),
        time=formats.clock(head["local_time"]),
        sheet=sheet,
        title=texts[title],
        hash=picture["picture_hash"],
        groups=groups,
        unexplained=_entries(queries, list(queries), language),
    )


def _ids(row: Mapping[str, Any]) -> list[str]:
    """The query ids that one row of a table carries."""
    return [str(row[name]) for name in ("query_id", "fault_query_id") if row.get(name)]


def _entries(queries: Mapping[str, Mapping[str, Any]], ids: list[str], language: str) -> list[dict[str, Any]]:
    return [
        {"query_id": query_id, "title": queries[query_id][f"title_{language}"], "sql": queries[query_id]["sql"]}
        for query_id in sorted(set(ids), key=query_order)
        if query_id in queries
    ]
