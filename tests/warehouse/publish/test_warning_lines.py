"""What is out: VMA at the very top, weather in section 7, walk points in section 3. Unknown is no calm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.made_up_meeting import no_meeting, vma_rows, walk_point, warning
from tests.warehouse.publish.page import Page
from tests.warehouse.publish.test_meeting import section
from warehouse.publish.lines import five_lines
from warehouse.publish.map_geojson import map_geojson
from warehouse.publish.minimal import render_minimal
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render


def picture(changes: dict[str, Any]) -> dict[str, Any]:
    return read_picture(made_up_picture.database(made_up_picture.ordinary() | changes))


def sheet(changes: dict[str, Any], language: str = "sv") -> Page:
    return Page(render(picture(changes), language))


def test_vma_that_stands_is_the_first_thing_the_sheet_says_and_says_what_whom_and_what_to_do():
    text = sheet(vma_rows()).text()
    assert text.index("VMA: viktigt meddelande till allmänheten") < text.index("Källor i dag")
    told = text[text.index("VMA: viktigt") : text.index("Källor i dag")]
    assert "1 VMA gäller nu" in told and "Ny! gäller nu" in told and "Brand eller rök" in told
    assert "Lindviks kommun (Lindö län) · gå in, stäng dörrar och fönster · sänt" in told and "allvar: stort" in told


def test_vma_of_which_little_is_known_still_stands_and_says_what_is_not_known():
    text = sheet(vma_rows(2)).text()
    assert "ämnet läses i meddelandet" in text and "område okänt" in text


def test_of_many_vma_two_stand_in_front_and_the_rest_behind():
    text = sheet(vma_rows(4)).text()
    assert "4 VMA gäller nu" in text and "2 till bakom" in text
    assert text.count("område okänt") == 3


def test_on_a_morning_without_vma_nothing_of_it_stands_at_the_top_and_section_7_says_that_none_does():
    page = sheet({})
    assert "viktigt meddelande" not in page.text() and "inget VMA gäller" in section(page, 7)
    assert "no VMA stands" in sheet({}, "en").text()


def test_a_weather_warning_says_level_what_when_and_where_gravest_first():
    text = section(sheet({}), 7)
    assert "2 vädervarningar" in text and "1 varning togs bort i förtid" in text
    assert text.index("orange varning") < text.index("gul varning")
    assert "Snöfall" in text and "pågår till lör 17 okt 02.30 · Lindö län utom kusten" in text
    assert "Ny! · 15.30 till lör 17 okt 02.30 · Norrby, Hamnen" in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"warning_level": None}, "varning (nivå okänd)"),
        ({"event_sv": None, "event_en": None}, "väder okänt"),
        ({"warned_until": None}, "pågår ·"),
        ({"reach": "lan", "area_ids": ""}, "hela länet"),
        ({"is_now": False, "warned_until": None}, "från 02.30"),
    ],
)
def test_what_is_not_known_of_a_warning_is_said_in_words(values: dict[str, Any], said: str):
    assert said in section(sheet({"warning": [warning(1, "gul", "Vind", **values)]}), 7)


@pytest.mark.parametrize("status", ["absent", "never"])
def test_a_source_of_warnings_that_is_not_heard_is_no_calm(status: str):
    text = section(sheet(no_meeting(status)), 7)
    assert "vädervarningar: okänt, källan hörs inte" in text and "VMA: okänt, källan hörs inte" in text
    assert "inga vädervarningar" not in text and "inget VMA" not in text


def test_sources_that_are_heard_and_tell_of_nothing_say_so():
    text = section(sheet(no_meeting("fresh")), 7)
    assert "inga vädervarningar" in text and "inget VMA gäller" in text and "okänt" not in text


def test_a_source_of_warnings_that_fell_silent_says_when_it_was_heard_beside_what_it_told():
    rows = made_up_picture.ordinary()
    for row in rows["register"]:
        if row["register"] in ("weather_warning", "public_alert"):
            row["status"] = "down"
    text = section(sheet({"register": rows["register"]}), 7)
    assert "vädervarningar: hördes senast" in text and "VMA: hördes senast" in text and "Snöfall" in text


def test_overdue_points_of_walks_stand_after_the_overdue_insatser_and_open_ones_last():
    page = sheet({})
    text = section(page, 3)
    assert "1 vandringspunkt försenad" in text and "Två lampor trasiga" in text
    assert text.index("Trasig belysning i tunneln") < text.index("Två lampor trasiga")
    assert "skulle vara klar sön 11 okt · Stationstunneln · Teknik · Byt lampor · från trygghetsvandring" in text
    whole = page.text()
    assert whole.index("Vuxenvandring") < whole.index("Skymd sikt") and "klart senast mån 26 okt" in whole


def test_a_municipality_that_keeps_no_register_of_walks_is_not_told_so_each_morning():
    rows = made_up_picture.ordinary()
    for row in rows["register"]:
        if row["register"] == "safety_walk":
            row |= {"status": "absent", "is_known": False, "last_received_at": None}
    assert "vandringspunkter" not in section(sheet({"register": rows["register"], "walk_total": [
        {"register_status": "absent", "register_read_at": None, "walk_overdue_count": None, "walk_open_count": None}
    ], "walk_point": []}), 3)  # fmt: skip


def test_a_focus_place_tells_of_points_of_walks_beside_its_open_faults():
    text = sheet({}).text()
    assert "1 från vandring" in text and "2 från vandring" in text


def test_the_mail_s_first_line_begins_with_vma_that_stands_and_else_with_whose_picture_it_is():
    assert five_lines(picture(vma_rows()))[0].startswith("1 VMA GÄLLER NU · Ekby kommun")
    assert five_lines(picture({}))[0].startswith("Ekby kommun") and len(five_lines(picture(vma_rows()))) == 5


def test_the_map_s_areas_carry_the_gravest_warning_that_meets_them():
    warnings = [warning(1, None, "Dis", area_ids="area-1"), warning(2, "rod", "Storm", area_ids="area-1"),
                warning(3, "gul", "Vind", area_ids="area-1,area-2")]  # fmt: skip
    features = json.loads(map_geojson(picture({"warning": warnings})))["features"]
    levels = {one["id"]: one["properties"]["warning_level"] for one in features if one["properties"]["kind"] == "area"}
    assert (levels["area-1"], levels["area-2"], levels["area-3"]) == ("rod", "gul", None)


def test_the_plain_page_has_them_too():
    text = Page(render_minimal(picture(vma_rows() | {"warning": [warning(1, "rod", "Storm")]}))).text()
    assert text.index("VMA") < text.index("Källor i dag") and "brand" in text and "Storm" in text


def test_points_of_walks_that_nobody_owns_or_dates_are_said_to_be_so():
    point = walk_point(1, "Mörk gång", owner_name=None, due_day=None, walk_state="open")
    text = section(sheet({"due_insats": [], "walk_point": [point]}), 3)
    assert "öppen punkt" in text and "ägare okänd" in text.lower() and "klart senast" not in text
