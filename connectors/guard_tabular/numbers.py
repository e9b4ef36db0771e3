"""Numbers as a company writes them: decimal comma, spaces between thousands, a typographic minus."""

from __future__ import annotations

import math
import re

_SPACES = "  \u00a0\u202f\u2009'"
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?: \d{3})+)(?:,\d+)?")
_POINT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?: \d{3})+)(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")

#: "3 st": pieces, which a count is of anyway.
_PIECES = re.compile(r"\s*\bst\.?\s*$|(?<=\d)st\.?\s*$", re.IGNORECASE)

#: Largest count of persons or things a report may state; more is a slip, a telephone number or a price.
QUANTITY_CAP = 100_000


def read_number(text: str, *, decimal_comma: bool) -> float:
    """The number a text is, or NaN. A decimal sign of the other convention is not read: 1.234 may be either."""
    plain = text.strip().replace("\u2212", "-")
    for space in _SPACES:
        plain = plain.replace(space, " ")
    if not (_COMMA if decimal_comma else _POINT).fullmatch(plain):
        return math.nan
    return float(plain.replace(" ", "").replace(",", "."))


def read_quantity(text: str, *, decimal_comma: bool) -> int | str | None:
    """A count from 0 to QUANTITY_CAP, None where nothing stands, or a reject reason."""
    if not text:
        return None
    number = read_number(_PIECES.sub("", text), decimal_comma=decimal_comma)
    if math.isnan(number) or not number.is_integer():
        return "quantity_unreadable"
    return int(number) if 0 <= number <= QUANTITY_CAP else "quantity_out_of_range"
