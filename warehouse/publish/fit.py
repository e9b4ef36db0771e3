"""Will the front page hold on one A4? An estimate of its height in print, and how much smaller to set it if not.

A browser lays the page out after we are gone, so its height is counted from the texts: rows, and the lines each
needs at the printed column widths in ``sheet.css``. The estimate errs on the high side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from warehouse.publish.formats import visible

if TYPE_CHECKING:
    from warehouse.publish.meeting import Section

#: Millimetres: the front page between its head and its last line.
ROOM = 245.0
#: Millimetres: a line of a table in print, and what a row adds in padding and rule.
LINE, ROW = 3.15, 0.85
#: Steps of size in percent, as ``sheet.css`` has them. The smallest sets the tables at 5.8 points.
SIZES = (100, 95, 90, 85, 80)
#: The map beside sections 5 and 6 with its heading and legend, in millimetres.
MAP = 89.0
#: Sections 3 and 7 to 11: a heading, a further line of it, and a line held to one line.
MEETING_HEADING, HEADING_LINE, BRIEF_LINE = 6.6, 4.2, 3.4
#: Widths in millimetres of a heading across the page and of one in half of it; of a letter of it, of one of what stands
#: beside it, and the space before each of those.
WHOLE, HALF, TITLE_LETTER, LEAD_LETTER, LEAD_SPACE = 187.0, 90.0, 2.0, 1.32, 4.0
#: VMA at the top: its frame and heading.
ALERT_BOX = 11.0
#: Section 11: one line to write on, and as many lines as anybody fills at the meeting.
DECISION_LINE, DECISION_LINES = 6.9, 6
#: A meeting decides something: the type is set smaller, but no smaller than this, to leave room to write on.
DECISION_LINES_WANTED, SIZE_WITH_LINES = 2, 90


#: Lines of each of sections 3 and 7 to 11 where texts are held to one line, most first.
LINES_WHEN_TIGHT = (4, 3, 2, 1)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Fit:
    """How the front page is set: its size in percent, lines to write on, and whether each text is held to one line.

    Where it is, ``front_lines`` is how many lines each of the meeting's sections has in front, and ``is_over`` that
    the page is too full even so.
    """

    size: int
    lines: int
    is_tight: bool = False
    front_lines: int = LINES_WHEN_TIGHT[0]
    is_over: bool = False


def print_size(
    sources: Sequence[Row],
    summary: Sequence[Row],
    areas: tuple[Sequence[Row], Sequence[Row]],
    events: Sequence[Row],
    deviations: Sequence[Row],
    places: Sequence[Row],
    meeting: Mapping[str, Section],
    areas_set: str = "",
    gone: Sequence[str] = (),
    alert_count: int = 0,
) -> Fit:
    """Return the largest of ``SIZES`` at which the front page's sections fit, with the decision lines that then do.

    A smaller size than needed is chosen if it leaves room to write. Where none fits, texts are held to one line each,
    and of the meeting's sections as many lines stand in front as there then is room for. ``areas_set`` is the text
    of the statuses the meeting has set, ``gone`` those of what sections 5 and 6 no longer show, ``alert_count`` how
    many VMA stand above them all.
    """
    above = ALERT_BOX + BRIEF_LINE * alert_count if alert_count else 0.0
    tables = _tables(sources, summary, areas, events, deviations, places, areas_set, gone, is_tight=False)
    height = above + tables + _meeting(meeting)
    beside = _beside(meeting)
    # Smaller type also puts more letters on a line, so the height falls faster than the size.
    rooms = {size: (ROOM - height * (size / 100) ** 1.3) * 100 / size for size in SIZES}
    lines = {size: math.floor((room + beside) / DECISION_LINE) for size, room in rooms.items()}
    for size in SIZES:
        if lines[size] >= DECISION_LINES_WANTED and size >= SIZE_WITH_LINES:
            return Fit(size, min(DECISION_LINES, lines[size]))
    for size in SIZES:
        if rooms[size] >= 0:
            return Fit(size, max(0, min(DECISION_LINES, lines[size])))
    tables = _tables(sources, summary, areas, events, deviations, places, areas_set, gone, is_tight=True)
    for front_lines, size in product(LINES_WHEN_TIGHT, (90, 85, 80)):
        shown = {name: part.tightened(front_lines) for name, part in meeting.items()}
        # Rows of one line grow no shorter by smaller letters but by their size alone.
        room = ROOM * 100 / size - above - tables - _meeting(shown)
        if room >= 0:
            written = math.floor((room + _beside(shown)) / DECISION_LINE)
            return Fit(size, max(0, min(DECISION_LINES, written)), True, front_lines)
    return Fit(SIZES[-1], 0, True, LINES_WHEN_TIGHT[-1], is_over=True)


def _tables(
    sources: Sequence[Row],
    summary: Sequence[Row],
    areas: tuple[Sequence[Row], Sequence[Row]],
    events: Sequence[Row],
    deviations: Sequence[Row],
    places: Sequence[Row],
    areas_set: str,
    gone: Sequence[str],
    *,
    is_tight: bool,
) -> float:
    """Return the height of sections 1, 2 and 4 to 6 and the map; ``is_tight`` where a text is held to one line."""

    def lines(text: str, per_line: int, at_most: int) -> int:
        return 1 if is_tight else _lines(text, per_line, at_most)

    raised, gathered = areas
    height = 11.0 + _rows((lines(s["title"], 33, 60), lines(" · ".join(s["remarks"]), 38, 140)) for s in sources)
    height += 12.0 + LINE * max((lines(s["sentence"], 40, 130) + 1 for s in summary), default=1)
    # Two areas stand side by side, as tall as the taller.
    told = [lines(a["name"] + a["reason"], 44, 98) for a in raised]
    told += [lines(", ".join(g["names"]), 50, 160) for g in gathered]
    height += 6.0 + _rows(told[n : n + 2] for n in range(0, len(told), 2)) + 0.6 * math.ceil(len(told) / 2)
    height += LINE * _lines(areas_set, 125, 1000) if areas_set else 0.0
    height += 10.0 + _rows(
        (
            1
            + lines(f"{e['change_word']} {e['note'] or ''}", 52, 150)
            + (bool(e["is_identity_break"]) and not is_tight),
            lines(e["time"], 20, 60),
            lines(e["sources"], 26, 60) + bool(e["is_alarm"]),
            lines(e["action"] or "", 16, 40),
        )
        for e in events
    )
    # The two columns beside the map are narrow: their texts wrap, held to one line or not.
    left = 17.0 + _rows(
        (_lines(f"{d['area'][:24]} · {d['category'][:30]}", 30, 60) + bool(d["remarks"]),) for d in deviations
    )
    left += 10.0 + _rows((2, _lines(p["window"], 15, 28)) for p in places)
    left += LINE * sum(_lines(text, 84, 210) for text in gone)
    return height + max(left, MAP)


def _meeting(meeting: Mapping[str, Section]) -> float:
    """Return the height of sections 3 and 9 across the page, 7 beside 8, 10 beside 11, lines to write on left out."""
    tall = {
        name: _brief(part.in_front) + _heading(part, WHOLE if name in ("due", "proposal") else HALF)
        for name, part in meeting.items()
    }
    return tall["due"] + tall["proposal"] + max(tall["ahead"], tall["effort"]) + tall["question"]


def _beside(meeting: Mapping[str, Section]) -> float:
    """Return the room beside section 10 that section 11's own heading and lines have not taken."""
    question, decision = meeting["question"], meeting["decision"]
    return _brief(question.in_front) + _heading(question, HALF) - MEETING_HEADING - BRIEF_LINE * len(decision.in_front)


def _heading(part: Section, width: float) -> float:
    """Return the height of a heading with what stands beside it, which wraps whole."""
    lines, used = 1, 8.0 + TITLE_LETTER * len(part.title)
    beside = [text for text, _ in part.lead] + part.warnings + ([part.left] if part.left else [])
    for text in beside:
        wide = LEAD_SPACE + LEAD_LETTER * (len(text) + 3)
        lines, used = (lines, used + wide) if used + wide <= width else (lines + 1, wide)
    return MEETING_HEADING + HEADING_LINE * (lines - 1)


def _brief(lines: Sequence[Row]) -> float:
    """Return the height of lines that are each held to one line in print; "inget" is one too."""
    return BRIEF_LINE * max(1, len(lines))


def _lines(text: str, per_line: int, at_most: int) -> int:
    """Return the lines of a text that is cut at ``at_most`` letters."""
    return max(1, math.ceil(min(len(visible(text)), at_most) / per_line))


def _rows(lines: Any) -> float:
    return sum(LINE * max(row) + ROW for row in lines)
