"""How wide a text is on paper and how many lines it takes: letter by letter, in Arial's widths.

A browser lays the page out after we are gone, so what holds on an A4 has to be known here. Liberation Sans, and every
other font made to stand in for Arial, has the same widths (``type_widths.csv``: thousandths of the size, read from
Liberation Sans 2.1 in Chromium, 2026-11-26). A letter that is not in the table counts as wider than any of them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

#: Millimetres a typographic point.
POINT = 25.4 / 72
#: Thousandths of the size: a letter of a font we have not measured, an emoji among them.
_UNMEASURED = 1300
#: Millimetres: a wide letter of a table.
_LETTER = 1.5
#: A line is broken at a space and after a dash; a hyphen before a digit is a minus.
_BREAKS = re.compile(r"[^ –—-]*(?:[–—]|-(?!\d))?|-")
_AFTER = frozenset("-–—")


@dataclass(frozen=True)
class Piece:
    """A stretch of text in one size, in points; ``around`` is what a frame adds to its width, in millimetres."""

    text: str
    points: float
    is_bold: bool = False
    around: float = 0.0


def width(text: str, points: float, *, is_bold: bool = False) -> float:
    """Return the width of ``text`` on one line, in millimetres."""
    return _thousandths(text, is_bold) * points * POINT / 1000


def lines(pieces: Sequence[Piece], room: float) -> int:
    """Return the lines that ``pieces``, set one after the other, take in a column ``room`` millimetres wide.

    A word wider than the column is broken where it must be, as the style sheet says.
    """
    count, used = 1, 0.0
    gap, word = 0.0, 0.0

    def put() -> None:
        nonlocal count, used, gap, word
        if not word:
            return
        if used and used + gap + word > room:
            count, used, gap = count + 1, 0.0, 0.0
        used += gap + word
        if used > room:  # letters stay whole, so each line of a broken word wastes up to one
            more = int(used / max(room - _LETTER, _LETTER))
            count, used = count + more, max(0.0, used - more * (room - _LETTER))
        gap = word = 0.0

    for piece in pieces:
        word += piece.around
        for n, chunks in enumerate(_chunks(piece.text, piece.points, piece.is_bold)):
            if n:
                put()
                gap = width(" ", piece.points, is_bold=piece.is_bold) if used else 0.0
            for wide, may_break in chunks:
                word += wide
                if may_break:
                    put()
    put()
    return count


@lru_cache(maxsize=4096)
def _chunks(text: str, points: float, is_bold: bool) -> list[list[tuple[float, bool]]]:
    """The words of ``text``, each in stretches with their width and whether a line may break after them."""
    return [
        [(width(chunk, points, is_bold=is_bold), chunk[-1:] in _AFTER) for chunk in _BREAKS.findall(part)]
        for part in text.split(" ")
    ]


@cache
def _widths() -> dict[str, tuple[int, int]]:
    with (Path(__file__).parent / "type_widths.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {chr(int(row["code_point"][2:], 16)): (int(row["regular"]), int(row["bold"])) for row in rows}


@lru_cache(maxsize=4096)
def _thousandths(text: str, is_bold: bool) -> int:
    known = _widths()
    return sum(known[letter][is_bold] if letter in known else _UNMEASURED for letter in text)
