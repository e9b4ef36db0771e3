"""Text tables from strangers: what is read, what is refused, and that both paths read the same."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import tabular_csv, tabular_table
from connectors.kit import DeliveryError
from connectors.tabular import TableSpec, Tabular, read_table
from connectors.tabular_csv import FIELD_CAP, LINE_CAP
from connectors.tabular_text import decode

SPEC = TableSpec(
    columns={"id": ("Rapportnr", "Ärendenr"), "place": ("Plats", "Objekt"), "category": ("Händelsetyp",)},
    required=frozenset({"id", "category"}),
    ignored=("Beskrivning",),
)
HEADER = "Rapportnr;Plats;Händelsetyp;Beskrivning\n"


def read(text: str, encoding: str = "utf-8", spec: TableSpec = SPEC, **options: bool) -> Tabular:
    return read_table(text.encode(encoding), spec, **options)


def column(table: Tabular, field: str) -> list[str]:
    return table.columns.column(table.fields[field]).to_pylist()


def refusal(text: str | bytes, spec: TableSpec = SPEC) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        read_table(text.encode() if isinstance(text, str) else text, spec)
    return caught.value


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_file_without_a_line_break_at_its_end_may_be_cut_off_and_is_noticed(ending: str, encoding: str) -> None:
    table = read(f"{HEADER}1;Torget;Klotter;{ending}", encoding)
    assert len(table.columns) == 1
    noticed = "last_line_open" in [one.notice for one in table.notices]
    assert noticed is (ending == "")
    assert not any(one.notice == "last_line_open" for one in read(HEADER.strip()).notices)  # no row, none cut


def test_a_mark_of_the_byte_order_that_stands_twice_is_no_part_of_the_first_header() -> None:
    assert column(read("\ufeff" + HEADER + "1;Torget;Klotter;\n", "utf-8-sig"), "id") == ["1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be"])
def test_swedish_letters_come_back_whole_from_every_encoding(encoding: str) -> None:
    table = read(HEADER + "1;Södermalm Åre;Bråk;x\n" * 4, encoding)
    assert column(table, "place") == ["Södermalm Åre"] * 4
    assert column(table, "category") == ["Bråk"] * 4


def test_curly_quotes_and_euro_sign_of_cp1252_are_read() -> None:
    assert column(read(HEADER + "1;“Torget” 5 €;Bråk;\n", "cp1252"), "place") == ["“Torget” 5 €"]


def test_bytes_that_cp1252_does_not_know_are_read_as_latin_1_and_shown_as_escapes() -> None:
    table = read_table(HEADER.encode("latin-1") + b"1;S\xf6der\x81;Br\xe5k;\n", SPEC)
    assert table.encoding == "latin-1"
    assert column(table, "place") == ["Söder\\x81"]


def test_an_encoding_other_than_the_mapping_promises_is_read_and_noticed() -> None:
    spec = TableSpec(SPEC.columns, SPEC.required, SPEC.ignored, encoding="cp1252", separator=";")
    table = read(HEADER + "1;Åre;Bråk;\n", "utf-8", spec)
    assert column(table, "place") == ["Åre"]
    assert [(notice.notice, notice.detail) for notice in table.notices] == [
        ("encoding_differs", "utf-8, mappningen cp1252")
    ]
    assert read(HEADER + "1;Åre;Bråk;\n", "cp1252", spec).notices == []


def test_nul_and_control_characters_become_visible_escapes_and_are_counted() -> None:
    table = read(HEADER + "1;To\x00rg\x1bet\x9b;Bråk;\n")
    assert column(table, "place") == ["To\\x00rg\\x1bet\\x9b"]
    assert [(notice.notice, notice.count) for notice in table.notices] == [("control_characters", 3)]


def test_doubly_encoded_text_is_flagged_and_not_repaired() -> None:
    twice = (HEADER + "1;Södermalm på ön;x;\n").encode().decode("cp1252")
    found = decode(twice.encode(), None)
    assert found.mojibake_count == 4
    assert "SÃ¶dermalm".encode() in found.utf8
    assert decode("Älvsjö, São Paulo, Ãland, å ä ö".encode(), None).mojibake_count == 0


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found_on_the_header(separator: str) -> None:
    table = read((HEADER + "1;Torget;Bråk;x\n").replace(";", separator))
    assert (table.separator, column(table, "place")) == (separator, ["Torget"])


def test_values_follow_headers_and_never_positions() -> None:
    table = read("Händelsetyp;Ärendenr;Objekt\nBråk;7;Torget\n")
    assert (column(table, "id"), column(table, "category")) == (["7"], ["Bråk"])


def test_headers_are_compared_without_case_spacing_or_letter_composition() -> None:
    table = read("RAPPORTNR :; plats ;Ha\u0308ndelsetyp\n1;Torget;Bråk\n")
    assert column(table, "category") == ["Bråk"]


def test_the_header_is_found_below_title_rows_and_totals_and_blank_rows_are_set_aside() -> None:
    text = "Rapport augusti;;;\n;;;\n" + HEADER + "1;Torget;Bråk;x\n;;;\n\nSumma;1;;\n"
    table = read(text)
    assert column(table, "id") == ["1"]
    assert [(reject.record_number, reject.reason) for reject in table.rejects] == [(2, "blank_row"), (3, "totals_row")]
    assert table.record_count == 3


def test_a_row_that_holds_some_of_the_headers_by_chance_is_not_taken_for_the_header() -> None:
    table = read("Rapportnr;Händelsetyp;;\n" + HEADER + "1;Torget;Bråk;x\n")
    assert column(table, "id") == ["1"] and table.record_count == 1


def test_a_footnote_without_separators_stays_a_row_of_one_cell() -> None:
    table = read(HEADER + "1;Torget;Bråk;x\n* preliminära uppgifter\n")
    assert table.filled_counts.tolist() == [4, 1]


def test_ragged_rows_are_rejected_with_their_number_and_the_good_rows_stand() -> None:
    table = read(HEADER + "1;Torget;Bråk;x\n2;Torget;Bråk\n3;Torget;Bråk;x;y\n4;Torget;Bråk;x;;\n")
    assert column(table, "id") == ["1", "4"]
    assert [(r.record_number, r.reason, r.detail) for r in table.rejects] == [
        (2, "ragged_row", "3 fält i stället för 4: raden kan vara avkortad"),
        (3, "ragged_row", "5 fält i stället för 4: ett skiljetecken i en text utan citattecken"),
    ]
    assert table.record_numbers.tolist() == [1, 4]


def test_quoted_fields_may_hold_separators_newlines_and_doubled_quotes() -> None:
    table = read(HEADER + '1;"Torget; norra\nsidan";Bråk;"sa ""nej"""\n2;Ån;Hot;\n')
    assert column(table, "place") == ["Torget; norra\nsidan", "Ån"]
    assert table.columns.column("Beskrivning").to_pylist() == ['sa "nej"', ""]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_ending_is_read(ending: str) -> None:
    assert column(read((HEADER + "1;A;Bråk;\n2;B;Bråk;\n").replace("\n", ending)), "id") == ["1", "2"]


@pytest.mark.parametrize("body", ['1;"abc', '1;Torget;"Bråk;x\n2;Torget;"Hot";y\n'])
def test_an_unterminated_quote_refuses_the_file(body: str) -> None:
    assert refusal(HEADER + body).reason == "unterminated_quote"


def test_a_duplicate_header_refuses_the_file() -> None:
    assert refusal("Rapportnr;Händelsetyp;rapportnr \n1;Bråk;2\n").reason == "duplicate_header"


def test_a_duplicate_among_unwanted_headers_refuses_the_file_too() -> None:
    assert refusal("Rapportnr;Händelsetyp;Not;not\n1;Bråk;2;3\n").reason == "duplicate_header"


def test_text_after_a_closing_quote_refuses_the_file_on_both_paths() -> None:
    assert refusal(HEADER + '1;"abc"x;Bråk;y\n').reason == "unterminated_quote"


def test_two_headers_for_one_field_refuse_the_file() -> None:
    assert refusal("Rapportnr;Händelsetyp;Ärendenr\n1;Bråk;2\n").reason == "duplicate_header"


def test_a_missing_required_column_refuses_the_file_and_names_what_was_wanted() -> None:
    error = refusal("Rapportnr;Plats;Händelseslag\n1;Torget;Bråk\n")
    assert error.reason == "column_missing"
    assert "category (Händelsetyp)" in error.detail
    assert "Händelseslag" not in error.detail
    assert error.record_count == 1


def test_a_file_without_known_headers_is_refused() -> None:
    assert refusal("a;b;c\n1;2;3\n").reason == "header_missing"


def test_a_column_nobody_named_is_told_of_and_an_unnamed_empty_one_is_not() -> None:
    assert read("Rapportnr;Händelsetyp;Larmtyp;\n1;Bråk;x;\n").new_columns == [(3, "Larmtyp")]


def test_an_empty_file_is_told_from_a_header_without_rows() -> None:
    assert refusal(b"").reason == "empty_file"
    assert refusal(b"\xef\xbb\xbf\r\n").reason == "empty_file"
    allowing = TableSpec(SPEC.columns, SPEC.required, allow_empty=True)
    assert read_table(b"", allowing).is_empty_file
    table = read(HEADER)
    assert (table.is_empty_file, table.record_count) == (False, 0)


def test_a_huge_field_line_or_file_is_refused() -> None:
    assert refusal(HEADER + "1;" + "x" * (FIELD_CAP + 1) + ";Bråk;\n").reason == "field_too_large"
    many_lines = "\n".join(["x" * 1000] * (FIELD_CAP // 1000 + 1))
    assert refusal(HEADER + f'1;"{many_lines}";Bråk;\n').reason == "field_too_large"
    assert refusal(HEADER + "1;" + "x;" * (LINE_CAP // 2) + "\n").reason == "line_too_long"
    small = TableSpec(SPEC.columns, SPEC.required, byte_cap=10)
    assert refusal(HEADER, small).reason == "too_large"


def test_a_workbook_where_text_was_promised_is_refused_with_advice() -> None:
    error = refusal(b"PK\x03\x04rest")
    assert error.reason == "format_unexpected"
    assert "CSV" in error.detail


def test_a_regular_file_takes_the_fast_path_and_an_irregular_one_does_not() -> None:
    assert read(HEADER + '1;"Torget; norra";Bråk;x\n').is_fast
    assert not read(HEADER + '1;5" rör;Bråk;x\n').is_fast


CELL = st.text(alphabet='a å;"\n\r,\t', max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELL, min_size=1, max_size=5), max_size=6), st.booleans())
def test_the_fast_and_the_careful_path_read_the_same(rows: list[list[str]], quoted: bool) -> None:
    def written(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if quoted else cell

    body = (HEADER + "".join(";".join(map(written, row)) + "\n" for row in rows)).encode()
    answers = []
    for careful in (False, True):
        try:
            table = read_table(body, SPEC, careful=careful)
            answers.append(
                (table.columns.to_pylist(), table.record_numbers.tolist(), table.rejects, table.record_count)
            )
        except DeliveryError as error:
            answers.append(error.reason)
    assert answers[0] == answers[1]


def test_a_cell_is_blank_where_trimming_leaves_nothing() -> None:
    letters = pa.array(["", *(chr(n) for n in range(0x3100) if not 0xD800 <= n < 0xE000), " a\u2003", None, ""])
    trimmed = [bool(text) for text in pc.utf8_trim_whitespace(letters).to_pylist()]
    for start in (0, 1, 40):
        assert tabular_table._has_text(letters.slice(start)).tolist() == trimmed[start:]
    assert 20 < trimmed.count(False) < 40
    assert tabular_table._has_text(letters[:0]).tolist() == tabular_table._has_text(pa.array([], pa.string())).tolist()


@pytest.mark.parametrize(("body", "is_regular"), [(b"a\r\nb\r\n", True), (b"a\r\nb\r", False), (b"\ra\r\n", False)])
def test_a_carriage_return_is_half_a_line_end_or_the_file_is_read_carefully(body: bytes, is_regular: bool) -> None:
    assert tabular_csv._ends_with_lf(np.frombuffer(body, np.uint8)) == is_regular


def test_a_line_is_too_long_from_one_byte_above_the_cap_wherever_it_stands() -> None:
    for length in range(8):
        for before, after in product((b"", b"ab\n", b"\n\n", b"abcde\nabc\n"), (b"", b"\n", b"\nabcde", b"\nab\n")):
            body = before + b"x" * length + after
            longest = max(map(len, body.split(b"\n")))
            assert tabular_csv._has_line_above(5, body) == (longest > 5)
            assert tabular_csv._has_line_above(5, b"y" * 9 + b"\n" + body, 10) == (longest > 5)


def test_a_header_below_the_first_bytes_is_found() -> None:
    lines = [f"titel {number} {'x' * 600}" for number in range(tabular_csv.HEAD_ROWS - 1)] + ["a;b", "1;2"]
    rows = tabular_csv.head_rows("\n".join(lines).encode(), ";", '"')
    assert len(rows) == tabular_csv.HEAD_ROWS
    assert rows[-1] == (tabular_csv.HEAD_ROWS, ["a", "b"])


def test_a_header_that_stands_again_is_no_record_and_no_fault() -> None:
    body = "ID;Dag\n1;a\nID;Dag\n2;b\nID;c\n"
    spec = TableSpec({"id": ("ID",), "day": ("Dag",)}, frozenset({"id"}))
    table = read_table(body.encode(), spec)
    assert table.columns.column("ID").to_pylist() == ["1", "2", "ID"]
    assert [(one.record_number, one.reason) for one in table.rejects] == [(2, "repeated_header")]
