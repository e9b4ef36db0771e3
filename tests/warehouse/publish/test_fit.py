"""What is counted of the page's height before any browser sees it: widths, lines, and how the front is then set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from warehouse.publish import sheet
from warehouse.publish.fit import ROOM, Fit, print_size
from warehouse.publish.fit_behind import FitBehind, _Behind
from warehouse.publish.fit_front import front_height
from warehouse.publish.picture_json import read_picture
from warehouse.publish.type_width import Piece, lines, width


def set_page(variant: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the template is given on a morning, with the front's parts as they are before they are fitted."""
    seen: dict[str, Any] = {}

    def look(page: dict[str, Any]) -> Fit:
        seen.update(page)
        return print_size(page)

    monkeypatch.setattr(sheet, "print_size", look)
    sheet.render(read_picture(made_up_picture.database(MORNINGS[variant]())))
    return seen


def test_a_text_is_as_wide_as_its_letters() -> None:
    # Liberation Sans and Arial: 'A' 667, 'a' 556 and a space 278 thousandths of the size; bold 'A' 722.
    assert width("Aa ", 10) == pytest.approx((667 + 556 + 278) / 100 * 25.4 / 72)
    assert width("A", 10, is_bold=True) == pytest.approx(722 / 100 * 25.4 / 72)
    assert width("漢", 10) > width("W", 10)


def test_a_line_is_broken_at_spaces_and_after_dashes_but_not_before_a_query() -> None:
    word = width("aaaa", 10)
    assert lines([Piece("aaaa aaaa", 10)], word * 2.5) == 1
    assert lines([Piece("aaaa aaaa", 10)], word * 1.9) == 2
    assert lines([Piece("aaaa\u00a0aa", 10)], word * 1.2) == 2  # held together, so it is broken where it must be
    assert lines([Piece("aaaa–aaaa", 10)], word * 1.5) == 2
    assert lines([Piece("-4 -4", 10)], width("-4", 10) * 1.1) == 2
    assert lines([Piece("aaaa aaaa", 10), Piece("q1", 5)], word * 2.2) == 2
    assert lines([], 1) == lines([Piece("", 10)], 1) == 1


def test_a_word_wider_than_its_column_takes_the_lines_it_needs() -> None:
    assert lines([Piece("a" * 100, 10)], width("a" * 30, 10)) in (4, 5)


def test_a_page_set_smaller_is_lower_and_one_held_to_single_lines_lower_still(monkeypatch: pytest.MonkeyPatch) -> None:
    page = set_page("crowded", monkeypatch)
    tall = [front_height(page, page["meeting"], size, is_tight=False) for size in (100, 90, 80)]
    assert tall == sorted(tall, reverse=True) and tall[2] > ROOM
    assert front_height(page, page["meeting"], 80, is_tight=True) < tall[2]


@pytest.mark.parametrize("variant", ["ordinary", "empty_town", "dead_feeds"])
def test_what_is_chosen_holds_and_cuts_no_text_on_an_ordinary_morning(
    variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = set_page(variant, monkeypatch)
    fit = print_size(page)
    parts = {name: part.tightened(fit.front_lines) for name, part in page["meeting"].items()}
    assert front_height(page, parts, fit.size, is_tight=fit.is_tight) <= ROOM
    assert not fit.is_tight and not fit.is_over and fit.lines >= 1


def test_a_short_page_is_set_in_full_size_with_every_line_to_write_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert print_size(set_page("empty_town", monkeypatch)) == Fit(100, 6)


def test_a_page_that_holds_in_no_way_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    page = set_page("ordinary", monkeypatch)
    many = [replace(part, lines=part.lines[:1] * 90, front_count=90, fewest=90) for part in page["meeting"].values()]
    page["meeting"] = dict(zip(page["meeting"], many, strict=True))
    assert print_size(page).is_over


def test_a_page_behind_is_as_tall_whatever_was_tried_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found of a row or a table is used again only where nothing it depends on is another."""
    seen: list[Any] = []
    behind_size = sheet.behind_size
    monkeypatch.setattr(sheet, "behind_size", lambda *given: (seen.extend(given), behind_size(*given))[1])
    set_page("crowded", monkeypatch)
    page, lists = seen
    areas = len(page["areas_in_numbers"])
    tries = [
        FitBehind(size, rows, count, has_queries, is_close=False)
        for size in (100, 80) for rows in (5, 1, 0) for count in (areas, 1) for has_queries in (True, False)
    ]  # fmt: skip
    known: dict[tuple[object, ...], list[float]] = {}
    told = [_Behind(page, lists, fit, known).height() for fit in tries]
    assert told == [_Behind(page, lists, fit, {}).height() for fit in tries]
    assert len(set(told)) == len(tries)
