"""What the whole program makes of towns that are hard to draw, read as data and as text; no browser."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.flows.hard_town_plans import PLANS, made
from tests.warehouse.publish.hostile_morning import HOSTILE
from tests.warehouse.publish.page import Page

pytestmark = pytest.mark.week  # the towns are made in the first test that looks at each

#: What a page of ours is made of, and what an attack would add.
FORBIDDEN = ("script", "img", "iframe", "object", "embed", "form", "base", "foreignobject", "animate", "use")
PAGES = ("sv", "en", "methods", "methods_en", "weekly", "public")


def section(html: str, number: int) -> str:
    """The text of a section of the front page."""
    found = re.search(rf'<section class="s{number}".*?</section>', html, re.S)
    assert found
    return Page(found[0]).text()


@pytest.mark.parametrize("name", PLANS)
def test_every_page_of_every_town_is_well_formed_and_holds_no_element_of_anybody_elses(name: str) -> None:
    for kind in PAGES:
        page = Page(made(name).html(kind))
        assert (page.faults, page.unclosed, page.comments) == ([], [], []), kind
        assert not set(page.tags()) & set(FORBIDDEN), kind
        assert not [a for _, attributes in page.elements for a in attributes if a.startswith("on")], kind
        assert [tag for tag in page.tags() if tag == "h1"] == ["h1"], kind
        levels = [int(tag[1]) for tag in page.tags() if re.fullmatch("h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), kind


@pytest.mark.parametrize("name", PLANS)
def test_every_page_speaks_its_language_and_reaches_the_explanations_of_its_numbers(name: str) -> None:
    town = made(name)
    for kind, language in (("sv", "sv"), ("en", "en"), ("methods_en", "en"), ("weekly", "sv"), ("public", "sv")):
        assert Page(town.html(kind)).all("html")[0]["lang"] == language
    for sheet, methods in (("sv", "methods"), ("en", "methods_en")):
        there = {str(attributes["id"]) for _, attributes in Page(town.html(methods)).elements if "id" in attributes}
        links = [str(link["href"]) for link in Page(town.html(sheet)).all("a")]
        led = [link.partition("#") for link in links if link.startswith("metod_")]
        assert led and {file for file, _, _ in led} == {town.pages[methods].name}
        assert {anchor for _, _, anchor in led if anchor} <= there


@pytest.mark.parametrize("name", PLANS)
def test_what_is_in_front_and_what_is_left_out_are_all_there_is(name: str) -> None:
    town = made(name)
    for number, table in ((3, "due_insats"), (10, "question")):
        found = re.search(rf'<section class="s{number}".*?</section>', town.html(), re.S)
        assert found
        left = re.search(r"(\d+) till bakom", found[0])
        assert found[0].count('<li><span class="mark') + int(left[1] if left else 0) == len(town.picture[table])


def test_an_empty_town_says_inget_where_it_was_heard_and_nothing_is_unknown_of_it() -> None:
    town = made("empty")
    assert town.picture["head"]["incident_24h_count"] == 0 and town.picture["event"] == []
    html = town.html()
    assert "Alla 4 källor är färska." in section(html, 1)
    assert "Nya 0" in section(html, 4) and "inget" in section(html, 4)
    # Too short a history is neither "nothing" nor calm.
    assert "För kort historik" in section(html, 5) and "avvikelser. Prövade 0" in section(html, 5)
    for number in (3, 6, 8, 9, 10):
        assert "inget" in section(html, number), number
    assert "Grön 4: Norrby" in section(html, 2) and "0 / 0" in html


def test_a_town_with_dead_feeds_claims_no_nought_and_no_calm() -> None:
    town = made("dead")
    html = town.html()
    assert "tystnad betyder inte lugn" in section(html, 1)
    assert "ingen källa har hörts sedan förra bilden" in section(html, 4)
    assert "inget" not in section(html, 4) and "Nya 0" not in section(html, 4)
    assert "inget kan prövas" in section(html, 5) and "inget Prövade" not in section(html, 5)
    assert {area["proposed_status"] for area in town.picture["area_status"]} == {"okand"}
    assert {place["count_7d"] for place in town.picture["focus_place"]} == {None}
    assert town.picture["head"]["incident_24h_count"] is None and town.picture["summary"][0]["number"] is None
    # A register that nobody has saved for forty days says so beside what it tells.
    for number in (3, 7, 8, 10):
        assert "hördes senast sön 6 sep" in section(html, number), number


def test_five_hundred_incidents_a_night_are_counted_whole() -> None:
    town = made("crowded")
    assert town.picture["event_total"]["new_count"] >= 500 and len(town.picture["event"]) == 8
    assert "3 500" in section(town.html(), 2) and "normalt 3 378–3 624" in section(town.html(), 2).replace("\xa0", " ")
    drawn = [int(found) for found in re.findall(r'<text class="on-[a-z]+"[^>]*>(\d+)<', town.html())]
    assert sum(drawn) == len(town.picture["map_point"]) > 3000


@pytest.mark.parametrize(
    ("name", "labels", "dark"),
    [
        ("autumn", {"C1": "sön 25 okt 02.30 · dubbel timme", "C3": "sön 25 okt 01.30–03.30"}, "17.00–06.1"),
        ("spring", {"C1": "sön 29 mars 03.30 · struken timme", "C3": "sön 29 mars 01.30–03.30"}, "20.0"),
    ],
)
def test_a_night_of_clock_change_says_which_hour_it_means(name: str, labels: dict[str, str], dark: str) -> None:
    town = made(name)
    told = {event["report_id"]: event["time_label_sv"] for event in town.picture["event"]}
    assert {key: told[f"vakt_natt:{key}"] for key in labels} == labels
    assert f"mörkt {dark}" in section(town.html(), 7)
    head = town.picture["head"]
    assert (head["local_time"], head["valid_until_at"][11:16]) == (
        "06:15",
        {"autumn": "05:15", "spring": "04:15"}[name],
    )
    # Seven whole days are seven days by the calendar, whatever the hours: the same reports, the same number.
    assert {made(one).picture["summary"][0]["number"] for one in ("autumn", "spring")} == {82}


def test_the_police_s_notice_from_the_doubled_hour_has_no_hour_and_says_why() -> None:
    (notice,) = [e for e in made("autumn").picture["event"] if e["report_id"] == "polisen_events:1"]
    assert notice["time_label_sv"] == "tid okänd, inkom sön 25 okt 05.10 · dubbel timme"


def test_the_sheet_of_the_day_before_a_clock_change_holds_until_the_next_ones_hour() -> None:
    assert "sön 25 okt kl. 06.15" in made("autumn_eve").html().replace("\xa0", " ")


def test_long_names_are_cut_with_their_whole_length_in_the_title_and_the_numbers_kept() -> None:
    town = made("long_names")
    cells = re.findall(r'title="([^"]*Storängsbottenvägens[^"]*)">[^<]*…<', town.html())
    assert len(cells) > 20
    assert "42 på sju dygn, normalt 12–31" in section(town.html(), 2)


def test_one_area_is_drawn_alone_and_sixty_by_their_numbers() -> None:
    assert made("one_area").html().count('<path class="area ') == 1 and "Hela byn" in made("one_area").html()
    html = made("sixty_areas").html()
    assert html.count('<path class="area ') == 60 and '<g class="labels dense">' in html
    numbers = re.findall(r'<text class="name"[^>]*>(\d+)<', html)
    assert numbers == [str(n) for n in range(1, 61)]
    assert (
        "områdets nummer i tabellen" in html
        and '<line x1="' not in re.findall(r'<g class="leaders">.*?</g>', html, re.S)[0]
    )


def test_hostile_words_of_settings_and_senders_are_there_to_read_and_do_nothing() -> None:
    html = made("hostile").html()
    text = Page(html).text()
    assert HOSTILE[0] in text and "{{ 7 * 7 }}" in text and "</title></style></svg>" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u200d\ufeff]", html) and "https://evil" not in html
    longest = max((len(word) for word in text.split()), default=0)
    assert longest <= 200, "a word of ten thousand letters is cut"
