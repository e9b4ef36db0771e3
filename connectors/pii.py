"""The second wall: a scan for personal data over every text that leaves.

The first wall is the contract's allow-list. This one catches what slips into the few texts that do leave:
identity numbers, telephone numbers, e-mail addresses, registration plates and house numbers. It finds no
names: no name recogniser for Swedish can be installed from a package index, so free text does not leave.

Two rules of thumb. What could be a person's number goes, also with a wrong check digit. What reads as a time,
a date, a road, a price or an organisation stays: a wall that hides everything is soon taken down.

Every pattern has bounded repeats, so a hostile text costs time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from connectors.pii_reading import as_it_reads
from connectors.pii_words import (
    ABBREVIATED_STREET,
    LOCAL_NUMBER,
    NOT_A_PLATE,
    NOT_A_STREET,
    NOT_ABBREVIATED,
    PLATE_CONTEXT,
    PUBLIC_NUMBERS,
    ROAD_BEFORE,
    SHORT_WORDS,
    STREET_ENDINGS,
    STREET_WITH_CAPITAL,
    TRAFFIC_LINE_BEFORE,
)

#: Characters scanned of one text; what follows is hidden unread. Notes have at most 140, police summaries 110.
LENGTH_CAP = 4_000
#: No hit is longer than this (an e-mail address may be), so one that straddles the cap is hidden with the rest.
LONGEST_HIT = 500
MASK = "[…]"


class Hit(NamedTuple):
    """Characters ``start`` up to ``end`` of a text are ``kind``.

    identity_number, phone, email, plate, house_number, or too_long for the part beyond the cap.
    """

    kind: str
    start: int
    end: int


def scan(text: str) -> list[Hit]:
    """Personal data in ``text``, in order of position, without overlaps.

    Invisible characters and odd forms of digits (full-width, decomposed letters) are seen through. Of two
    readings of the same characters the first in this order stands: e-mail, identity number with a right
    check digit or in its official form, phone, other identity number, plate, house number.
    """
    return list(_hits(text))


def scrub(text: str) -> tuple[str, str]:
    """(``text`` with each hit replaced by ``[…]``, the kinds found: sorted, comma-joined, "" when none)."""
    hits = _hits(text)
    if not hits:
        return text, ""
    kept, position = [], 0
    for hit in hits:
        kept += [text[position : hit.start], MASK]
        position = hit.end
    kept.append(text[position:])
    return "".join(kept), ",".join(sorted({hit.kind for hit in hits}))


def _hits(text: str) -> tuple[Hit, ...]:
    if len(text) <= LENGTH_CAP:
        return _scan(text)
    limit = LENGTH_CAP - LONGEST_HIT
    hits = [Hit(hit.kind, hit.start, min(hit.end, limit)) for hit in _scan(text[:LENGTH_CAP]) if hit.start < limit]
    return (*hits, Hit("too_long", limit, len(text)))


@lru_cache(maxsize=4096)
def _scan(text: str) -> tuple[Hit, ...]:
    """Remembers its last answers: deliveries overlap, and templates repeat themselves."""
    plain, positions = as_it_reads(text)
    taken: list[Hit] = []
    for kind, start, end in _candidates(plain):
        if positions is not None:
            start, end = positions[start][0], positions[end - 1][1]
        if all(end <= other.start or start >= other.end for other in taken):
            taken.append(Hit(kind, start, end))
    return tuple(sorted(taken, key=lambda hit: hit.start))


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    """All readings in order of precedence; cheap tests first, since most texts hold nothing."""
    lower = text.lower()
    if any(sign in lower for sign in ("@", "(at)", "[at]", "snabel")):
        for match in EMAIL.finditer(text):
            yield "email", match.start(), match.end()
    digits = sum(character.isdigit() for character in text)
    if not digits:
        return
    doubtful = []
    if digits >= 9:  # an interim number has nine digits and a letter
        for start, end, is_plain in _identity_numbers(text):
            if is_plain:
                yield "identity_number", start, end
            else:
                doubtful.append((start, end))
    if digits >= 5:
        for start, end in _phones(text):
            yield "phone", start, end
    for start, end in doubtful:
        yield "identity_number", start, end
    for start, end in _plates(text):
        yield "plate", start, end
    for start, end in _house_numbers(text):
        yield "house_number", start, end


EMAIL_SIGN = re.compile(r"@|\s?[(\[](?:at|snabel-?a)[)\]]\s?|\ssnabel-?a\s", re.IGNORECASE)
EMAIL = re.compile(
    rf"(?<![\w.+%'-])[\w.+%'-]{{1,64}}(?:{EMAIL_SIGN.pattern})(?:[\w-]{{1,63}}\.){{1,5}}\w{{2,24}}", re.IGNORECASE
)

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"

# A lookahead, so that a candidate that fails does not swallow the number behind it.
IDENTITY = re.compile(
    r"(?<!\d)(?=((18|19|20)?(\d\d)([-./ ]?)(\d\d)\4(\d\d)"
    rf"(\s?[{DASHES}+/]\s?|\s{{0,2}})([TRSUWXJKLMNPtrsuwxjklmnp]|\d)(\d{{3}})(?![\d]|[{DASHES}.]\d\d[{DASHES}.]\d\d)))"
)


def _identity_numbers(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, is plain): personal, co-ordination and interim numbers.

    Plain is one with a right check digit or in the official form 850709-9805; the rest may be a phone number.
    """
    from personnummer import personnummer

    for match in IDENTITY.finditer(text):
        _, century, year, inner, month, day, separator, first, rest = match.groups()
        if not _is_birth_date(century, int(year), int(month), int(day)):
            continue
        start, end = match.span(1)
        if first.isalpha():
            yield start, end, True
            continue
        digits = "".join(str(int(d)) for d in year + month + day + first + rest)
        if digits[6:9] == "000":  # no such birth number is given out
            continue
        if personnummer.valid((century or "19") + digits) or personnummer.valid((century or "20") + digits):
            yield start, end, True
        elif inner in ("", "-") and not _is_timestamp(century, int(year), inner, separator, digits[6:]):
            yield start, end, inner == "" and separator.strip() != ""


def _is_birth_date(century: str | None, year: int, month: int, day: int) -> bool:
    """Whether a calendar has the day; a co-ordination number adds 60, and may leave it open."""
    if day >= 60:
        day -= 60
        if day == 0 or month == 0:
            return month <= 12 and day <= 31
    if not 1 <= month <= 12 or day < 1:
        return False
    full_year = year + 100 * int(century) if century else 2000 + year
    leap = full_year % 4 == 0 and (full_year % 100 != 0 or full_year % 400 == 0)
    return day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _is_timestamp(century: str | None, year: int, inner: str, separator: str, serial: str) -> bool:
    """A recent date followed by a clock time, such as 20260822-2315, is a time.

    2015–2049: reports carry such stamps, and their writers were not born then. Six digits and a dash
    (850709-1234) are never read as a time.
    """
    if int(serial[:2]) > 23 or int(serial[2:]) > 59 or not 15 <= year <= 49 or century in ("18", "19"):
        return False
    return century == "20" or inner == "-" or not separator.strip()


PHONE = re.compile(r"(?<![\w+])(?<!\d[-./])(?:\+|\(?0)(?:[\s()/.\u2010-\u2013-]{0,3}\d){6,15}")
GROUP_END = re.compile(r"\d(?!\d)")
#: What starts like a domestic number and is a time of day, a span of times, a date or a decimal.
NOT_A_PHONE = re.compile(
    r"[0-2]\d\.[0-5]\d(?![.\d])"
    r"|(?:[01]\d|2[0-3])[0-5]\d\s?[\u2010-\u2013-]\s?(?:[01]\d|2[0-3])[0-5]\d(?!\d)"
    r"|\d\d([./-])\d\d\1(?:19|20)\d\d(?!\d)"
    r"|0[.]\d"
)


def _phones(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    while match := PHONE.search(text, position):
        found = None if NOT_A_PHONE.match(match[0]) else _longest_phone(match[0])
        if found:
            yield match.start(), match.start() + found
        position = match.start() + (found or 1)
    for match in LOCAL_NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[1])
        if len(digits) >= 5 and not digits.startswith(PUBLIC_NUMBERS):
            yield match.span(1)


def _longest_phone(candidate: str) -> int | None:
    """How many characters of ``candidate`` are a number: whole groups of digits, as many as fit."""
    import phonenumbers  # 58 modules, and most nights tell nothing that looks like a number

    is_international = candidate.startswith(("+", "0046"))
    for end in reversed([match.end() for match in GROUP_END.finditer(candidate)]):
        part = candidate[:end]
        try:
            number = phonenumbers.parse(part, "SE")
        except phonenumbers.NumberParseException:
            continue
        digits = sum(character.isdigit() for character in part)
        if digits >= 8 and (
            phonenumbers.is_valid_number(number) or (is_international and phonenumbers.is_possible_number(number))
        ):
            return end
    return None


# The letters I, Q, V, Å, Ä and Ö are not used on plates, and the last character is never the letter O
# (Transportstyrelsen: "ABC 123" and, since 2019, "ABC 12D").
PLATE = re.compile(r"(?<![\w-])([A-HJ-PR-UW-Za-hj-pr-uw-z]{3})[ -]{0,2}\d\d[\dA-HJ-NPR-UW-Za-hj-npr-uw-z](?![\w-])")


def _plates(text: str) -> Iterator[tuple[int, int]]:
    is_all_capitals = text.isupper()
    for match in PLATE.finditer(text):
        letters = match[1]
        before = text[max(0, match.start() - 40) : match.start()]
        after = text[match.end() : match.end() + 12].lstrip().lower()
        in_capitals = match[0].isupper() and not is_all_capitals
        if letters.upper() in NOT_A_PLATE or (not in_capitals and letters.upper() in SHORT_WORDS):
            continue
        if ROAD_BEFORE.search(before) or TRAFFIC_LINE_BEFORE.search(before) or after.startswith("hållplats"):
            continue
        if match[0].isupper() or PLATE_CONTEXT.search(before):
            yield match.span()


NUMBER = r"\d{1,4}(?:[A-Za-z](?!\w)|\s[A-Ha-h](?![\w.]))?"
HOUSE = re.compile(
    r"(?<![\w:])(\w[\w:'-]{2,40})\s{1,3}(?:nr\.?\s?|nummer\s)?"
    rf"({NUMBER}(?:(?:\s?[-\u2013/]\s?|,\s|\soch\s){NUMBER}){{0,3}}(?:,?\s?(?:lgh|lägenhet)\.?\s?\d{{1,4}})?)"
    r"(?!\d|[.:,]\d|-\d)"
    r"(?!\s?(?:%|km|m\b|meter|min|tim|st\b|kr\b|kl\b|år|gånger|dag|vecko|personer|man\b|män|kvinnor|ungdomar"
    r"|killar|tjejer|pojkar|flickor|barn|bilar|fordon|av\b|jan|feb|mars|april|maj|juni|juli|aug|sept|okt|nov|dec))"
)
YEAR = re.compile(r"(?:19|20)\d\d(?![\dA-Za-z])")
#: "Kv. Eken 4:12": a block and the number of a property in it.
PROPERTY = re.compile(r"(?<!\w)kv(?:arteret)?\.?\s\w{2,30}\s(\d{1,3}(?::\d{1,3})?)(?!\d|[.:]\d)", re.IGNORECASE)
FLAT = re.compile(r"(?<!\w)(?:lgh|lägenhet)\.?\s?(?:nr\.?\s?)?(\d{1,4})(?!\d)", re.IGNORECASE)


def _house_numbers(text: str) -> Iterator[tuple[int, int]]:
    """The number behind a street's name, with its letter and flat; the name stays, it is a public place."""
    for match in HOUSE.finditer(text):
        name, number = match.groups()
        lower = name.lower()
        is_name = lower.endswith(STREET_ENDINGS) and lower not in NOT_A_STREET
        needs_capital = lower in STREET_WITH_CAPITAL or lower.endswith(("plats", "platsen"))
        if is_name and (name[0].isupper() or not needs_capital) and not YEAR.match(number):
            yield match.span(2)
    for match in PROPERTY.finditer(text):
        yield match.span(1)
    for match in ABBREVIATED_STREET.finditer(text):
        if not match[1].endswith(NOT_ABBREVIATED):
            yield match.span(2)
    for match in FLAT.finditer(text):
        yield match.span()
