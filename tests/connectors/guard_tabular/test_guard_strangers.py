"""Three exports nobody had shown the connector, each read by a mapping alone: what a new company's looks like."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from guard_town import NORDVAKT_ROW, categories, nordvakt_file, read, reasons, rows

from connectors.guard_tabular.connector import check_mapping

RECEIVED_AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def utc(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


PATROL_LOG: dict[str, Any] = {
    "format": {"kind": "xlsx"},
    "columns": {
        "id": ["Rapport #"], "moment": ["Påbörjad"], "moment_until": ["Avslutad"], "place": ["Site"],
        "category": ["Incident Type"], "police": ["Polis kontaktad?"], "quantity": ["Antal pers."],
        "ignored": ["Kommentar"],
    },
    "identity": {"natural_key": ["moment", "place", "category"]},
    "time": {"moment_formats": ["iso"]},
    "police": {"yes": ["JA*"], "no": ["NEJ"]},
    "category": {"Ordningsstörning": "ordning.storning", "Rondering": "vaktaktivitet.rond"},
}  # fmt: skip

BUREAU: dict[str, Any] = {
    "format": {"kind": "csv", "encoding": "utf-16", "separator": "\t"},
    "columns": {
        "id": ["Ärende"], "moment": ["Från"], "moment_until": ["Till"], "place": ["Objekt"], "category": ["Rubrik"],
        "police": ["Polis"], "ignored": ["Tjänstgörande"],
    },
    "identity": {"natural_key": ["moment", "place", "category"]},
    "time": {"moment_formats": ["%d.%m.%Y kl. %H:%M"], "time_formats": ["kl. %H:%M"]},
    "police": {"yes": ["ja"], "no": ["nej"]},
    "category": {"Störande": "ordning.storning"},
}  # fmt: skip

CODED: dict[str, Any] = {
    "format": {"kind": "csv", "encoding": "cp1252", "separator": ";", "decimal_comma": True},
    "columns": {
        "id": ["Löpnr"], "date": ["Datum"], "time": ["Klockslag"], "place": ["Område"], "category": ["Kod"],
        "latitude": ["Lat"], "longitude": ["Long"], "police": ["Larm polis"], "quantity": ["Antal"],
        "ignored": ["Beskrivning", "Kostnad"],
    },
    "identity": {"natural_key": ["date", "time", "place", "category"]},
    "time": {"date_formats": ["%m/%d/%Y", "excel_serial"], "time_formats": ["%I:%M %p"]},
    "police": {"yes": ["X"], "blank_is_no": True},
    "category": {"201": "ordning.storning", "305": "skada.klotter"},
}  # fmt: skip


def patrol_log() -> bytes:
    """Title rows, a merged header above the header, date-time cells, a totals row and footnotes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Rapport")
    book.add_worksheet("Info").write(0, 0, "Support 08-123 45 67")
    sheet.merge_range("A1:H1", "Vaktbolaget – Händelserapport vecka 47")
    sheet.write("A2", "Utskriven 2026-11-22 06:02 av Anna Andersson")
    sheet.merge_range("A4:B4", "Rapport")
    sheet.merge_range("C4:D4", "Tidpunkt")
    local = datetime.fromisoformat  # a workbook's cells know no zone
    table = [
        ["Rapport #", "Påbörjad", "Avslutad", "Site", "Incident Type", "Polis\nkontaktad?", "Kommentar", "Antal pers."],
        ["SX-1", local("2026-11-20 23:55"), local("2026-11-21 00:20"), "Torget", "Ordningsstörning",
         "JA (K-nr 5000-K1234-26)", "Kalle skrek", 3],
        ["SX-2", local("2026-11-21 02:05"), None, "STORA TORGET", "Rondering", "", "", None],
        ["Totalt", None, None, "", "", "", "", 2],
        [],
        ["* K-nr anges när polis upprättat anmälan"],
    ]  # fmt: skip
    for number, row in enumerate(table, start=4):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.close()
    return buffer.getvalue()


@pytest.mark.parametrize("mapping", [PATROL_LOG, BUREAU, CODED], ids=["patrol_log", "bureau", "coded"])
def test_the_mapping_is_without_fault(mapping: dict[str, Any]) -> None:
    assert check_mapping(mapping, categories()) == []


def test_a_printed_looking_workbook_gives_its_reports_and_sets_the_rest_aside(tmp_path: Path) -> None:
    result = read(tmp_path, patrol_log(), given=PATROL_LOG, received_at=[RECEIVED_AT])
    first, second = rows(result)
    assert (first["source_key"], first["occurred_from"], first["occurred_until"]) == (
        "SX-1",
        utc(20, 22, 55),
        utc(20, 23, 20),
    )
    assert (first["police_informed"], first["quantity"], first["place_id"]) == (True, 3, "P1")
    assert (second["occurred_from"], second["occurred_until"], second["police_informed"]) == (utc(21, 1, 5), None, None)
    assert second["observation_type"] == "guard_activity"
    assert {reason for _, reason, _ in reasons(result)} == {"totals_row", "blank_row", "outside_table"}


def test_a_utf16_table_with_an_end_that_is_only_a_time_of_day(tmp_path: Path) -> None:
    lines = [
        "Ärende\tFrån\tTill\tObjekt\tRubrik\tPolis\tTjänstgörande",
        "B1\t22.8.2026 kl. 7:05\t22.8.2026 kl. 7:25\tTorget\tStörande\tnej\t4711",
        "B2\t21.11.2026 kl. 23:50\tkl. 0:15\tTorget\tStörande\tja\t4711",
        "B3\t21.11.2026 kl. 23:50\tkl. 23:40\tTorget\tStörande\t\t4711",
        "B4\t21.11.2026 kl. 23:50\tsen natt\tTorget\tStörande\t\t4711",
    ]
    body = ("\r\n".join(lines) + "\r\n").encode("utf-16")
    found = rows(read(tmp_path, body, given=BUREAU, received_at=[RECEIVED_AT]))
    assert [(row["occurred_from"], row["occurred_until"], row["dq_flags"]) for row in found] == [
        (datetime(2026, 8, 22, 5, 5, tzinfo=UTC), datetime(2026, 8, 22, 5, 25, tzinfo=UTC), ""),
        (utc(21, 22, 50), utc(21, 23, 15), ""),
        (utc(21, 22, 50), None, "interval_reversed"),
        (utc(21, 22, 50), None, "interval_unreadable"),
    ]
    assert [row["police_informed"] for row in found] == [False, True, None, None]


def test_quoted_newlines_codes_serials_and_a_ticked_box(tmp_path: Path) -> None:
    body = (
        '"Löpnr";"Datum";"Klockslag";"Område";"Kod";"Lat";"Long";"Beskrivning";"Kostnad";"Antal";"Larm polis"\n'
        '"00017";"11/20/2026";"11:45 PM";"Torget";"201";"59,15";"18,05";"Rad ett\nrad två; med ""citat""";"1 234,5";'
        '"1 200";"X"\n'
        '"00018";"46347";"12:05 AM";"okänd gata 5";"305";"59,05";"18,05";"";"";"";""\n'
        '"00019";"11/21/2026";"12:30 PM";"Torget";"999";"";"";"hej";"12,5";"";"?"\n'
    )
    result = read(tmp_path, body.replace("\n", "\r\n").encode("cp1252"), given=CODED, received_at=[RECEIVED_AT])
    found = rows(result)
    assert [row["source_key"] for row in found] == ["00017", "00018", "00019"]
    assert [row["occurred_from"] for row in found] == [utc(20, 22, 45), utc(20, 23, 5), utc(21, 11, 30)]
    assert [row["category"] for row in found] == ["ordning.storning", "skada.klotter", "okand"]
    assert [row["police_informed"] for row in found] == [True, False, None]
    assert [(row["quantity"], row["area_id"]) for row in found] == [(1200, "L1"), (None, "L2"), (None, None)]


def test_an_empty_word_for_no_is_answered_with_what_to_write() -> None:
    wrong = {**CODED, "police": {"yes": ["X"], "no": [""]}}
    assert any("blank_is_no" in fault for fault in check_mapping(wrong, categories()))


def test_a_total_is_no_report_in_whatever_column_it_stands_and_a_note_that_begins_so_is_one(tmp_path: Path) -> None:
    body = nordvakt_file(
        {"Rapportnr": "R1", "Beskrivning": "Total skadegörelse", "Tid från": "", "Polis tillkallad": ""},
        dict.fromkeys(NORDVAKT_ROW, "") | {"Händelsetyp": "Totalt antal", "Skada kr": "1"},
        dict.fromkeys(NORDVAKT_ROW, "") | {"Beskrivning": "Summa:", "Skada kr": "1 200"},
    )
    result = read(tmp_path, body)
    assert [row["source_key"] for row in rows(result)] == ["R1"]
    assert reasons(result) == [(2, "totals_row", None), (3, "totals_row", None)]


def test_a_position_of_two_noughts_is_a_missing_one_in_sweref_too(tmp_path: Path) -> None:
    (row,) = rows(read(tmp_path, nordvakt_file({"Objekt": "Bakom kiosken", "N": "0", "E": "0,0"})))
    assert (row["location_precision"], row["municipality_code"]) == ("kommun", "0199")
    assert row["dq_flags"] == "place_unmatched,position_null_island"
