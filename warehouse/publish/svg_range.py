"""A count against its normal interval, as one small bar: where the band is, where the count lies."""

from __future__ import annotations

from dataclasses import dataclass

#: The bar's inner width in drawing units; the view box adds room for half a marker at each end.
WIDTH = 100.0


@dataclass(frozen=True)
class Range:
    """Positions along the bar, 0 to ``WIDTH``; a bar starts at a count of zero."""

    band_from: float
    band_width: float
    expected: float | None
    count: float
    is_outside: bool


def range_bar(
    count: float | None, low: float | None, high: float | None, expected: float | None = None
) -> Range | None:
    """Return the bar of a count, or None where the count or its normal interval is unknown.

    The scale is the bar's own, zero to a tenth beyond the larger of count and ``high``: a bar says where a
    count lies against its own normal, and never how two counts compare.
    """
    if count is None or low is None or high is None:
        return None
    scale = WIDTH / (max(count, high, 1.0) * 1.1)
    # A band of one single count must still be seen.
    width = max((high - low) * scale, 2.0)
    return Range(
        band_from=round(min(low * scale, WIDTH - width), 1),
        band_width=round(width, 1),
        expected=None if expected is None else round(min(expected * scale, WIDTH), 1),
        count=round(count * scale, 1),
        is_outside=not low <= count <= high,
    )
