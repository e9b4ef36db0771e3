"""A small chart of twelve weeks: a bar a week, the last one filled, unknown weeks a gap with a mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 96.0, 18.0, 2.0


@dataclass(frozen=True)
class Bar:
    """One week in drawing units; ``is_known`` False is a week nobody was heard about."""

    x: float
    y: float
    width: float
    height: float
    is_last: bool
    is_known: bool


def spark(counts: Sequence[int | None]) -> list[Bar]:
    """Return the bars of ``counts``, oldest first. The tallest fills the height, and is never less than four incidents:
    a single one must not look like the worst week."""
    largest = max([4, *(n for n in counts if n is not None)])
    step = WIDTH / max(len(counts), 1)
    bars = []
    for index, count in enumerate(counts):
        height = 0.0 if not count else max(1.0, count / largest * HEIGHT)
        bars.append(
            Bar(
                round(index * step, 1),
                round(HEIGHT - height, 1),
                round(step - GAP, 1),
                round(height, 1),
                index == len(counts) - 1,
                count is not None,
            )
        )
    return bars
