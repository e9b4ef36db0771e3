"""The two heat tables: a number in every cell, and a shade that says the same thing.

They are tables and not drawings: a table is its own text alternative, and prints in grey.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: Shades from none to most. Five steps can be told apart in grey print.
SHADES = 5


@dataclass(frozen=True)
class HeatRow:
    """One row: its heading, its cells as (text, shade 0–``SHADES``), and whether it is the sum of the others."""

    heading: str
    cells: list[tuple[str, int]]
    is_total: bool


def shade(count: int | None, largest: int) -> int:
    """Return 0 for none or unknown, else 1 to ``SHADES`` in equal steps of ``largest``.

    A step is never less than one incident, or a single one would look like the worst hour.
    """
    if not count:
        return 0
    return -(-count * SHADES // max(largest, SHADES))


def heat_rows(
    headings: Iterable[tuple[Any, str, bool]], columns: range, counts: dict[tuple[Any, int], int | None]
) -> list[HeatRow]:
    """Return the rows of a heat table: ``headings`` are (key, text, is_total), ``counts`` by (key, column).

    A missing or unknown count is a dash. Sums are shaded against sums, so that they do not drown the rest.
    """
    listed = list(headings)
    largest = {
        is_sum: max(
            (counts.get((key, column)) or 0 for key, _, total in listed if total == is_sum for column in columns),
            default=0,
        )
        for is_sum in (False, True)
    }
    rows = []
    for key, text, is_total in listed:
        found = [counts.get((key, column)) for column in columns]
        cells = [("–" if count is None else str(count), shade(count, largest[is_total])) for count in found]
        rows.append(HeatRow(text, cells, is_total))
    return rows
