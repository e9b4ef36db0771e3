"""How the front page is set so that it holds on one A4: as large as it can be, with the least left out.

A browser lays the page out after we are gone, so its height is counted here (``fit_front.py``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.publish.fit_front import WRITING_LINE, beside_questions, front_height

if TYPE_CHECKING:
    from warehouse.publish.meeting import Section

#: Millimetres of paper below the head. A page is 282 high between its margins and the head 22; the rest is kept for
#: what a browser rounds. Held against Chromium on every town of the tests in both languages, 2026-11-26.
ROOM = 259.4
#: Section 11: as many lines to write on as anybody fills at the meeting.
DECISION_LINES = 6


@dataclass(frozen=True)
class Fit:
    """How the front page is set: its size in percent, lines to write on, and whether each text is held to one line.

    ``front_lines`` is how many lines each of the meeting's sections has in front at most, and ``is_over`` that the page
    is too full even so.
    """

    size: int
    lines: int
    is_tight: bool = False
    front_lines: int = 5
    is_over: bool = False


@dataclass(frozen=True)
class _Setting:
    size: int
    front_lines: int
    lines_wanted: int
    is_tight: bool = False


#: Tried in this order. Sizes are those of ``sheet.css``; the smallest sets the tables at 5.8 points. First everything
#: in smaller type, then fewer lines of each of the meeting's sections, the rest of which stand behind, and only then
#: texts cut to a line each: half a sentence helps nobody. A meeting decides something, so lines to write on go late.
_SETTINGS = (
    *(_Setting(size, 5, 2) for size in (100, 95, 90, 85)),
    *(_Setting(size, front_lines, 2) for front_lines in (4, 3) for size in (85, 80)),
    *(_Setting(80, front_lines, 1) for front_lines in (3, 2)),
    *(_Setting(size, front_lines, 2, True) for front_lines in (4, 3) for size in (90, 85, 80)),
    *(_Setting(80, front_lines, wanted, True) for front_lines in (3, 2, 1) for wanted in (1, 0)),
)


def print_size(page: Mapping[str, Any]) -> Fit:
    """Return how the front page of ``page``, which is what the template is given, is set to hold on one A4.

    Where nothing holds it is the last of the settings, marked ``is_over``.
    """
    for tried in _SETTINGS:
        parts: Mapping[str, Section] = {
            name: part.tightened(tried.front_lines) for name, part in page["meeting"].items()
        }
        room = ROOM - front_height(page, parts, tried.size, is_tight=tried.is_tight)
        written = math.floor((room + beside_questions(page, parts, tried.size)) / (WRITING_LINE * tried.size / 100))
        if room >= 0 and written >= tried.lines_wanted:
            return Fit(tried.size, min(DECISION_LINES, written), tried.is_tight, tried.front_lines)
    last = _SETTINGS[-1]
    return Fit(last.size, 0, last.is_tight, last.front_lines, is_over=True)
