"""Where something happened: areas, named places, honest precision, positions that cannot be right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import box

from connectors.gazetteer import COLUMNS
from connectors.places import Area, NamedPlace, Places

NONE = float("nan")

AREAS = [
    Area("a2", "Centrum", "kommundel", None, box(17.0, 59.0, 17.1, 59.1), False),
    Area("a1", "Hamnen", "kommundel", 1200, box(17.1, 59.0, 17.2, 59.1), False),
]
GAZETTEER = [
    NamedPlace("torget", "Stortorget", ("Torget",), "torg", "public", "a2", 59.05, 17.05),
    NamedPlace("skolan", "Ekskolan", (), "skola", "semi_public", None, 59.05, 17.15),
    NamedPlace("gatan", "Norra Hamngatan", (), "gata", "public", None, None, None),
    NamedPlace("garden", "Gården Ek", (), "bostad", "private", "a1", 59.02, 17.12),
]


@pytest.fixture(scope="module")
def places() -> Places:
    return Places(AREAS, GAZETTEER)


def resolve(
    places: Places, text: str | None = None, latitude: float = NONE, longitude: float = NONE,
    finest: str = "plats", *, points_are_public: bool = False,
) -> dict[str, Any]:  # fmt: skip
    table = places.resolve(
        [text], np.array([latitude]), np.array([longitude]), [finest], points_are_public=points_are_public
    )
    return table.to_pylist()[0]


# --- what may leave -------------------------------------------------------------------------------------


def test_a_point_leaves_only_at_a_public_place(places: Places) -> None:
    public = resolve(places, "Torget", 59.06, 17.06)
    assert (public["latitude"], public["longitude"]) == (59.06, 17.06)
    assert (public["location_precision"], public["location_method"]) == ("punkt", "source_point")
    for text in ("Ekskolan", "Gården Ek", None, "Något annat"):
        row = resolve(places, text, 59.03, 17.13)
        assert (row["latitude"], row["longitude"]) == (None, None)
        assert row["area_id"] == "a1"


def test_a_feed_of_public_points_shows_them_without_a_named_place(places: Places) -> None:
    row = resolve(places, None, 59.03, 17.13, points_are_public=True)
    assert (row["latitude"], row["location_precision"], row["area_id"]) == (59.03, "punkt", "a1")


def test_a_public_place_lends_its_own_coordinates_where_the_source_gave_none(places: Places) -> None:
    row = resolve(places, "Stortorget")
    assert (row["latitude"], row["longitude"]) == (59.05, 17.05)
    assert (row["location_precision"], row["location_method"]) == ("plats", "gazetteer_exact")


def test_a_place_that_is_not_public_keeps_its_coordinates_to_itself(places: Places) -> None:
    row = resolve(places, "Ekskolan")
    assert (row["place_id"], row["publicness"], row["latitude"]) == ("skolan", "semi_public", None)
    assert row["area_id"] == "a1", "an area not written down is the one the coordinates lie in"


def test_the_source_s_own_words_never_leave(places: Places) -> None:
    row = resolve(places, "torget, hos Testnamn Testsson")
    assert row["place_text"] == "Stortorget"
    assert "Testnamn" not in str(resolve(places, "hemma hos Testnamn Testsson", 59.05, 17.05))


@pytest.mark.parametrize(
    ("finest", "precision", "shown"),
    [
        ("plats", "punkt", {"place_id", "area_id", "latitude"}),
        ("omrade", "omrade", {"area_id"}),
        ("kommun", "kommun", set()),
        ("lan", "lan", set()),
    ],
)
def test_the_category_decides_how_fine_the_place_may_be(
    places: Places, finest: str, precision: str, shown: set[str]
) -> None:
    row = resolve(places, "Stortorget", 59.06, 17.06, finest, points_are_public=True)
    assert row["location_precision"] == precision
    hidden = {"place_id", "place_text", "place_type", "publicness", "area_id", "latitude", "longitude"}
    have = {name for name in hidden if row[name] is not None}
    assert have & {"place_id", "area_id", "latitude"} == shown
    assert shown or not have


def test_nothing_known_is_said_to_be_unknown_whatever_the_category(places: Places) -> None:
    for finest in ("plats", "omrade", "kommun", "lan"):
        row = resolve(places, None, finest=finest)
        assert (row["location_precision"], row["location_method"], row["dq"]) == ("okand", "none", "")


def test_a_word_that_is_no_precision_is_refused(places: Places) -> None:
    with pytest.raises(ValueError, match="finest precision"):
        resolve(places, None, finest="gata")


def test_columns_of_different_lengths_are_refused(places: Places) -> None:
    with pytest.raises(ValueError, match="different lengths"):
        places.resolve(["a", "b"], np.array([1.0]), np.array([1.0]), ["plats"])


# --- positions that cannot be right ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude", "flag"),
    [
        (0.0, 0.0, "position_null_island"),
        (0.0001, -0.0001, "position_null_island"),
        (17.05, 59.05, "position_swapped"),
        (18.0649, 59.3325, "position_swapped"),
        (6580822.0, 674032.0, "position_unusable"),
        (59.05, NONE, "position_unusable"),
        (float("inf"), 17.0, "position_unusable"),
        (58.0, 16.0, "position_outside"),
    ],
)
def test_an_impossible_position_is_unknown_and_flagged_but_its_row_is_kept(
    places: Places, latitude: float, longitude: float, flag: str
) -> None:
    row = resolve(places, None, latitude, longitude, points_are_public=True)
    assert row["dq"] == flag
    assert (row["latitude"], row["area_id"], row["location_precision"]) == (None, None, "okand")


def test_an_impossible_position_does_not_spoil_a_good_name(places: Places) -> None:
    row = resolve(places, "Stortorget", 0.0, 0.0)
    assert (row["place_id"], row["latitude"], row["dq"]) == ("torget", 59.05, "position_null_island")


def test_a_name_as_written_beats_a_position_in_another_area(places: Places) -> None:
    row = resolve(places, "Stortorget", 59.05, 17.15)
    assert (row["place_id"], row["area_id"], row["latitude"]) == ("torget", "a2", 59.05)
    assert (row["longitude"], row["dq"]) == (17.05, "position_differs")


def test_a_position_beats_a_name_that_had_to_be_guessed(places: Places) -> None:
    row = resolve(places, "Stortorgte", 59.05, 17.15)
    assert (row["place_id"], row["area_id"], row["location_method"]) == (None, "a1", "source_point")
    assert row["dq"] == "position_differs"


# --- names and rows ------------------------------------------------------------------------------------


def test_the_same_alias_for_two_places_is_ambiguous(places: Places) -> None:
    twice = [NamedPlace(n, n, ("Parken",), "park", "public", None, None, None) for n in ("Norrpark", "Söderpark")]
    row = resolve(Places(AREAS, twice), "Parken")
    assert (row["place_id"], row["dq"]) == (None, "place_ambiguous")


def test_of_two_streets_with_one_name_the_report_s_position_tells_which() -> None:
    streets = [NamedPlace(n, "Storgatan", (), "gata", "public", n, None, None) for n in ("a1", "a2")]
    places = Places(AREAS, streets)
    row = resolve(places, "Storgatan 4", 59.05, 17.05)
    assert (row["place_id"], row["area_id"], row["dq"]) == ("a2", "a2", "")
    assert resolve(places, "Storgatan 4", 59.05, 17.15)["place_id"] == "a1"
    assert resolve(places, "Storgatan 4")["dq"] == "place_ambiguous"
    table = places.resolve(["Storgatan", "Okänt"], np.full(2, 59.05), np.full(2, 17.05), ["plats"] * 2)
    assert table.column("place_id").to_pylist() == ["a2", None]
    both_in_one = Places(AREAS, [*streets, NamedPlace("x", "Storgatan", (), "gata", "public", "a2", None, None)])
    assert resolve(both_in_one, "Storgatan 4", 59.05, 17.05)["dq"] == "place_ambiguous"


def test_an_unmatched_text_is_flagged_and_an_empty_one_is_not(places: Places) -> None:
    assert resolve(places, "Coop Forum")["dq"] == "place_unmatched"
    assert resolve(places, " ")["dq"] == ""


def test_the_answer_keeps_the_order_of_the_rows(places: Places) -> None:
    texts = ["Stortorget", None, "Ekskolan", "Stortorget", "Hamnen"] * 3
    table = places.resolve(texts, np.full(15, NONE), np.full(15, NONE), ["plats"] * 15)
    assert table.column("place_id").to_pylist() == ["torget", None, "skolan", "torget", None] * 3


def test_a_broken_character_in_a_text_does_not_stop_the_rest(places: Places) -> None:
    table = places.resolve(["\ud800", "Stortorget"], np.full(2, NONE), np.full(2, NONE), ["plats"] * 2)
    assert table.column("place_id").to_pylist() == [None, "torget"]


def test_no_areas_and_no_places_is_a_town_where_nothing_is_known() -> None:
    row = resolve(Places([], []), "Stortorget", 59.0, 17.0)
    assert (row["location_precision"], row["dq"]) == ("okand", "place_unmatched")


def test_no_rows_give_a_table_without_rows(places: Places) -> None:
    assert places.resolve([], np.array([]), np.array([]), []).num_rows == 0


# --- reading the files ----------------------------------------------------------------------------------


def feature(**changes: Any) -> dict[str, Any]:
    properties = {"area_id": "a1", "area_name": "Hamnen", "area_kind": "kommundel", "population": None,
                  "is_approximate": True}  # fmt: skip
    geometry = {"type": "Polygon", "coordinates": [[[17, 59], [17.1, 59], [17.1, 59.1], [17, 59]]]}
    return {
        "type": "Feature",
        "geometry": changes.pop("geometry", geometry),
        "properties": {**properties, **changes},
    }


def write_areas(folder: Path, *features: Any) -> Path:
    path = folder / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def write_places(folder: Path, *rows: str) -> Path:
    path = folder / "places.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return path


def test_areas_and_places_are_read_as_written(tmp_path: Path) -> None:
    places = Places.read(
        write_areas(tmp_path, feature(population=7)),
        write_places(tmp_path, "p1,Stortorget,Torget|Torg,torg,public,a1,59.05,17.05", "p2,Ek,,park,private,,,"),
    )
    assert (places.areas[0].name, places.areas[0].population, places.areas[0].is_approximate) == ("Hamnen", 7, True)
    assert places.gazetteer[0].aliases == ("Torget", "Torg")
    assert (places.gazetteer[1].latitude, places.gazetteer[1].area_id) == (None, None)


def test_every_fault_of_both_files_stands_in_one_message(tmp_path: Path) -> None:
    areas = write_areas(
        tmp_path,
        feature(),
        feature(),
        feature(area_id="a2", population="många"),
        feature(area_id="a3", geometry={"type": "Point", "coordinates": [17, 59]}),
        feature(area_id="a4", geometry={"type": "Polygon", "coordinates": [[[17, 59], [17.1, 59.1], [17.1, 59],
                                                                            [17, 59.1], [17, 59]]]}),
        feature(area_id="a5", geometry={"type": "Polygon", "coordinates": [[[674000, 6580000], [674100, 6580000],
                                                                            [674100, 6580100], [674000, 6580000]]]}),
        feature(area_id="a6", geometry={"type": "Polygon", "coordinates": [["x"]]}),
        feature(area_id="", is_approximate="ja"),
        "no feature",
    )  # fmt: skip
    gazetteer = write_places(
        tmp_path,
        "p1,Torget,,torg,public,a9,,",
        "p1,Torget,,torg,öppen,,59,",
        ",,,,,,,",
        "p2,Torget,,torg,public",
        "p3,Torget,,torg,public,,0,0",
        "p4,Torget,,torg,public,,17.05,59.01",
    )
    with pytest.raises(ValueError) as caught:
        Places.read(areas, gazetteer)
    message = str(caught.value)
    for fault in (
        "feature 2: area_id 'a1' stands twice", "feature 3: population", "feature 4: geometry must be a Polygon",
        "feature 5: geometry is not valid (Self-intersection)", "feature 6: coordinates are not degrees",
        "feature 7: geometry's coordinates cannot be read", "feature 8: area_id must be a text",
        "feature 8: is_approximate", "feature 9: has no properties", "row 2: area_id is not among the areas",
        "row 3: publicness must be one of", "row 3: latitude and longitude must both", "row 3: place_id stands twice",
        "row 4: place_name is empty", "row 5: has not 8 fields", "row 6: latitude and longitude are not degrees",
        "place 'p4': latitude and longitude look swapped",
    ):  # fmt: skip
        assert fault in message, fault
