from __future__ import annotations

import re
import unicodedata
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from warehouse.publish import formats
from warehouse.publish.formats import Formats, cut, visible
from warehouse.publish.words import words

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SV, EN = Formats("sv", STOCKHOLM), Formats("en", STOCKHOLM)


def test_numbers_follow_the_language() -> None:
    assert SV.number(1234.5, 1) == "1\u00a0234,5"
    assert EN.number(1234.5, 1) == "1,234.5"
    assert SV.number(-3) == "−3"


def test_an_unknown_number_is_a_dash_and_never_zero() -> None:
    assert SV.number(None) == SV.expected(None) == SV.interval(None, 4) == SV.interval(0, None) == "–"
    assert SV.number(0) == "0"
    assert SV.interval(0, 4) == "0–4"
    assert SV.interval(0, 0) == "0"


def test_an_expected_count_has_one_decimal_only_while_it_is_small() -> None:
    assert (SV.expected(8.5), SV.expected(120.4)) == ("8,5", "120")


def test_days_and_clocks_follow_the_language() -> None:
    friday = date(2026, 10, 16)
    assert (SV.day(friday), EN.day(friday)) == ("fre\u00a016\u00a0okt", "Fri\u00a016\u00a0Oct")
    assert SV.long_day(friday) == "fredag 16 oktober 2026"
    assert EN.long_day("2026-03-01") == "Sunday 1 March 2026"
    assert (SV.clock("06:30"), EN.clock("06:30")) == ("06.30", "06:30")
    assert SV.weekday(7) == "sön"


def test_utc_is_printed_in_local_time_on_both_sides_of_the_autumn_change() -> None:
    today = date(2026, 10, 25)
    assert SV.moment("2026-10-25T00:30:00Z", today) == "02.30"
    assert SV.moment("2026-10-25T01:30:00Z", today) == "02.30"
    assert SV.moment("2026-10-25T02:30:00Z", today) == "03.30"


def test_a_moment_of_another_day_carries_its_day() -> None:
    assert SV.moment("2026-10-15T21:59:00Z", date(2026, 10, 16)) == "tors\u00a015\u00a0okt 23.59"
    assert SV.moment(None, date(2026, 10, 16)) == "–"


@pytest.mark.parametrize(
    ("hours", "text"), [(0.4, "0\u00a0h"), (31.0, "31\u00a0h"), (130.0, "5\u00a0dygn"), (None, "–")]
)
def test_a_silence_is_in_hours_first_and_then_in_days(hours: float | None, text: str) -> None:
    assert SV.duration(hours) == text


def test_what_cannot_be_seen_is_shown_as_its_code_point() -> None:
    assert visible("abc\u202egnp.exe") == "abc\\u202egnp.exe"
    assert visible("\x00\x1b[31m\u200b\u2066") == "\\u0000\\u001b[31m\\u200b\\u2066"
    assert visible("\U000e0041") == "\\U000e0041"


def test_swedish_letters_and_line_breaks_stay_readable() -> None:
    assert visible("Bråk, Ängsö\nnattetid é e\u0301") == "Bråk, Ängsö nattetid é e\u0301"


def test_marks_heaped_on_a_letter_are_shown_as_code_points() -> None:
    shown = visible("Z" + "\u0301" * 5)
    assert shown == "Z\u0301\u0301" + "\\u0301" * 3


def test_an_address_in_the_data_is_no_longer_an_address() -> None:
    assert visible("https://evil.example/x") == "https[:]//evil.example/x"


def test_a_text_is_passed_over_unread_only_where_nothing_in_it_would_be_escaped() -> None:
    passed = [character for character in map(chr, range(0x3000)) if formats._PLAIN.fullmatch(character)]
    assert len(passed) > 300
    assert not {unicodedata.category(one) for one in passed} & (formats._INVISIBLE | {"Mn", "Me"})


def test_making_visible_twice_changes_nothing_more() -> None:
    text = "a\u202eb\x00 http://c Z" + "\u0301" * 9
    assert visible(visible(text)) == visible(text)


def test_a_cut_text_says_that_it_was_cut() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"


def test_every_fixed_text_stands_in_both_languages_with_the_same_places_to_fill() -> None:
    sv, en = words("sv"), words("en")
    assert sv.keys() == en.keys()
    for key in sv:
        # A form beside a number ({count:dag|dagar}) is one language's own affair; the number is in both.
        places = [set(re.findall(r"\{(\w+)[:}]", texts[key])) for texts in (sv, en)]
        if not key.startswith("dose."):  # nothing but forms: a shift is two words in English and one in Swedish
            assert places[0] == places[1], key


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="sv, en"):
        words("../words")
