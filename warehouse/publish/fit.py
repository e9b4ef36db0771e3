"""Will the front page hold on one A4? An estimate of its height in print, and how much smaller to set it if not.

A browser lays the page out after we are gone, so its height is counted from the texts: rows, and the lines each
needs at the printed column widths in ``sheet.css``. The estimate errs on the high side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: Millimetres: the front page between its head and its last line.
ROOM = 251.0
#: Millimetres: a line of a table in print, and what a row adds in padding and rule.
LINE, ROW = 3.15, 0.85
#: Steps of size in percent, as ``sheet.css`` has them. The smallest sets the tables at 5.8 points.
SIZES = (100, 95, 90, 85, 80)
#: The map beside sections 5 and 6 with its heading and legend, in millimetres.
MAP = 89.0
#: Section 11: its heading, one line to write on, and as many lines as anybody fills at the meeting.
DECISION_HEADING, DECISION_LINE, DECISION_LINES = 6.5, 6.9, 6


def print_size(
    sources: Sequence[Mapping[str, Any]],
    summary: Sequence[Mapping[str, Any]],
    areas: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]],
    events: Sequence[Mapping[str, Any]],
    deviations: Sequence[Mapping[str, Any]],
    places: Sequence[Mapping[str, Any]],
) -> tuple[int, int]:
    """Return the largest of ``SIZES`` at which the front page's sections fit, and how many decision lines then do.

    Where none fits it is the smallest, without lines.
    """
    raised, gathered = areas
    height = 12.0 + _rows((_lines(s["title"], 25, 34), _lines(" · ".join(s["remarks"]), 52, 72)) for s in sources)
    height += 14.0 + LINE * max((_lines(s["sentence"], 40, 130) + 1 for s in summary), default=1)
    # Two areas stand side by side.
    height += 5.0 + _rows((_lines(a["name"] + a["reason"], 44, 98),) for a in raised) / 2 + 2.0 * len(gathered) + 1
    height += 10.0 + _rows((2, _lines(e["time"], 18, 40), _lines(e["action"] or "", 16, 40)) for e in events)
    left = 17.0 + _rows(
        (_lines(f"{d['area'][:24]} · {d['category'][:30]}", 30, 60) + bool(d["remarks"]),) for d in deviations
    )
    left += 10.0 + _rows((2, _lines(p["window"], 15, 28)) for p in places)
    height += max(left, MAP)
    for size in SIZES:
        # Smaller type also puts more letters on a line, so the height falls faster than the size.
        if height * (size / 100) ** 1.3 <= ROOM:
            left = (ROOM - height * (size / 100) ** 1.3) * 100 / size - DECISION_HEADING
            return size, max(0, min(DECISION_LINES, math.floor(left / DECISION_LINE)))
    return SIZES[-1], 0


def _lines(text: str, per_line: int, at_most: int) -> int:
    """Return the lines of a text that is cut at ``at_most`` letters."""
    return max(1, math.ceil(min(len(text), at_most) / per_line))


def _rows(lines: Any) -> float:
    return sum(LINE * max(row) + ROW for row in lines)
