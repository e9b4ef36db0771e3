"""Sections 3 and 7 to 11 on the sheet: nothing is said to be nothing, unknown to be unknown."""

from __future__ import annotations

import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import crowded
from tests.warehouse.publish.made_up_meeting import due, no_meeting
from tests.warehouse.publish.page import Page
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render


def sheet(changes: made_up_picture.Rows, language: str = "sv") -> Page:
    rows = made_up_picture.ordinary() | changes
    return Page(render(read_picture(made_up_picture.database(rows)), language))


def section(page: Page, number: int) -> str:
    """The text of one section of the front page."""
    text = page.text()
    titles = {3: "Förra beslutens utfall", 4: "Sedan sist", 7: "I dag och 72 h", 8: "Insatser och resurser i dag",
              9: "Förslag", 10: "Vet inte", 11: "Beslut (antecknas)"}  # fmt: skip
    start = text.index(titles[number])
    ends = [text.index(title, start + 1) for title in titles.values() if title in text[start + 1 :]]
    return text[start : min(ends, default=start + 800)]


def test_an_overdue_insats_says_since_when_who_and_that_its_outcome_is_unknown():
    text = section(sheet({}), 3)
    assert "försenad 9 d" in text and "skulle vara klar ons 7 okt" in text
    assert "Trygghetsenheten" in text and "utfall okänt" in text and "plan: 4 pass, utfört okänt" in text


@pytest.mark.parametrize("number", [3, 8, 9, 10])
def test_registers_that_are_heard_and_empty_say_inget(number):
    text = section(sheet(no_meeting("fresh")), number)
    assert "inget" in text and "okänt" not in text


@pytest.mark.parametrize("number", [3, 7, 8, 10])
@pytest.mark.parametrize("status", ["absent", "never"])
def test_a_register_never_heard_is_said_to_be_unknown(number, status):
    text = section(sheet(no_meeting(status)), number)
    assert "okänt, inget register har hörts" in text
    assert "0 försenade" not in text and "0 ute" not in text


def test_a_stale_register_says_when_it_was_heard():
    rows = made_up_picture.ordinary()
    for row in rows["register"]:
        row["status"] = "down"
    assert "insatsregistret: hördes senast" in section(sheet({"register": rows["register"]}), 3)


def test_what_does_not_fit_in_front_is_counted_and_stands_behind():
    page = sheet({"due_insats": [due(n, "overdue", f"Insats nummer {n}", days_past=n) for n in range(1, 8)],
                  "walk_point": []})  # fmt: skip
    assert "4 till bakom" in section(page, 3)
    assert all(f"Insats nummer {n}" in page.text() for n in range(1, 8))


def test_a_proposal_leads_to_the_finding_it_stands_on():
    page = sheet({})
    assert "maskinen föreslår – mötet beslutar" in section(page, 9)
    assert {"#q9.1", "#q5.1", "#q6.1"} <= {f"#{(link.get('href') or '').partition('#')[2]}" for link in page.all("a")}


def test_the_meeting_s_status_stands_beside_the_one_proposed():
    assert "Orange (föreslagen Gul), fre 9 okt – Oro efter helgen" in sheet({}).text()
    assert "Set by the meeting:" in sheet({}, "en").text()


def test_a_page_too_full_keeps_the_most_pressing_lines_of_each_section_and_counts_the_rest():
    page = Page(render(read_picture(made_up_picture.database(crowded()))))
    text = section(page, 3)
    assert "försenad 9 d" in text and "22 till bakom" in text and "Vuxenvandring" not in text
