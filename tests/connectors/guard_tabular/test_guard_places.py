"""Where a guard's report was: only as fine as the source gave it and the place allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from guard_town import (
    NORDVAKT_HEADER,
    categories,
    mapping,
    nordvakt_file,
    one,
    read,
    rows,
)

from connectors.guard_tabular.connector import check_mapping


def test_a_sensitive_word_is_placed_no_finer_than_the_municipality(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["sensitive"] = {"category": ["Bråk*"]}
    (row,) = rows(read(tmp_path, nordvakt_file({}), given=given))
    assert (row["is_person_sensitive"], row["location_precision"]) == (True, "kommun")
    assert (row["place_id"], row["area_id"], row["latitude"]) == (None, None, None)
    missing = one(tmp_path, Händelsetyp="Försvunnen person")
    assert (missing["is_person_sensitive"], missing["place_text"], missing["municipality_code"]) == (True, None, "0199")


def test_a_sweref_position_with_decimal_comma_finds_its_area(tmp_path: Path) -> None:
    row = one(tmp_path, Objekt="", N="6562118,4", E="674554,9")
    assert (row["area_id"], row["location_precision"], row["location_method"]) == ("L1", "omrade", "source_point")
    assert row["latitude"] is None


@pytest.mark.parametrize(
    ("north", "east", "flag"),
    [
        ("0", "0", "position_unusable"),
        ("6562118.4", "674554,9", "position_unreadable"),
        ("abc", "", "position_unreadable"),
    ],
)
def test_a_position_that_cannot_be_right_keeps_the_row_and_is_flagged(
    tmp_path: Path, north: str, east: str, flag: str
) -> None:
    row = one(tmp_path, Objekt="", N=north, E=east)
    assert row["area_id"] is None
    assert row["dq_flags"].startswith("position_")
    if flag == "position_unreadable":
        assert row["dq_flags"] == flag


@pytest.mark.parametrize(
    ("grid", "north", "east"),
    [("sweref99_1800", "6559380", "152861"), ("rt90", "6560906", "1628446"), ("sweref99_1630", "6560409", "238694")],
)
def test_a_position_in_a_local_zone_or_the_old_grid_finds_its_area(
    tmp_path: Path, grid: str, north: str, east: str
) -> None:
    given = mapping("nordvakt")
    given["place"]["crs"] = grid
    assert not check_mapping(given, categories())
    (row,) = rows(read(tmp_path, nordvakt_file({"Objekt": "", "N": north, "E": east}), given=given))
    assert (row["area_id"], row["dq_flags"]) == ("L1", "")


def test_a_grid_nobody_knows_and_columns_of_another_system_are_faults() -> None:
    given = mapping("nordvakt")
    given["place"]["crs"] = "sweref99"
    assert any("sweref99_1800" in fault for fault in check_mapping(given, categories()))
    given["place"]["crs"] = "wgs84"
    assert any("does not go with" in fault for fault in check_mapping(given, categories()))


@pytest.mark.parametrize(
    ("north", "east", "flag"), [("674554", "6562118", "position_swapped"), ("59,15", "18,05", "position_unusable")]
)
def test_exchanged_metres_and_degrees_for_metres_are_named_and_not_mended(
    tmp_path: Path, north: str, east: str, flag: str
) -> None:
    row = one(tmp_path, Objekt="", N=north, E=east)
    assert (row["area_id"], row["location_precision"], row["dq_flags"]) == (None, "kommun", flag)


def test_a_point_outside_the_areas_is_not_assumed_to_be_in_the_municipality(tmp_path: Path) -> None:
    row = one(tmp_path, Objekt="", N="6402118,4", E="674554,9")
    assert (row["municipality_code"], row["location_precision"]) == (None, "okand")
    assert row["dq_flags"] == "position_outside"


def test_a_place_nobody_knows_falls_back_on_the_area_column(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["columns"]["area"] = ["Område"]
    header = NORDVAKT_HEADER + ";Område"
    body = nordvakt_file({"Objekt": "Kiosken", "Område": "Södra"}, header=header)
    (row,) = rows(read(tmp_path, body, given=given))
    assert (row["area_id"], row["location_precision"]) == ("L2", "omrade")
    assert row["dq_flags"] == "place_unmatched"


def test_a_company_that_works_elsewhere_too_is_not_assumed_to_be_here(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["place"]["within_municipality"] = False
    (row,) = rows(read(tmp_path, nordvakt_file({"Objekt": "Kiosken"}), given=given))
    assert (row["municipality_code"], row["county_code"], row["location_precision"]) == (None, None, "okand")
