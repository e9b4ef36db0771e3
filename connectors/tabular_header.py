"""Which row of a table is its header: the one with the most headers that the mapping knows."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from connectors.kit import DeliveryError
from connectors.tabular_csv import HEAD_ROWS, SEPARATORS, head_rows


def folded(header: str) -> str:
    """A header as compared: NFC, lower case, single spaces, no colon at the end."""
    if header.isascii() and header.isprintable() and " " not in header:
        return header.casefold().rstrip(":")
    return " ".join(unicodedata.normalize("NFC", header).casefold().split()).rstrip(" :")


def find_header(
    utf8: bytes, known: Mapping[str, str], separator: str | None, quote: str
) -> tuple[str, int, int, list[str]]:
    """(separator, place among the rows, physical lines read, header) where most known headers stand.

    ``separator`` is the one the mapping expects. Raises DeliveryError header_missing.
    """
    candidates = [separator] if separator else []
    candidates += [each for each in SEPARATORS if each not in candidates]
    best: tuple[int, str, int, int, list[str]] | None = None
    for candidate in candidates:
        head = head_rows(utf8, candidate, quote)
        index = best_header([row for _, row in head], known)
        if index is None:
            continue
        lines, header = head[index]
        score = _score(header, known)
        if best is None or score > best[0]:
            best = (score, candidate, index, lines, header)
        if candidate == separator and score >= 2:
            break  # the mapping's own separator is believed as soon as it shows a header
    if best is None:
        raise header_missing(known)
    return best[1:]


def known_headers(columns: Mapping[str, Sequence[str]], ignored: Sequence[str]) -> dict[str, str]:
    """Folded header → the field it serves; empty for ignored ones."""
    known = {folded(name): "" for name in ignored}
    known.update({folded(name): field for field, names in columns.items() for name in names})
    return known


def _score(row: Sequence[str], known: Mapping[str, str]) -> int:
    return len({folded(cell) for cell in row} & known.keys())


def best_header(rows: Sequence[Sequence[str]], known: Mapping[str, str]) -> int | None:
    """The first row with the most known headers; at least two, or all where only one is known."""
    least, most = min(2, len(known)), max(map(len, rows), default=0)
    best, place = least - 1, None
    for number, row in enumerate(rows):
        if (score := _score(row, known)) > best:
            best, place = score, number
            if best >= min(most, len(known)):  # no row below can have more
                break
    return place


def header_missing(known: Mapping[str, str]) -> DeliveryError:
    detail = f"ingen rubrikrad bland de första {HEAD_ROWS} raderna; mappningen känner {len(known)} rubriker"
    return DeliveryError("header_missing", detail)
