"""The page of tables behind the front, held to one A4: how small it is set and how many rows of each list it prints.

On a screen every row stands; on paper what does not fit is counted and said to stand on the screen. Heights are counted
from the texts as in ``fit.py``, on the high side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.publish.fit import LINE, ROW
from warehouse.publish.formats import visible

#: Millimetres of the page, its own heading and foot taken off.
ROOM = 240.0
#: Steps of size in percent, as ``sheet.css`` has them, and of rows printed of each list.
SIZES, ROWS = (100, 90, 80), (30, 20, 12, 8, 5, 3, 1, 0)
#: Rather smaller type than fewer rows than this.
ROWS_WANTED = 8
#: Millimetres: a row of the heat tables, a heading with its caption, one without, one line of a query's name.
HEAT_ROW, HEADING, BARE_HEADING, QUERY_LINE = 4.3, 8.5, 5.5, 3.1
#: What a line of the meeting's sections adds in rule, and the line that counts what is left out.
BRIEF_ROW, LEFT = 0.45, 2.8
#: With more areas than these a row of theirs is held to one line and set closer, as ``sheet.css`` has it.
AREAS_SET_WIDE, CLOSE_ROW = 24, 3.5
#: The notes at the end beside the list of queries, and across the page without it.
NOTES_BESIDE, NOTES_ALONE = 50.0, 25.0


@dataclass(frozen=True)
class FitBehind:
    """Size in percent, rows printed of each list and of the areas, and whether the queries are listed on paper."""

    size: int
    rows: int
    areas: int
    has_queries: bool
    is_close: bool


def behind_size(
    areas: Sequence[Mapping[str, Any]],
    deviations: Sequence[Mapping[str, Any]],
    lists: Sequence[Sequence[Mapping[str, Any]]],
    sources: Sequence[Mapping[str, Any]],
    queries: Sequence[Mapping[str, Any]],
) -> FitBehind:
    """Return how the page behind is set: everything if it fits, else without the queries, smaller, with fewer rows.

    ``areas`` are the rows of the map's numbers, ``lists`` the lines of the meeting's sections and others like them. The
    areas are cut last: a coordinator looks for an area, and reads the rest on the screen.
    """

    is_close = len(areas) > AREAS_SET_WIDE

    def height(size: int, rows: int, area_rows: int, *, has_queries: bool) -> float:
        letters = 100 / size
        if is_close:
            tall = HEADING + CLOSE_ROW * (min(len(areas), area_rows) + 2)
        else:
            reasons = sum(_rows(_lines(a["reason"], 48 * letters)) for a in areas[:area_rows])
            tall = HEADING + max(HEAT_ROW * (min(len(areas), area_rows) + 2), 6.0 + reasons)
        tall += HEADING + HEAT_ROW * 8 + 2
        for listed, each in ((deviations, _deviation), (sources, _source), *((one, _brief) for one in lists)):
            if listed and rows:
                tall += BARE_HEADING if each is _brief else HEADING + LINE
                tall += sum(each(row, letters) for row in listed[:rows]) + LEFT * (len(listed) > rows)
        tall += 0 if rows else 2 * LEFT  # one paragraph names them all
        notes = NOTES_ALONE
        if has_queries:
            lines = sum(_lines(f"{q['query_id']} {q['title'][:60]}", 24 * letters) for q in queries)
            notes = max(NOTES_BESIDE, HEADING + QUERY_LINE * (lines / 3 + 2))
        return (tall + notes) * size / 100

    every = len(areas)
    tries = [FitBehind(size, ROWS[0], every, True, is_close) for size in SIZES[:2]]
    tries += [FitBehind(size, rows, every, False, is_close) for size in SIZES for rows in ROWS if rows >= ROWS_WANTED]
    tries += [FitBehind(SIZES[-1], rows, every, False, is_close) for rows in ROWS if rows < ROWS_WANTED]
    tries += [FitBehind(SIZES[-1], 0, count, False, is_close) for count in range(every - 1, 0, -1)]
    for fit in tries:
        if height(fit.size, fit.rows, fit.areas, has_queries=fit.has_queries) <= ROOM:
            return fit
    return tries[-1]


def _lines(text: str, per_line: float) -> int:
    return max(1, math.ceil(len(visible(text)) / per_line))


def _rows(lines: float) -> float:
    return LINE * lines + ROW


def _deviation(row: Mapping[str, Any], letters: float) -> float:
    return _rows(1 + bool(row["remarks"]))


def _source(row: Mapping[str, Any], letters: float) -> float:
    remarks = " · ".join(row["remarks"])[:140]
    return _rows(max(_lines(row["title"][:60], 33 * letters), _lines(remarks, 38 * letters)))


def _brief(row: Mapping[str, Any], letters: float) -> float:
    text = row["what"][:60] + row["rest"][:110] + (row["reason"] or "")[:90]
    return LINE * _lines(text, 110 * letters) + BRIEF_ROW
