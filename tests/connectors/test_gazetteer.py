"""Which named place a written place means, and when none may be chosen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from connectors.gazetteer import FUZZY_FLOOR, FUZZY_MARGIN, Gazetteer, NamedPlace, read_places

NAMES = ["Storgatan", "Östra Hamngatan", "Västra Hamngatan", "Kungsgatan", "Sankt Olofsgatan", "Skolvägen",
         "Järnvägsgatan", "Ringvägen", "Skolgatan", "Granö", "Gränö", "Parkering 3", "Parkering 5"]  # fmt: skip


def match(text: str) -> tuple[str, str | None]:
    gazetteer = Gazetteer(
        [NamedPlace(name, name, (), "x", "public", None, None, None) for name in NAMES], ["Centrum", "Björkbacka"]
    )
    found = gazetteer.match([text])[0]
    if found.place >= 0:
        return found.how, NAMES[found.place]
    return found.how, ["Centrum", "Björkbacka"][found.area] if found.area >= 0 else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("STORGATAN 12 B", "Storgatan"),
        ("  storgatan\u00a012-14 ", "Storgatan"),
        ("O\u0308stra Hamngatan", "Östra Hamngatan"),
        ("Ö. Hamngatan", "Östra Hamngatan"),
        ("V Hamngatan 3", "Västra Hamngatan"),
        ("S:t Olofsg. 4", "Sankt Olofsgatan"),
        ("Storgatan vid torget", "Storgatan"),
        ("Storgatan, entré 2", "Storgatan"),
        ("Storgatan (baksidan)", "Storgatan"),
        ("utanför Storgatan 4", "Storgatan"),
        ("Parkering 3", "Parkering 3"),
    ],
)
def test_a_name_written_another_way_is_the_same_name(text: str, name: str) -> None:
    assert match(text) == ("gazetteer_exact", name)


def test_a_name_without_rings_and_dots_is_found() -> None:
    assert match("ringvagen 7 lgh 1102") == ("gazetteer_folded", "Ringvägen")


@pytest.mark.parametrize(("text", "name"), [("Järnvägsgtan", "Järnvägsgatan"), ("Skolgatn", "Skolgatan")])
def test_a_misspelling_of_one_name_alone_is_that_name(text: str, name: str) -> None:
    assert match(text) == ("gazetteer_fuzzy", name)


@pytest.mark.parametrize("text", ["Grano", "Hamngatan"])
def test_a_text_that_could_be_two_places_is_neither(text: str) -> None:
    assert match(text) == ("ambiguous", None)


@pytest.mark.parametrize("text", ["Coop Forum", "Parkering 4", "12", "", "  ", "Ö", "?!"])
def test_a_text_that_is_no_known_place_is_none(text: str) -> None:
    assert match(text) == ("none", None)


@pytest.mark.parametrize("text", ["centrum", "Centrum, entré 2", "BJORKBACKA"])
def test_an_area_s_name_is_an_area(text: str) -> None:
    assert match(text)[0] == "area_name"


def test_an_area_s_own_name_beats_a_place_that_is_merely_spelt_like_it() -> None:
    gazetteer = Gazetteer([NamedPlace("c", "Centrumet", (), "x", "public", None, None, None)], ["Centrum"])
    assert gazetteer.match(["Centrum"])[0].area == 0


def gazetteer_of(*names: str, areas: tuple[str, ...] = ()) -> Gazetteer:
    return Gazetteer([NamedPlace(name, name, (), "x", "public", None, None, None) for name in names], areas)


def test_a_text_that_is_not_near_enough_is_none() -> None:
    assert match("Skolgta") == ("none", None)  # 2 of 9 letters: .78


def test_a_swap_with_a_letter_put_between_counts_as_two_misspellings_and_not_three() -> None:
    assert gazetteer_of("Nya Skolbackabc").match(["Nya Skolbackca"])[0].how == "gazetteer_fuzzy"


def test_a_misspelling_as_near_to_two_names_is_neither() -> None:
    gazetteer = gazetteer_of("Norrvägen", "Norsvägen")
    assert gazetteer.match(["Noravägen"])[0].how == "ambiguous"
    assert gazetteer.match(["Norrvägem"])[0].place == 0


def test_an_area_s_name_as_written_beats_a_place_that_only_folds_to_it() -> None:
    found = gazetteer_of("Ängen", areas=("Angen",)).match(["Angen"])[0]
    assert (found.how, found.area) == ("area_name", 0)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text("abc", min_size=6, max_size=12), min_size=1, max_size=6, unique=True),
    st.text("abc", min_size=6, max_size=12),
)
def test_the_quick_search_finds_what_a_full_comparison_finds(names: list[str], text: str) -> None:
    scores = sorted((DamerauLevenshtein.normalized_similarity(text, name) for name in names), reverse=True)
    found = gazetteer_of(*names).match([text])[0]
    if text in names:
        assert names[found.place] == text
    elif scores[0] < FUZZY_FLOOR:
        assert found.how == "none"
    elif len(scores) > 1 and scores[0] - scores[1] < FUZZY_MARGIN:
        assert found.how == "ambiguous"
    else:
        assert DamerauLevenshtein.normalized_similarity(text, names[found.place]) == scores[0]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a,b\n1,2\n", b""])
def test_a_gazetteer_that_cannot_be_read_is_a_fault_and_not_a_crash(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "places.csv").write_bytes(body)
    assert read_places(tmp_path / "places.csv", set())[1]


@pytest.mark.feeds
def test_the_reference_cases_of_names_come_out_as_written(feeds_folder: Path) -> None:
    path = feeds_folder.parent / "reference" / "08_geography.json"
    if not path.is_file():
        pytest.skip("the reference cases are not beside the project")
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    cases = [case for case in cases if case["method"] == "gazetteer_match"]
    assert len(cases) == 9
    for case in cases:
        names, expected = case["inputs"]["gazetteer"], case["expected"]
        places = [NamedPlace(name, name, (), "x", "public", None, None, None) for name in names]
        found = Gazetteer(places, []).match([case["inputs"]["query"]])[0]
        assert (names[found.place] if found.place >= 0 else None) == expected["match"], case["id"]
        if expected["match"]:
            assert found.how == f"gazetteer_{expected['how']}", case["id"]
