"""A text as a reader sees it, with the way back to where each character came from."""

from __future__ import annotations

import re
import unicodedata

#: Characters that take no place: soft hyphens, zero-width spaces and joiners, direction marks, variants.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]")


def as_it_reads(text: str) -> tuple[str, list[tuple[int, int]] | None]:
    """The text as it reads: composed, compatibility forms resolved, invisible characters gone.

    With it, for each character, the span in ``text`` it came from (None when nothing changed).
    """
    if text.isascii() or (unicodedata.is_normalized("NFKC", text) and not INVISIBLE.search(text)):
        return text, None
    characters: list[str] = []
    positions: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        if not INVISIBLE.match(text[start]):
            read = unicodedata.normalize("NFKC", text[start:end])
            characters.append(read)
            positions += [(start, end)] * len(read)
        start = end
    return "".join(characters), positions
