"""Columns as whole numbers tell the rows apart as the columns themselves do."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse import codes
from warehouse.codes import codes_of, encoded, groups_of, says_one_of

WORDS = st.sampled_from([None, "", "a", "b", "å"])
ROWS = st.lists(st.tuples(WORDS, st.sampled_from([None, -5, 0, 7, 2**40]), st.booleans()), max_size=30)


def columns_of(rows: list[tuple]) -> list[pa.ChunkedArray]:
    """Texts as a dictionary that says each thing twice, one chunk with another dictionary; numbers; truths."""
    twice = ["", "", "a", "a", "b", "b", "å", "å"]
    where = [None if row[0] is None else twice.index(row[0]) + place % 2 for place, row in enumerate(rows)]
    words = pa.DictionaryArray.from_arrays(pa.array(where, pa.int32()), pa.array(twice))
    half = len(rows) // 2
    parts = [words[:half], words[half:].cast(pa.string()).dictionary_encode()]
    return [
        pa.chunked_array(parts, words.type),
        pa.chunked_array([pa.array([row[1] for row in rows], pa.int64())]),
        pa.chunked_array([pa.array([row[2] for row in rows], pa.bool_())]),
    ]


@pytest.mark.parametrize("wide", [codes.WIDE, 4])
def test_rows_are_of_one_group_where_all_their_columns_say_the_same(wide: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(codes, "WIDE", wide)

    @given(ROWS)
    def held(rows: list[tuple]) -> None:
        columns = columns_of(rows)
        for words in (columns[0], columns[0].chunk(0), columns[0].cast(pa.string())):
            told = rows[: len(words)]
            row, group = groups_of([codes_of(words), *(codes_of(column[: len(words)]) for column in columns[1:])])
            assert [told[row[place]] for place in group] == told
            assert len({told[place] for place in row}) == len(row) == len(set(told))

    held()


@given(ROWS)
def test_a_word_is_found_whatever_the_texts_are_encoded_as(rows: list[tuple]):
    words = columns_of(rows)[0]
    wanted = [row[0] in ("a", "å") for row in rows]
    assert says_one_of(words, ["å", "a"]).tolist() == wanted
    assert says_one_of(words.cast(pa.string()), ["å", "a"]).tolist() == wanted


@pytest.mark.parametrize("kind", [pa.string(), pa.date32(), pa.bool_(), pa.int8(), pa.timestamp("us", "UTC")])
def test_of_no_rows_there_are_no_groups(kind: pa.DataType):
    for none in (pa.chunked_array([], kind), pa.array([], kind)):
        row, group = groups_of([codes_of(none)])
        assert len(row) == len(group) == 0


def test_a_text_by_itself_is_encoded_with_each_word_once():
    column = pa.chunked_array([["b", "a"], ["a", None, "b"]])
    assert encoded(column).to_pylist() == column.to_pylist()
    assert encoded(column).dictionary.to_pylist() == ["b", "a"]
    assert encoded(column[:0]).to_pylist() == []
