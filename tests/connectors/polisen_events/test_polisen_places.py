from __future__ import annotations

import pytest
from made_up_police import Police, rows_of, window


@pytest.mark.parametrize(
    ("place", "location", "municipality", "county", "precision", "flag"),
    [
        ("Hallsberg", "Hallsberg", "1861", "18", "kommun", ""),  # until January 2026
        ("Hallsberg", "Örebro län", "1861", "18", "kommun", ""),  # since
        ("Upplands väsby", "Stockholms län", "0114", "01", "kommun", ""),
        ("Örebro län", "Örebro län", None, "18", "lan", ""),
        ("Gotlands län", "Gotlands län", "0980", "09", "kommun", ""),  # a county of one municipality
        ("", "Örebro län", None, "18", "lan", "place_empty"),
        ("", "Hallsberg", "1861", "18", "kommun", "place_empty"),
        ("Påhittsta", "Örebro län", None, "18", "lan", "place_unmapped"),
        ("Påhittsta", "Påhittsta", None, None, "okand", "place_unmapped"),
        ("Upplands-Bro", "Järfälla", None, "01", "lan", "place_conflict"),
        ("Hallsberg", "Skåne län", None, None, "okand", "place_conflict"),
    ],
)
def test_the_municipality_comes_from_the_title_before_and_after_january_2026(
    police: Police,
    place: str,
    location: str,
    municipality: str | None,
    county: str | None,
    precision: str,
    flag: str,
) -> None:
    row = police.row(type="Brand", name=f"21 augusti 07.00, Brand, {place}", location_name=location)
    assert (row["municipality_code"], row["county_code"]) == (municipality, county)
    assert (row["location_precision"], row["dq_flags"]) == (precision, flag)
    assert (row["place_type"] == "kommun") is (row["place_text"] is not None) is (municipality is not None)


def test_the_county_centroid_never_becomes_a_point(police: Police) -> None:
    row = police.row()
    assert row["place_text"] == "Haninge"
    assert (row["latitude"], row["longitude"], row["area_id"], row["place_id"]) == (None, None, None, None)


def test_a_null_location_is_unknown_and_the_title_still_tells(police: Police) -> None:
    entry = window(1)
    entry[0]["location"] = None
    (row,) = rows_of(police.read(entry, window_length=1, minimum_types=0))
    assert (row["municipality_code"], row["location_precision"]) == ("0136", "kommun")


def test_an_unknown_place_and_type_are_loaded_and_noticed_by_fingerprint_alone(police: Police) -> None:
    body = window(*range(1, 12)) + window(12, type="Nyordsbrott", name="21 augusti 07.00, Nyordsbrott, Påhittsta")
    tables = police.read(body)
    notices = [(n["notice"], n["field"], n["first_record_number"]) for n in tables.notices.to_pylist()]
    assert notices == [("unmapped_category", "type", 12), ("unmapped_place", "name", 12)]
    last = rows_of(tables)[-1]
    assert (last["category"], last["category_source"], last["note_public"]) == ("okand", None, None)
    assert (last["counts_as"], last["dq_flags"]) == ("meta", "note_withheld,place_unmapped,unmapped_category")
    said = str([row for table in (tables.notices, tables.observations) for row in table.to_pylist()])
    assert "Nyord" not in said and "Påhittsta" not in said


def test_information_to_a_county_claims_no_municipality_but_says_whom_it_concerns(police: Police) -> None:
    row = police.row(type="Information", name="21 augusti 07.00, Information, Haninge")
    assert (row["municipality_code"], row["location_precision"], row["place_text"]) == ("0136", "lan", None)
