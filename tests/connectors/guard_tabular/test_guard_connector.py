"""From a company's file to reports: keys, words, places, corrections, books that balance, nothing personal."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from guard_town import (
    NORDVAKT_HEADER,
    RECEIVED_AT,
    context,
    delivery,
    mapping,
    nordvakt_file,
    one,
    read,
    reasons,
    rows,
    told,
    workbook,
)

from connectors.guard_tabular.connector import normalise, spell
from connectors.guard_tabular.numbers import read_number
from connectors.kit import fingerprint
from connectors.marks import fingerprints


def test_a_report_becomes_a_row_of_coded_values(tmp_path: Path) -> None:
    row = one(tmp_path, Polis_tillkallad="Ja", Åtgärd="Polis tillkallad")
    assert (row["report_id"], row["source_key"], row["owner_org"]) == ("guard_prov:R1", "R1", "Provbolaget AB")
    assert (row["category"], row["category_source"], row["counts_as"]) == ("vald.brak", "Bråk", "incident")
    assert (row["action_taken"], row["police_informed"]) == ("polis_tillkallad", True)
    assert (row["note_public"], row["observation_type"]) == ("Bråk. Polis tillkallad.", "guard_report")
    assert (row["place_id"], row["place_text"], row["area_id"]) == ("P1", "Stora torget", "L1")
    assert (row["municipality_code"], row["county_code"]) == ("0199", "01")
    assert (row["dq_flags"], row["pii_flags"], row["retain_until"]) == ("", "", date(2028, 8, 22))


def test_rounds_and_services_are_activity(tmp_path: Path) -> None:
    row = one(tmp_path, Händelsetyp="Rond", Åtgärd="")
    assert (row["counts_as"], row["observation_type"], row["note_public"]) == ("activity", "guard_activity", "Rond.")


def test_no_text_of_the_source_leaves_but_what_a_vocabulary_knows(tmp_path: Path) -> None:
    body = nordvakt_file(
        {
            "Objekt": "Hos Eva Ek",
            "Händelsetyp": "Eva Ek slog",
            "Beskrivning": "Eva Ek 19900101-0017",
            "Åtgärd": "Ringde Eva Ek",
            "Polis tillkallad": "Eva Ek",
            "K-nr": "5000-K123-26",
        }
    )
    result = read(tmp_path, body)
    kept = json.dumps([t.to_pylist() for t in (result.observations, result.rejects, result.notices)], default=str)
    for secret in ("Eva", "19900101", "K123", "4711"):
        assert secret not in kept
    assert rows(result)[0]["police_informed"] is True


def test_an_unknown_word_stays_a_row_and_is_told_by_its_fingerprint(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        nordvakt_file(
            {"Rapportnr": "R1"},
            {"Rapportnr": "R2", "Händelsetyp": "Drönare"},
            {"Rapportnr": "R3", "Händelsetyp": "DRÖNARE "},
        ),
    )
    assert [row["category"] for row in rows(result)] == ["vald.brak", "okand", "okand"]
    assert [row["category_source"] for row in rows(result)] == ["Bråk", None, None]
    assert told(result, "unmapped_word") == [("category", fingerprint("drönare"), 2, 2)]


def test_the_operator_can_have_an_unknown_word_spelled_out_from_the_landed_file(tmp_path: Path) -> None:
    landed = delivery(tmp_path, nordvakt_file({"Händelsetyp": "Drönare\u00ad"}, {"Åtgärd": "Trolleri"}))
    town = context(mapping("nordvakt"))
    (first, second) = told(normalise([landed], town, None), "unmapped_word")
    assert spell(landed, town, first[0], first[1]) == "drönare\\xad"
    assert spell(landed, town, second[0], second[1]) == "trolleri"
    assert spell(landed, town, "status", first[1]) is None


def test_only_the_first_unknown_words_are_told_one_by_one(tmp_path: Path) -> None:
    result = read(tmp_path, nordvakt_file(*[{"Rapportnr": f"R{n}", "Händelsetyp": f"ord {n}"} for n in range(25)]))
    notices = told(result, "unmapped_word")
    assert len(notices) == 21
    assert notices[-1] == ("category", "5 ord till", 5, 21)


def test_of_several_words_the_gravest_speaks(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["format"] |= {"category_separator": "/", "list_separator": ","}
    body = nordvakt_file(
        {"Händelsetyp": "Klotter / rån", "Åtgärd": "Polis tillkallad, avvisning, trolleri"},
        {"Rapportnr": "R2", "Händelsetyp": "Klotter/spöke"},
    )
    result = read(tmp_path, body, given=given)
    first, second = rows(result)
    assert (first["category"], first["category_source"]) == ("vald.ran", "Klotter/Rån")
    assert first["action_taken"] == "avvisning,polis_tillkallad"
    assert first["note_public"] == "Rån, överfallslarm. Personer avvisade, polis tillkallad."
    assert (second["category"], second["category_source"]) == ("skada.klotter", None)
    assert {(field, detail) for field, detail, *_ in told(result, "unmapped_word")} == {
        ("category", fingerprint("spöke")),
        ("action", fingerprint("trolleri")),
    }


def test_a_code_column_speaks_before_the_word(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["columns"]["category_code"] = ["Kod"]
    given["category_code"] = {"17": "skada.klotter"}
    body = nordvakt_file({"Kod": "17"}, {"Rapportnr": "R2", "Kod": ""}, header=NORDVAKT_HEADER + ";Kod")
    assert [row["category"] for row in rows(read(tmp_path, body, given=given))] == ["skada.klotter", "vald.brak"]


def test_fingerprints_are_the_kits_over_the_fields_that_are_read_and_no_others(tmp_path: Path) -> None:
    row = one(tmp_path)
    sent = {"id": "R1", "date": "2026-08-22", "time": "21.15", "time_until": "", "place": "Torget", "category": "Bråk"}
    sent |= {"action": "Avvisning", "police": "Nej", "northing": "", "easting": ""}
    assert tuple(row[name] for name in ("field_names", "field_fingerprints", "source_hash")) == fingerprints(sent)


def test_an_edit_of_free_text_staff_or_case_number_is_no_new_version(tmp_path: Path) -> None:
    edited = {"Beskrivning": "annan text", "Tjänstenr": "9", "K-nr": "K1"}
    plain, other = (rows(read(tmp_path, nordvakt_file(cells)))[0] for cells in ({}, edited))
    assert plain["source_hash"] == other["source_hash"]


def test_a_correction_is_the_same_report_with_another_hash(tmp_path: Path) -> None:
    first, second = rows(read(tmp_path, nordvakt_file({}, {"Händelsetyp": "Hot"})))
    assert first["report_id"] == second["report_id"]
    assert first["source_hash"] != second["source_hash"]
    assert first["record_number"] < second["record_number"]


def test_one_number_with_two_contents_in_a_delivery_is_flagged_and_told_of(tmp_path: Path) -> None:
    body = nordvakt_file({}, {"Händelsetyp": "Hot"}, {"Rapportnr": "R2"}, {"Rapportnr": "R2"})
    result = read(tmp_path, body, nordvakt_file({}), received_at=[RECEIVED_AT, RECEIVED_AT + timedelta(days=1)])
    assert [row["dq_flags"] for row in rows(result)] == ["key_repeated", "key_repeated", "", "", ""]
    assert told(result, "key_repeated") == [("id", None, 2, 1)]


def test_overlapping_deliveries_say_the_same_of_the_same_report(tmp_path: Path) -> None:
    night = timedelta(days=1)
    result = read(
        tmp_path,
        nordvakt_file({}),
        nordvakt_file({}, {"Rapportnr": "R2"}),
        received_at=[RECEIVED_AT, RECEIVED_AT + night],
    )
    same = [row["source_hash"] for row in rows(result) if row["source_key"] == "R1"]
    assert len(same) == 2
    assert len(set(same)) == 1


def test_a_report_without_number_gets_a_key_that_holds_from_night_to_night(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["identity"]["placeholders"] = ["00000"]
    nights = [RECEIVED_AT, RECEIVED_AT + timedelta(days=1)]
    twins = [{"Rapportnr": "", "Beskrivning": "a"}, {"Rapportnr": "00000", "Beskrivning": "b"}]
    other = {"Rapportnr": "", "Tid från": "11.00"}
    result = read(tmp_path, nordvakt_file(*twins), nordvakt_file(other, *twins), given=given, received_at=nights)
    keys = [row["source_key"] for row in rows(result)]
    assert keys[:2] == keys[3:]
    assert len(set(keys)) == 3
    assert {row["dq_flags"] for row in rows(result)} == {"no_source_key"}


def test_a_number_that_begins_as_the_companys_filler_does_is_no_number(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["identity"]["placeholders"] = ["000*"]
    result = read(tmp_path, nordvakt_file({"Rapportnr": "00017"}, {"Rapportnr": "17"}), given=given)
    assert [(row["source_key"] == "17", row["dq_flags"]) for row in rows(result)] == [
        (False, "no_source_key"),
        (True, ""),
    ]


def test_a_cancelled_report_is_counted_and_told_of(tmp_path: Path) -> None:
    result = read(tmp_path, nordvakt_file({}, {"Rapportnr": "R2", "Åtgärd": "Makulerad"}))
    assert [(row["source_key"], row["observation"]) for row in rows(result)] == [("R1", "seen"), ("R2", "cancelled")]
    assert told(result, "cancelled_by_source") == [(None, None, 1, 2)]
    assert told(result, "unmapped_word") == []


def test_filler_void_and_one_cell_rows_are_rejected_with_their_reason(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["refused"] = {"void": {"category": ["Void*"]}, "filler_no_incident": {"id": ["Inga händelser*"]}}
    body = nordvakt_file({"Händelsetyp": "VOID 12"}) + (
        "Inga händelser 22/8;;;;;;;;;;;;;\r\n* preliminärt;;;;;;;;;;;;;\r\n;;;;;;;;;;;;;\r\n".encode("cp1252")
    )
    result = read(tmp_path, body, given=given)
    assert sorted(reasons(result)) == [
        (1, "void", None),
        (2, "filler_no_incident", None),
        (3, "outside_table", None),
        (4, "blank_row", None),
    ]
    assert result.outcomes[0].disposition == "accepted"


@pytest.mark.parametrize(("written", "reason"), [("fyra", "quantity_unreadable"), ("-5", "quantity_out_of_range")])
def test_a_count_that_cannot_be_right_rejects_its_row(tmp_path: Path, written: str, reason: str) -> None:
    given = mapping("nordvakt")
    given["columns"]["quantity"] = ["Antal"]
    body = nordvakt_file({"Antal": "1 234"}, {"Rapportnr": "R2", "Antal": written}, header=NORDVAKT_HEADER + ";Antal")
    result = read(tmp_path, body, given=given)
    assert [row["quantity"] for row in rows(result)] == [1234]
    assert reasons(result) == [(2, reason, "quantity")]


@pytest.mark.parametrize(
    ("text", "comma", "number"),
    [
        ("3,5", True, 3.5),
        ("1 234,5", True, 1234.5),
        ("1\u00a0234,5", True, 1234.5),
        ("\u22123", True, -3.0),
        ("59.1", False, 59.1),
    ],
)
def test_numbers_are_read_by_the_companys_own_convention(text: str, comma: bool, number: float) -> None:
    assert read_number(text, decimal_comma=comma) == number


@pytest.mark.parametrize("text", ["1.234", "1,2,3", "12 34", "3,5 m", ""])
def test_a_number_of_another_convention_is_not_read(text: str) -> None:
    assert read_number(text, decimal_comma=True) != read_number(text, decimal_comma=True)  # NaN


def test_the_workbook_company_is_read_by_its_mapping(tmp_path: Path) -> None:
    header = [
        "Ärendenr",
        "Händelsedatum",
        "Klockslag",
        "Plats",
        "Kategori",
        "Notering",
        "Insats",
        "Polis",
        "Väktare",
        "Lat",
        "Long",
        "Antal",
    ]
    body = workbook(
        [
            header,
            [
                501,
                date(2026, 8, 22),
                time(23, 15),
                "Ekskolan",
                "Glaskross",
                "fritext",
                "Ingen",
                "Nej",
                "EE",
                59.05,
                18.05,
                2,
            ],
            [502, date(2026, 8, 22), None, "", "Bevakningsrond", "", "Ingen", "", "EE", 59.15, 18.05, None],
            [504, 46256, 0.5, "Torget", "Graffiti", "", "Ingen", "", "EE", None, None, None],
            [503, date(2026, 8, 22), time(1, 5), "Torget", "Slagsmål", "", "Makulerad", "Ja", "EE", None, None, None],
        ]
    )
    result = read(tmp_path, body, name="tryggve")
    first, second, serial, third = rows(result)
    assert serial["occurred_from"] == datetime(2026, 8, 22, 10, tzinfo=UTC)
    assert (first["source_key"], first["quantity"], first["action_taken"]) == ("501", 2, "ingen")
    assert first["occurred_from"] == datetime(2026, 8, 22, 21, 15, tzinfo=UTC)
    assert (first["place_text"], first["publicness"], first["latitude"]) == ("Ekskolan", "semi_public", None)
    assert (second["occurred_precision"], second["area_id"], second["police_informed"]) == ("day", "L1", None)
    assert (third["observation"], third["police_informed"]) == ("cancelled", True)
    assert result.outcomes[0].disposition == "accepted"


def test_the_housing_company_is_read_by_its_mapping(tmp_path: Path) -> None:
    text = (
        "ID\tAnmäld\tOmråde\tRubrik\tFritext\tStatus\tÅtgärdad\n"
        "L-1\t22.08.2026 23.15\tNorra\tKlotter\tfritext\tÅtgärdad\t23.08.2026\n"
        "L-2\t21.08.2026 8.05\tSödra\tTrasig port\t\tNy\t\n"
        "L-3\t21.08.2026\tSödra\tKällarinbrott\t\tMakulerad\t\n"
    )
    result = read(tmp_path, text.encode("utf-8-sig"), name="bostad_lindhem")
    first, second, third = rows(result)
    assert (first["reported_at"], first["occurred_from"]) == (datetime(2026, 8, 22, 21, 15, tzinfo=UTC), None)
    assert (first["status"], first["closed_at"]) == ("closed", datetime(2026, 8, 22, 22, tzinfo=UTC))
    assert (first["area_id"], first["observation_type"]) == ("L1", "municipal_request")
    assert (second["status"], second["category"], second["closed_at"]) == ("open", "plats.trasigt", None)
    assert third["observation"] == "cancelled"
    assert told(result, "unmapped_word") == []
