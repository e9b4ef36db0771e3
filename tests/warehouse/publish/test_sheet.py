from __future__ import annotations

import copy
import re

import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from tests.warehouse.publish.hostile_morning import HOSTILE, hostile
from tests.warehouse.publish.page import Page
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render


def read(variant: str) -> dict:
    return read_picture(made_up_picture.database(MORNINGS[variant]()))


@pytest.fixture(scope="module")
def ordinary() -> dict:
    return read("ordinary")


@pytest.fixture(scope="module")
def page(ordinary: dict) -> Page:
    return Page(render(ordinary, "sv"))


@pytest.mark.parametrize("variant", sorted(MORNINGS))
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_is_whole_and_asks_for_nothing(variant: str, language: str) -> None:
    html = render(read(variant), language)
    page = Page(html)
    assert page.unclosed == []
    assert page.faults == []
    assert "://" not in html
    styles = "".join(text for path, text in page.texts if "style" in path)
    assert "url(" not in styles
    assert "@import" not in styles
    allowed = {"href": re.compile(r"#content|metod_[A-Za-z0-9_-]+\.html(#q[0-9.]+)?")}
    for tag, attributes in page.elements:
        assert tag not in (
            "script",
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
            "use",
            "image",
            "a:href",
        )
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "style", "action", "formaction", "xlink:href", "background"), (
                tag,
                name,
            )
            if name in allowed:
                assert allowed[name].fullmatch(value or ""), (tag, name)
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_hostile_text_makes_no_element_and_no_attribute() -> None:
    """The same picture with letters for every attack must give the same elements with the same attributes."""
    attacked, harmless = (
        Page(render(read_picture(made_up_picture.database(hostile(texts))), "sv"))
        for texts in (HOSTILE, ["Bokstäver" for _ in HOSTILE])
    )

    # A title attribute appears where a text was cut, and the map's outlines and labels follow the texts' lengths.
    def shape(page: Page) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (tag, tuple(sorted(set(attributes) - {"title"})))
            for tag, attributes in page.elements
            if not (tag == "span" and set(attributes) == {"title"})
        ]

    assert set(shape(attacked)) <= set(shape(harmless)) | {("details", ()), ("pre", ())}
    assert set(attacked.tags()) <= set(harmless.tags())
    # Sections are not counted: the one to write in is left out when the page is full.
    for tag in ("table", "svg", "a", "style", "title", "tr", "td", "li", "sup", "path"):
        assert attacked.tags().count(tag) == harmless.tags().count(tag), tag
    assert attacked.comments == []


def test_every_attack_is_still_there_to_read() -> None:
    html = render(read("hostile"), "sv")
    text = Page(html).text(without=("style",))
    for attack in ("<script>alert(1)</script>", "{{ 7 * 7 }}", "abc\\u202egnp.exe", "&lt;b&gt;&#60;i&#62;"):
        assert attack in text
    assert "49" not in re.findall(r"\b49\b", text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x1b]", html)


def test_an_attack_in_the_map_stays_text() -> None:
    picture = read("ordinary")
    for area in picture["map_area"]:
        area["area_name"] = '</text></svg><svg onload="x">'
    for point in picture["map_point"]:
        point["category_sv"] = "</title><a href='javascript:x'>"
    page = Page(render(picture, "sv"))
    drawings = page.all("svg")
    assert sum("map-drawing" in (svg.get("class") or "") for svg in drawings) == 1
    assert len(drawings) == 1 + sum((svg.get("class") or "") == "bar" for svg in drawings)
    assert not any("onload" in attributes for _, attributes in page.elements)


def test_a_query_id_that_is_not_ours_is_not_made_an_address() -> None:
    picture = read("ordinary")
    picture["source"][0]["query_id"] = picture["query"][0]["query_id"] = 'x" onclick="y'
    page = Page(render(picture, "sv"))
    assert not any('x"' in (a.get("href") or "") for a in page.all("a"))
    assert not any("onclick" in attributes for _, attributes in page.elements)


def test_sections_stand_in_their_order_under_one_title(page: Page) -> None:
    headings = [tag for tag in page.tags() if tag in ("h1", "h2", "h3")]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    numbers = [text for path, text in page.texts if path[-2:] == ("h2", "span") and text.strip().isdigit()]
    assert numbers == [str(number) for number in range(1, 12)]
    landmarks = [tag for tag in page.tags() if tag in ("header", "main", "footer")]
    assert landmarks == ["header", "main", "footer"]
    assert page.all("html")[0]["lang"] == "sv"
    assert any("Utsättningsblad Ekby kommun 2026-10-16" in text for path, text in page.texts if path[-1:] == ("title",))


def test_every_table_has_a_caption_and_every_heading_cell_a_scope(page: Page) -> None:
    assert page.tags().count("caption") == page.tags().count("table") >= 7
    assert {th.get("scope") for th in page.all("th")} == {"col", "row"}


def test_ids_are_unique_and_every_reference_has_a_target(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("aria-labelledby", "href"):
            for target in (attributes.get(name) or "").split():
                # What leads to the methods page is held to that page in test_methods.py.
                assert target.startswith("metod_") or target.lstrip("#") in ids


def test_the_map_has_a_title_a_description_and_its_numbers_in_a_table(page: Page) -> None:
    drawing = next(svg for svg in page.all("svg") if svg.get("class") == "map-drawing")
    assert drawing["role"] == "img"
    assert drawing["aria-labelledby"] == "map-title map-desc"
    assert "12 av 131 utan plats" in page.text()
    assert "Kartans siffror" in page.text()
    assert sum("is-approximate" in (path.get("class") or "") for path in page.all("path")) == 1


def test_the_head_says_who_may_read_and_until_when(page: Page) -> None:
    text = page.text()
    for said in ("TLP:AMBER", "TLP är inget sekretessmärke", "Gäller till", "2026-289-0630", "vecka 42", "kl. 06.30"):
        assert said in text
    assert "lör\u00a017\u00a0okt kl. 06.30".replace("\u00a0", " ") in text.replace("\u00a0", " ")


def test_the_short_hash_and_the_whole_stand_on_the_page(ordinary: dict, page: Page) -> None:
    assert ordinary["picture_hash"] in page.text()
    assert page.text().count(ordinary["picture_hash"][:12]) == 3


def test_a_feeds_state_has_a_shape_and_a_word(page: Page) -> None:
    for state in ("● färsk", "▲ sen", "◇ aldrig"):
        assert state in page.text()
    assert "■ nere" in Page(render(read("dead_feeds"), "sv")).text()


def test_silence_and_zero_look_different(page: Page) -> None:
    text = page.text()
    assert "– ingen uppgift" in text  # never heard
    assert "0–0–0" in text  # heard, and nothing in it


def test_a_picture_of_the_early_morning_says_that_the_night_is_incomplete(ordinary: dict) -> None:
    assert "Natten är inte komplett. Av en natts händelser brukar högst 70 %" in Page(render(ordinary)).text()
    later = copy.deepcopy(ordinary)
    later["head"].update(is_night_ceiling=False)
    assert "brukar ungefär 70 %" in Page(render(later)).text()
    later["head"].update(is_incomplete_night=False, night_published_percent=None)
    assert "Natten är inte komplett" not in render(later)


def test_a_police_notice_is_marked_as_an_alarm_bell(ordinary: dict, page: Page) -> None:
    assert page.text().count("larmklocka") >= 3  # the feed's row and two events
    assert "aldrig med i trend, nivå eller rangordning" in page.text()
    without = copy.deepcopy(ordinary)
    for row in without["event"]:
        row["source_titles"] = "Nordvakt, ordningsvakter"
    assert not any((s.get("class") or "") == "alarm" for s in Page(render(without)).all("small"))


def test_every_row_carries_its_query_and_every_query_is_listed(ordinary: dict, page: Page) -> None:
    text = page.text()
    listed = {li["id"] for li in page.all("li") if li.get("id")}
    for table in ("source", "summary", "event", "deviation", "focus_place", "area_status"):
        for row in ordinary[table]:
            assert f"q{row['query_id']}" in text
            assert f"q{row['query_id']}" in listed


def test_empty_sections_print_inget() -> None:
    page = Page(render(read("empty_town"), "sv"))
    nothing = [text for path, text in page.texts if path[-1:] == ("p",) and text.startswith("inget")]
    assert len(nothing) >= 6
    assert "För få händelser för slutsats." in page.text()
    assert "None" not in page.text()


def test_no_place_in_focus_is_unknown_where_no_source_of_counts_was_heard() -> None:
    """The police's notices alone make no place: a town without guards' reports is not a town without such places."""
    picture = read("empty_town")
    picture["head"]["located_count"] = None
    for language, unknown in (("sv", "– ingen uppgift"), ("en", "– no data")):
        page = render(picture, language)
        section = page[page.index('<section class="s6"') :].partition("</section>")[0]
        assert unknown in Page(section).text()


def test_dead_feeds_say_that_silence_is_not_calm() -> None:
    text = Page(render(read("dead_feeds"), "sv")).text()
    assert "Ingen källa är färsk: tystnad betyder inte lugn." in text
    assert "orsak: namnet hittas inte" in text
    assert text.count("ingen uppgift") > 10


def test_what_does_not_fit_in_front_is_counted_and_stands_behind() -> None:
    text = Page(render(read("crowded"), "sv")).text()
    assert "… 9 till: på sidan med tabeller" in text
    assert "… 57 till: på sidan med tabeller" in text
    assert "… 27 till" in text  # of 60 deviations 3 stand in front and 30 behind


def test_a_source_that_is_not_in_front_stands_behind_and_none_stands_twice() -> None:
    page = render(read("crowded"), "sv")
    front, behind = re.findall(r'class="cards sources">.*?</table>', page, re.DOTALL)
    in_front, rest = (re.findall(r">q(1\.\d+)<", table) for table in (front, behind))
    assert len(rest) == 9 and len({*in_front, *rest}) == len(in_front) + 9


def test_a_long_name_is_cut_and_kept_whole_in_its_title() -> None:
    picture = read("ordinary")
    picture["event"][0]["place_label"] = "Storängsbottenvägens idrottsplats och närliggande parkering"
    page = Page(render(picture))
    assert any(s.get("title") == picture["event"][0]["place_label"] for s in page.all("span"))
    assert "Storängsbottenvägens idrottspla…" in page.text()


def test_the_weeks_label_of_a_sensitive_event_is_all_that_is_said_of_its_time() -> None:
    picture = read("ordinary")
    picture["event"][0].update(
        occurred_from=None, occurred_until=None, is_time_known=False, time_label_sv="vecka 42", time_label_en="week 42"
    )
    assert "Robbery" in Page(render(picture, "en")).text()
    row = [text for path, text in Page(render(picture, "en")).texts if text.strip() == "week 42"]
    assert len(row) == 1


def test_english_has_no_swedish_left_but_names() -> None:
    text = Page(render(read("ordinary"), "en")).text()
    assert "Friday 16 October 2026" in text
    assert "06:30" in text
    for swedish in ("ingen uppgift", "normalt", "Källa", "händelser", "vecka", "okänd"):
        assert swedish not in text


def test_the_same_picture_gives_the_same_page(ordinary: dict) -> None:
    assert render(ordinary) == render(copy.deepcopy(ordinary))


def test_the_screen_can_be_darkened_for_a_projector_without_a_script_and_never_on_paper(page: Page) -> None:
    assert [box.get("id") for box in page.all("input")] == ["dark"]
    assert [label.get("for") for label in page.all("label")] == ["dark"]
    style = "".join(text for path, text in page.texts if "style" in path)
    preferred, switched = re.findall(r"--paper:#131a21;(.*?)\}\}", style, re.S)
    assert preferred == switched
    assert "@media screen{:root:has(#dark:checked)" in style and ".skip,.screen-mode{display:none}" in style


@pytest.mark.parametrize(
    ("baseline", "language", "said"),
    [
        ("52_weeks", "sv", "nedgång 0 · jämfört med 52 veckor."),
        ("too_short", "sv", "nedgång 0 · för kort historik att jämföra med."),
        ("too_short", "en", "fall 0 · too short a history to compare with."),
    ],
)
def test_what_was_tested_says_what_it_was_compared_with_or_why_it_was_not(
    ordinary: dict, baseline: str, language: str, said: str
) -> None:
    picture = copy.deepcopy(ordinary)
    picture["deviation_total"]["baseline"] = baseline
    assert said in Page(render(picture, language)).text()
