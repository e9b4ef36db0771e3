"""Registers: a municipality's own lists of insatser, events, resources and questions, read as data."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors.kit import Delivery, FeedContext, Owner
from connectors.normalised import Normalised
from connectors.register_tabular.connector import check_mapping, check_options, normalise
from connectors.register_tabular.fields import TABLED, fields_of, spellings
from connectors.register_tabular.values import TEXT_CAP, read_clock, read_count, read_day, read_weekdays
from flows.settings import BUNDLED, read_settings
from warehouse.contract import ALLOWED, REGISTER_COLUMNS

RECEIVED_AT = datetime(2026, 10, 15, 14, 5, tzinfo=UTC)
HEADER = (
    "Nr",
    "Problem",
    "Typ",
    "Kategori",
    "Plats",
    "Område",
    "Ägare",
    "Start",
    "Slut",
    "Kl från",
    "Status",
    "Utfall",
)
ROW = ("I-1", "Klotter", "kontroll", "skada.klotter", "Torget", "", "Nordvakt", "2026-10-01", "2026-10-20", "21.00",
       "Pågår", "")  # fmt: skip


@pytest.fixture(scope="module")
def context() -> FeedContext:
    from dataclasses import replace

    town = read_settings(BUNDLED / "lindvik").context("insatser")
    return replace(town, owners=(*town.owners, Owner("ny", "Nya laget", "annan", ("Laget",))))


def told(folder: Path, context: FeedContext, *bodies: bytes, **options: Any) -> Normalised:
    from dataclasses import replace

    deliveries = []
    for n, body in enumerate(bodies):
        sha256 = hashlib.sha256(body).hexdigest()
        (folder / sha256).write_bytes(body)
        received = RECEIVED_AT.replace(minute=5 + n)
        deliveries.append(Delivery("insatser", sha256, received, "insatser.csv", "run-1", folder / sha256))
    mapping = options.pop("mapping", None)
    given = {"register": "insats", "delivers": "whole"} | options
    return normalise(deliveries, replace(context, options=given, mapping=mapping), None)


def file_of(*rows: Sequence[str], header: Sequence[str] = HEADER) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


def row(**cells: str) -> list[str]:
    names = dict(zip(HEADER, ROW, strict=True)) | {key.replace("_", " "): value for key, value in cells.items()}
    return [names[name] for name in HEADER]


def rows_of(found: Normalised) -> list[dict[str, Any]]:
    assert found.told is not None
    return list(found.told.rows.to_pylist())


def test_a_row_becomes_an_entry_with_codes_ids_and_days(tmp_path, context):
    (entry,) = rows_of(told(tmp_path, context, file_of(ROW)))
    assert entry["entry_id"] == "insatser:I-1"
    assert (entry["insats_type"], entry["insats_status"], entry["category"]) == ("kontroll", "pagar", "skada.klotter")
    assert (entry["place_id"], entry["area_id"], entry["owner_id"]) == ("stortorget", "centrum", "ordningsvakter")
    assert (entry["start_day"], entry["stop_day"], entry["clock_from"]) == (
        date(2026, 10, 1), date(2026, 10, 20), "21:00")  # fmt: skip
    assert entry["outcome"] is None and entry["dq_flags"] == ""


def test_who_is_not_on_the_list_of_owners_is_unknown_and_never_leaves(tmp_path, context):
    found = told(tmp_path, context, file_of(row(Ägare="Kalle Karlsson")))
    (entry,) = rows_of(found)
    assert entry["owner_id"] is None and entry["dq_flags"] == "owner_unknown"
    (notice,) = found.notices.to_pylist()
    assert (notice["notice"], notice["field"]) == ("unmapped_word", "owner")
    assert "Karlsson" not in str(rows_of(found)) + str(found.notices.to_pylist()) + str(found.rejects.to_pylist())


def test_personal_data_in_a_text_is_hidden_before_the_text_is_cut(tmp_path, context):
    found = told(tmp_path, context, file_of(row(Problem="x" * 150 + " 070-174 06 05", Utfall="ring 070-174 06 05")))
    (entry,) = rows_of(found)
    assert "070" not in entry["problem"] + entry["outcome"]
    assert len(entry["problem"]) <= 160 and entry["pii_flags"] == "phone"


@pytest.mark.parametrize(
    ("cells", "reason", "field"),
    [
        ({"Problem": ""}, "value_missing", "problem"),
        ({"Start": "2026-10-21"}, "interval_backwards", "stop"),
    ],
)
def test_a_row_its_register_cannot_do_with_is_rejected_with_its_reason(tmp_path, context, cells, reason, field):
    found = told(tmp_path, context, file_of(row(**cells)))
    assert [(one["reason"], one["field"]) for one in found.rejects.to_pylist()] == [(reason, field)]
    assert rows_of(found) == []
    assert found.outcomes[0].seen_count == found.outcomes[0].rejected_count == 1


def test_a_number_used_twice_is_read_once_and_told(tmp_path, context):
    found = told(tmp_path, context, file_of(ROW, row(Problem="Annat")))
    assert [one["problem"] for one in rows_of(found)] == ["Klotter"]
    assert [one["reason"] for one in found.rejects.to_pylist()] == ["key_repeated"]


def test_a_day_that_cannot_be_read_leaves_the_day_unknown_and_the_insats_standing(tmp_path, context):
    found = told(tmp_path, context, file_of(row(Slut="snart")))
    (entry,) = rows_of(found)
    assert entry["stop_day"] is None and entry["dq_flags"] == "stop_unreadable"
    assert [one["notice"] for one in found.notices.to_pylist()] == ["value_unreadable"]


def test_a_refused_row_is_held_so_that_it_is_not_taken_for_withdrawn(tmp_path, context):
    found = told(tmp_path, context, file_of(ROW, row(Nr="I-2", Problem="")))
    assert found.told is not None
    assert list(found.told.held.values()) == [frozenset({"insatser:I-2"})]


def test_a_file_of_another_shape_is_held_whole(tmp_path, context):
    found = told(tmp_path, context, file_of(*(row(Nr=f"I-{n}", Problem="") for n in range(4))))
    assert [(one.disposition, one.reason) for one in found.outcomes] == [("quarantined", "too_many_rejects")]


def test_a_row_without_a_number_keeps_its_identity_from_what_tells_rows_apart(tmp_path, context):
    first, again, other = (
        rows_of(told(tmp_path, context, file_of(cells)))[0]["entry_id"]
        for cells in (row(Nr=""), row(Nr="", Status="Genomförd"), row(Nr="", Plats="Stadsparken"))
    )
    assert first == again != other


def test_a_workbook_with_other_headers_and_words_is_read_by_its_mapping(tmp_path, context):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Beslut")
        sheet.write_row(0, 0, ["Rubrik", "Klart", "Läge"])
        sheet.write(1, 0, "Klotter")
        sheet.write_datetime(1, 1, datetime(2026, 10, 20))  # noqa: DTZ001 - a spreadsheet's day
        sheet.write(1, 2, "Färdigt")
    mapping = {
        "format": {"kind": "xlsx", "sheet": "Beslut"},
        "columns": {"problem": ["Rubrik"], "stop": ["Klart"], "status": ["Läge"]},
        "words": {"status": {"Färdigt": "klar"}},
    }
    assert check_mapping(mapping, {}) == []
    (entry,) = rows_of(told(tmp_path, context, buffer.getvalue(), mapping=mapping))
    assert (entry["problem"], entry["stop_day"], entry["insats_status"]) == ("Klotter", date(2026, 10, 20), "klar")


def test_a_question_needs_its_question_and_a_status_its_area(tmp_path, context):
    header = ("Nr", "Slag", "Område", "Fråga", "Områdesstatus")
    body = file_of(
        ("1", "fråga", "", "Vem?", ""), ("2", "fråga", "", "", ""), ("3", "områdesstatus", "Hamnen", "", "Gul"),
        ("4", "områdesstatus", "", "", "Gul"), header=header)  # fmt: skip
    found = told(tmp_path, context, body, register="assessment")
    assert [one["source_key"] for one in rows_of(found)] == ["1", "3"]
    assert [one["field"] for one in found.rejects.to_pylist()] == ["question", "area"]


def test_the_fields_of_each_register_fill_the_contract_s_columns_and_no_others():
    assert set(REGISTER_COLUMNS) - set(TABLED) == {"weather_warning", "public_alert"}  # of connectors of their own
    for register in TABLED:
        columns = REGISTER_COLUMNS[register]
        filled = [field.column for field in fields_of(register) if field.reads != "key"]
        assert sorted(filled) == sorted(name for name, _ in columns), register


def test_every_word_is_one_the_contract_allows_and_every_allowed_word_can_be_written():
    for column, words in spellings().items():
        assert set(words.values()) == ALLOWED[column], column


def test_faults_in_options_and_mapping_say_what_to_write():
    assert check_options({"register": "insats"}) == []
    assert check_options({"register": "insatser", "delivers": "all", "x": 1}) == [
        "x: unknown option; write register and delivers",
        "register: is unknown; write one of " + ", ".join(TABLED),
        "delivers: is unknown; write one of whole, changes",
    ]
    faults = check_mapping({"columns": {"probelm": ["x"]}, "words": {"status": {"x": "y"}}, "colums": {}}, {})
    assert [fault.split(":")[0] for fault in faults] == ["colums", "columns.probelm", "words.status"]


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (read_clock, "18", "18:00"),
        (read_clock, "kl. 9.30", "09:30"),
        (read_clock, "24.00", "24:00"),
        (read_clock, "24.30", None),
        (read_clock, "kväll", None),
        (read_count, "1 400", 1400),
        (read_count, "12,0", 12),
        (read_count, "12,5", None),
        (read_count, "-1", None),
        (read_weekdays, "fre-lör", "5,6"),
        (read_weekdays, "lördag och söndag", "6,7"),
        (read_weekdays, "fre–mån", "1,5,6,7"),
        (read_weekdays, "alla", "1,2,3,4,5,6,7"),
        (read_weekdays, "helger", None),
    ],
)
def test_clocks_counts_and_weekdays_are_read_in_one_way_or_not_at_all(read, text, value):
    assert read(text) == value


def test_a_day_of_another_century_is_no_day():
    assert read_day("1900-01-01", ("%Y-%m-%d",)) is None
    assert read_day("16/10/2026", ("%Y-%m-%d", "%d/%m/%Y")) == "2026-10-16"


def test_a_long_text_is_cut_after_what_is_personal_was_taken_out_of_it(tmp_path, context):
    text = "x" * (TEXT_CAP - 4) + " 070-174 06 05 och mer än så"
    (entry,) = rows_of(told(tmp_path, context, file_of(row(Problem=text))))
    assert len(entry["problem"]) <= TEXT_CAP and "070" not in entry["problem"] and entry["pii_flags"] == "phone"
