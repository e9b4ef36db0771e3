"""Which months of first sight lie in one file of what each report says now: the newest apart, the older by the year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from warehouse.current_tables import Numbers

#: Months, the newest included, that have a file each when a batch brings many: corrections mostly touch these. What is
#: older lies a year to a file. Decided 2026-11-26.
NEWEST_APART = 3


@dataclass(frozen=True)
class Block:
    """The months of first sight, first and last, that one file holds; counted from year 0."""

    first: int
    last: int

    @classmethod
    def named(cls, name: str) -> Block:
        first, _, last = name.partition("_")
        return cls(*(int(part[:4]) * 12 + int(part[5:7]) - 1 for part in (first, last or first)))

    @property
    def name(self) -> str:
        names = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in (self.first, self.last)]
        return "_".join(dict.fromkeys(names))

    @property
    def year(self) -> str:
        """The year of its months: no block holds months of two."""
        return f"{self.first // 12:04d}"


def blocks_of(stand: set[Block], months: Numbers) -> dict[int, Block]:
    """Which block each month's reports lie in: one that stands, or a new one of what no other holds."""
    found: dict[int, Block] = {}
    fresh: list[int] = []
    for month in np.unique(months).tolist():
        block = next((block for block in stand if block.first <= month <= block.last), None)
        if block is None:
            fresh.append(month)
        else:
            found[month] = block
    newest = int(months.max())
    run: list[int] = []
    for month in fresh:
        is_apart = month > newest - NEWEST_APART
        is_broken = run and (month // 12 != run[0] // 12 or is_apart or _holds(stand, run[-1] + 1, month))
        if is_broken:
            found |= dict.fromkeys(run, Block(run[0], run[-1]))
            run = []
        if is_apart:
            found[month] = Block(month, month)
        else:
            run.append(month)
    return found | dict.fromkeys(run, Block(run[0], run[-1])) if run else found


def _holds(stand: Iterable[Block], first: int, before: int) -> bool:
    """Whether a block that stands holds one of the months from ``first`` up to ``before``."""
    return any(block.first < before and block.last >= first for block in stand)
