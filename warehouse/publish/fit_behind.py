"""The page of tables behind the front, held to one A4: how small it is set and how many rows of each list it prints.

On a screen every row stands; on paper what does not fit is counted and said to stand on the screen. Heights are counted
from the texts as in ``fit_front.py``, in millimetres before zoom.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from warehouse.publish.fit_front import (
    BESIDE,
    CELL,
    DEVIATION_COLUMNS,
    DOT,
    HEAD,
    NOTE,
    PAPER,
    SMALL,
    SOURCE_COLUMNS,
    SUBHEADING,
    TABLE,
    bold,
    line,
    note,
    query,
    short,
    since,
)
from warehouse.publish.type_width import Piece, lines

Row = Mapping[str, Any]

#: Millimetres of paper: 282 between the margins, less the foot with its rule.
ROOM = 267.0
#: Steps of size in percent, as ``sheet.css`` has them; rather smaller type than fewer rows of a list than this.
SIZES, ROWS_WANTED = (100, 95, 90, 85, 80), 8
#: Points: lists and numbers behind, captions, the names of queries. Millimetres: the page's own heading.
LIST, CAPTION, QUERIES, TITLE = 7.2, 6.6, 6.6, 7.1
#: A cell of the heat tables; with more areas than these a row of theirs is held to one line and set closer.
HEAT_CELL, AREAS_SET_WIDE, CLOSE_CELL = 0.9, 24, 0.2
#: The tables of areas: the share of both that the first has; of its width what its headings have; of the second's
#: width what the name and the reason have.
AREAS_LEFT, HEAT_NAME, AREA_NAME, AREA_REASON = 1 / 2.5, 0.25, 0.22, 0.355


@dataclass(frozen=True)
class FitBehind:
    """Size in percent, rows printed of each list and of the areas, and whether the queries are listed on paper."""

    size: int
    rows: int
    areas: int
    has_queries: bool
    is_close: bool


def behind_size(page: Mapping[str, Any], lists: Sequence[Sequence[Row]]) -> FitBehind:
    """Return how the page behind is set: everything if it fits, else without the queries, smaller, with fewer rows.

    ``page`` is what the template is given, ``lists`` the lines of the meeting's sections and others like them. The
    areas are cut last: a coordinator looks for an area, and reads the rest on the screen.
    """
    every = len(page["areas_in_numbers"])
    is_close = every > AREAS_SET_WIDE
    longest = max(map(len, (page["more_deviations"], page["more_sources"], *lists)), default=0)
    tries = [FitBehind(size, longest, every, True, is_close) for size in SIZES[:3]]
    tries += [
        FitBehind(size, rows, every, False, is_close) for size in SIZES for rows in _downwards(longest, ROWS_WANTED)
    ]
    tries += [FitBehind(SIZES[-1], rows, every, False, is_close) for rows in _downwards(min(longest, ROWS_WANTED), 0)]
    tries += [FitBehind(SIZES[-1], 0, count, False, is_close) for count in range(every - 1, 0, -1)]
    known: dict[tuple[object, ...], list[float]] = {}
    for fit in tries:
        if _Behind(page, lists, fit, known).height() * fit.size / 100 <= ROOM:
            return fit
    return tries[-1]


def _downwards(most: int, least: int) -> list[int]:
    """From ``most`` to ``least``; ``most`` alone where it is less."""
    return list(range(most, least - 1, -1)) or [most]


class _Behind:
    """One page set in one way. Every method returns millimetres before zoom.

    ``known`` is what the tries before have found: of a hundred and more most differ in how many rows are printed alone.
    """

    def __init__(
        self,
        page: Mapping[str, Any],
        lists: Sequence[Sequence[Row]],
        fit: FitBehind,
        known: dict[tuple[object, ...], list[float]],
    ) -> None:
        self.page, self.words, self.lists, self.fit, self.known = page, page["w"], lists, fit, known
        self.wide, self.rule = PAPER * 100 / fit.size, DOT * 100 / fit.size

    def height(self) -> float:
        tall = TITLE + self.once(self.areas) + self.once(self.hours) + self.once(self.notes)
        if not self.fit.rows:  # one paragraph names them all
            left = " · ".join(f"{title}: {count}" for title, count in self.page["left_of_lists"])
            said = [Piece(f"{left} – {self.words['paper.all']}", NOTE)]
            tall += SUBHEADING + note(1) if self.page["alerts_behind"] else 0  # which is never left without a word
            return tall + (note(lines(said, self.wide)) if left else 0)
        tall += self.table(self.page["more_deviations"], self.deviation)
        tall += note(1) if self.page["deviations_unlisted"] > 0 else 0
        tall += self.table(self.page["more_sources"], self.source)
        return tall + sum(self.list(rows) for rows in self.lists)

    def once(self, work: Callable[[], float]) -> float:
        """What ``work`` says, which depends on nothing of the try but what stands in the key."""
        key = (work.__name__, self.fit.size, self.fit.areas, self.fit.has_queries)
        if key not in self.known:
            self.known[key] = [work()]
        return self.known[key][0]

    def areas(self) -> float:
        page, cell = self.page, CLOSE_CELL if self.fit.is_close else HEAT_CELL
        left = (self.wide - 4) * AREAS_LEFT
        right = self.wide - 4 - left
        rows = [row for row in page["heat_watch"] if not row.is_total][: self.fit.areas]
        totals = [row for row in page["heat_watch"] if row.is_total]
        headings = [bold(short(row.heading, 22), LIST) for row in (*rows, *totals)]
        heat = SUBHEADING + self.caption("heat.watch_caption", left) + line(HEAD) + HEAT_CELL + self.rule
        heat += sum(line(LIST, self.held(heading, HEAT_NAME * left - 1)) + cell + self.rule for heading in headings)
        cell = CLOSE_CELL if self.fit.is_close else CELL
        numbers = SUBHEADING + self.caption("areas.caption", right) + line(HEAD, 2) + CELL + 2 * self.rule
        for a in page["areas_in_numbers"][: self.fit.areas]:
            name = bold(f"{a['number']}. {short(a['name'], 26)}" + " ≈" * a["is_approximate"], LIST)
            told = self.held([*name, *query(a["query_id"], LIST)], AREA_NAME * right - BESIDE)
            why = self.held([Piece(short(a["reason"], 90), LIST)], AREA_REASON * right - BESIDE)
            numbers += line(LIST, max(told, why)) + cell + self.rule
        left_out = note(1) if len(page["areas_in_numbers"]) > self.fit.areas else 0
        return max(heat, numbers + left_out) if page["areas_in_numbers"] else heat

    def held(self, pieces: list[Piece], room: float) -> int:
        """Lines of a cell of the areas' tables, which are one each where there are many areas."""
        return 1 if self.fit.is_close else lines(pieces, room)

    def hours(self) -> float:
        rows = len(self.page["heat_hour"])
        tall = SUBHEADING + self.caption("heat.hour_caption", self.wide) + line(HEAD) + HEAT_CELL + self.rule
        return tall + rows * (line(LIST) + HEAT_CELL + self.rule) + note(1)

    def table(self, rows: Sequence[Row], each: Any) -> float:
        if not rows:
            return 0.0
        tall = SUBHEADING + line(CAPTION) + line(HEAD, 1) + CELL + 2 * self.rule
        return tall + self.first(rows, each, CELL) + self.left_out(rows)

    def first(self, rows: Sequence[Row], each: Callable[[Row], float], between: float) -> float:
        """The rows that are printed, each with its rule; added up once for every number of them."""
        key = (each.__name__, self.fit.size, id(rows))
        if key not in self.known:
            self.known[key] = [0.0, *accumulate(each(row) + between + self.rule for row in rows)]
        return self.known[key][min(self.fit.rows, len(rows))]

    def deviation(self, d: Row) -> float:
        name = bold(f"{short(d['area'], 24)} · {short(d['category'], 30)}")
        pieces = [*name, *query(d["query_id"], TABLE), *since(d["since"], self.rule)]
        told = lines(pieces, DEVIATION_COLUMNS[0] * self.wide - BESIDE)
        return max(3.5, line(TABLE, told) + line(SMALL) * bool(d["remarks"]))

    def source(self, s: Row) -> float:
        rooms = [share * self.wide - BESIDE for share in SOURCE_COLUMNS]
        title = [*bold(short(s["title"], 60)), *query(s["query_id"], TABLE)]
        cells = [(title, rooms[1]), *(([Piece(s[key], TABLE)], room) for key, room in
                 zip(("heard", "event", "counts", "expected"), rooms[2:], strict=True))]  # fmt: skip
        remarks = [Piece(short(" · ".join(s["remarks"]) or "–", 140), TABLE)]
        cells.append((remarks, self.wide * (1 - sum(SOURCE_COLUMNS))))
        return line(TABLE, max(lines(*cell) for cell in cells))

    def list(self, rows: Sequence[Row]) -> float:
        if not rows:
            return 0.0
        return SUBHEADING + self.left_out(rows) + self.first(rows, self.listed, 0.0)

    def listed(self, row: Row) -> float:
        pieces = [*bold(short(row["what"], 60), LIST), *query(row.get("query_id"), LIST)]
        pieces.append(Piece(" " + short(row["rest"], 110), LIST))
        if row["reason"]:
            pieces += [Piece(" " + short(row["reason"], 90), LIST), *query(row.get("because_id"), LIST)]
        return line(LIST, lines(pieces, self.wide - 34.6))

    def left_out(self, rows: Sequence[Row]) -> float:
        return note(1) if len(rows) > self.fit.rows else 0.0

    def notes(self) -> float:
        w = self.words
        method = [[Piece(w[f"method.{number}"], LIST)] for number in range(1, 6)]
        lead = [Piece(f"{w['query.lead']} {w['methods.title']}", NOTE)]
        if not self.fit.has_queries:
            told = sum(lines(pieces, (self.wide - 5) / 2 - 3) for pieces in method)
            return 2 * SUBHEADING + line(LIST, math.ceil(told / 2) + 1) + note(lines(lead, self.wide)) + note(1)
        left, right = (self.wide - 5) / 3.3, (self.wide - 5) * 2.3 / 3.3
        told = sum(lines(pieces, left - 3) for pieces in method)
        rows = [[*bold(f"q{row['query_id']}", QUERIES), Piece(f" {short(row['title'], 60)}", QUERIES)]
                for row in self.page["queries"]]  # fmt: skip
        named = sum(lines(pieces, (right - 8) / 3) for pieces in rows)
        queries = note(lines(lead, right)) + line(QUERIES, math.ceil(named / 3) + 1)
        return SUBHEADING + max(line(LIST, told), queries)

    def caption(self, key: str, room: float) -> float:
        return line(CAPTION, lines([Piece(self.words[key], CAPTION)], room))
