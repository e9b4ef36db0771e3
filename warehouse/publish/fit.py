"""Will the front page hold on one A4? An estimate of its height in print, and how much smaller to set it if not.

A browser lays the page out after we are gone, so its height is counted from the texts: rows, and the lines each
needs at the printed column widths in ``sheet.css``. The estimate errs on the high side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.publish.formats import visible

#: Millimetres: the front page between its head and its last line.
ROOM = 245.0
#: Millimetres: a line of a table in print, and what a row adds in padding and rule.
LINE, ROW = 3.15, 0.85
#: Steps of size in percent, as ``sheet.css`` has them. The smallest sets the tables at 5.8 points.
SIZES = (100, 95, 90, 85, 80)
#: The map beside sections 5 and 6 with its heading and legend, in millimetres.
MAP = 89.0
#: Sections 3 and 7 to 11: a heading, and a line held to one line.
MEETING_HEADING, BRIEF_LINE = 6.6, 3.4
#: Section 11: one line to write on, and as many lines as anybody fills at the meeting.
DECISION_LINE, DECISION_LINES = 6.9, 6
#: A meeting decides something: the type is set smaller, but no smaller than this, to leave room to write on.
DECISION_LINES_WANTED, SIZE_WITH_LINES = 2, 90


@dataclass(frozen=True)
class Fit:
    """How the front page is set: its size in percent, lines to write on, and whether each text is held to one line."""

    size: int
    lines: int
    is_tight: bool = False


def print_size(
    sources: Sequence[Mapping[str, Any]],
    summary: Sequence[Mapping[str, Any]],
    areas: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]],
    events: Sequence[Mapping[str, Any]],
    deviations: Sequence[Mapping[str, Any]],
    places: Sequence[Mapping[str, Any]],
    meeting: Mapping[str, Sequence[Mapping[str, Any]]],
    has_areas_set: bool = False,
    gone: Sequence[str] = (),
) -> Fit:
    """Return the largest of ``SIZES`` at which the front page's sections fit, with the decision lines that then do.

    Where none fits it is the smallest, tight, and with the lines that stand beside section 10 anyhow. A smaller size
    than needed is chosen if it leaves room to write.
    """
    raised, gathered = areas
    height = 11.0 + _rows((_lines(s["title"], 33, 60), _lines(" · ".join(s["remarks"]), 38, 140)) for s in sources)
    height += 12.0 + LINE * max((_lines(s["sentence"], 40, 130) + 1 for s in summary), default=1)
    # Two areas stand side by side.
    height += 5.0 + _rows((_lines(a["name"] + a["reason"], 44, 98),) for a in raised) / 2 + 1
    height += _rows((_lines(", ".join(g["names"]), 60, 160),) for g in gathered) / 2
    height += 10.0 + _rows(
        (
            1 + _lines(f"{e['change_word']} {e['note'] or ''}", 52, 150) + bool(e["is_identity_break"]),
            _lines(e["time"], 20, 40),
            _lines(e["sources"], 26, 60) + bool(e["is_alarm"]),
            _lines(e["action"] or "", 16, 40),
        )
        for e in events
    )
    left = 17.0 + _rows(
        (_lines(f"{d['area'][:24]} · {d['category'][:30]}", 30, 60) + bool(d["remarks"]),) for d in deviations
    )
    left += 10.0 + _rows((2, _lines(p["window"], 15, 28)) for p in places)
    left += LINE * sum(_lines(text, 84, 210) for text in gone)
    height += max(left, MAP)
    height += LINE * has_areas_set
    # Sections 3 and 9 stand across the page, 7 beside 8, and 10 beside 11: its own lines and those to write on.
    height += 2 * MEETING_HEADING + _brief(meeting["due"]) + _brief(meeting["proposal"])
    height += MEETING_HEADING + max(_brief(meeting["ahead"]), _brief(meeting["effort"]))
    height += MEETING_HEADING + _brief(meeting["question"])
    # Room beside section 10 that section 11's own heading and lines have not taken.
    beside = _brief(meeting["question"]) - BRIEF_LINE * len(meeting["decision"])
    # Smaller type also puts more letters on a line, so the height falls faster than the size.
    rooms = {size: (ROOM - height * (size / 100) ** 1.3) * 100 / size for size in SIZES}
    lines = {size: math.floor((room + beside) / DECISION_LINE) for size, room in rooms.items()}
    for size in SIZES:
        if lines[size] >= DECISION_LINES_WANTED and size >= SIZE_WITH_LINES:
            return Fit(size, min(DECISION_LINES, lines[size]))
    for size in SIZES:
        if rooms[size] >= 0:
            return Fit(size, max(0, min(DECISION_LINES, lines[size])))
    return Fit(SIZES[-1], max(0, math.floor(beside / DECISION_LINE)), is_tight=True)


def _brief(lines: Sequence[Mapping[str, Any]]) -> float:
    """Return the height of lines that are each held to one line in print; "inget" is one too."""
    return BRIEF_LINE * max(1, len(lines))


def _lines(text: str, per_line: int, at_most: int) -> int:
    """Return the lines of a text that is cut at ``at_most`` letters."""
    return max(1, math.ceil(min(len(visible(text)), at_most) / per_line))


def _rows(lines: Any) -> float:
    return sum(LINE * max(row) + ROW for row in lines)
