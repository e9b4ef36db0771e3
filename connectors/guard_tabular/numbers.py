"""Numbers as a company writes them: decimal comma, spaces between thousands, a typographic minus."""

from __future__ import annotations

import math
import re

_SPACES = "  \u00a0\u202f\u2009'"
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?: \d{3})+)(?:,\d+)?")
_POINT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?: \d{3})+)(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")

#: "3 st": pieces, which a count is of anyway.
_PIECES = re.compile(r"\s*\bst\.?\s*$|(?<=\d)st\.?\s*$", re.IGNORECASE)

#: "ca 10": as near a count of people as anybody comes.
_ABOUT = re.compile(r"^\s*(?:ca\b\.?|c:a|cirka|omkring|~)\s*", re.IGNORECASE)

#: Largest count of persons or things a report may state; more is a slip, a telephone number or a price.
QUANTITY_CAP = 100_000


def read_number(text: str, *, decimal_comma: bool | None) -> float:
    """The number a text is, or NaN. A decimal sign of the other convention is not read: 1.234 may be either.

    None reads both: in a workbook true numbers come with a point and those typed as text with the comma promised.
    """
    plain = text.strip().replace("\u2212", "-")
    for space in _SPACES:
        plain = plain.replace(space, " ")
    forms = {True: (_COMMA,), False: (_POINT,), None: (_POINT, _COMMA)}[decimal_comma]
    if not any(form.fullmatch(plain) for form in forms):
        return math.nan
    return float(plain.replace(" ", "").replace(",", "."))


def read_quantity(text: str, *, decimal_comma: bool | None) -> int | str | None:
    """A count from 0 to QUANTITY_CAP, None where nothing stands, or a reject reason."""
    if not text:
        return None
    number = read_number(_ABOUT.sub("", _PIECES.sub("", text)), decimal_comma=decimal_comma)
    if math.isnan(number) or not number.is_integer():
        return "quantity_unreadable"
    return int(number) if 0 <= number <= QUANTITY_CAP else "quantity_out_of_range"
